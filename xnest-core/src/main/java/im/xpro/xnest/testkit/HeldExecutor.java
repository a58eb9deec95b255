package im.xpro.xnest.testkit;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Runs tasks at once, or holds them back until they are let go: a slow store. A task that comes
 * while another runs is run behind it. One thread.
 */
public final class HeldExecutor implements Executor {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean holding;
  private boolean running;

  HeldExecutor() {}

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    runAll();
  }

  /** Holds back all that comes from now on. */
  public void hold() {
    holding = true;
  }

  /** Runs the task that has waited longest; false if none does. */
  public boolean runNext() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** Runs what waits, and from now on everything at once. */
  public void letGo() {
    holding = false;
    runAll();
  }

  private void runAll() {
    if (running) {
      return;
    }
    running = true;
    try {
      while (!holding && runNext()) {
        // each may bring another
      }
    } finally {
      running = false;
    }
  }

  /** How many tasks are held back. */
  public int waiting() {
    return tasks.size();
  }
}
