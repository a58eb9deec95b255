package im.xpro.xnest.testkit;

import im.xpro.xnest.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Runs tasks at once, or after a while, or holds them back until they are let go: a slow store, or
 * one that is paused. A task that comes while another runs is run behind it. One thread.
 *
 * <pre>{@code
 * kit.storage().hold();
 * lin.types("hello");
 * lin.hearsNothing();
 *
 * kit.storage().letGo();
 *
 * lin.hears(lin.said("hello"));
 * }</pre>
 */
public final class HeldExecutor implements Executor {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean holding;
  private boolean running;
  private final Timer timer;
  private final Consumer<String> note;
  private Duration delay = Duration.ZERO;

  /**
   * @param note is told what it does from now on
   */
  HeldExecutor(Timer timer, Consumer<String> note) {
    this.timer = timer;
    this.note = note;
  }

  @Override
  public void execute(Runnable task) {
    if (delay.isZero()) {
      add(task);
    } else {
      timer.after(delay, () -> add(task));
    }
  }

  private void add(Runnable task) {
    tasks.add(task);
    runAll();
  }

  /**
   * Lets each task that comes from now on wait so long, by the kit's clock, before it is run.
   *
   * @throws IllegalArgumentException if {@code each} is negative
   */
  public void takes(Duration each) {
    if (each.isNegative()) {
      throw new IllegalArgumentException("each is " + each + ", must be 0 or more");
    }
    note.accept("the storage takes " + each);
    delay = each;
  }

  /** Holds back all that comes from now on. */
  public void hold() {
    note.accept("the storage is held");
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
    note.accept("the storage is let go");
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
