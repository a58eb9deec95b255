package im.xpro.xnest;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time and in order, on whatever threads the executor has. What waits is run in
 * one turn, up to a number that lets other mailboxes have theirs; {@code endOfTurn} closes each.
 * Where the executor refuses, be it for want of threads, the calling thread runs the turn: what
 * waits must not wait for ever.
 *
 * <p>Not bounded itself: each of its users bounds what it puts in.
 */
final class Mailbox implements Executor {
  private static final int TASKS_PER_TURN = 64;
  private static final int TASKS_OF_A_BATCH = 16;

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> urgent = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Executor executor;
  private final Runnable endOfTurn;
  private final Consumer<Throwable> failures;

  Mailbox(Executor executor, Runnable endOfTurn, Consumer<Throwable> failures) {
    this.executor = executor;
    this.endOfTurn = endOfTurn;
    this.failures = failures;
  }

  /** Any thread, also from within a task: it then runs behind all that waits already. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    schedule();
  }

  /** As {@link #execute}, but before all that waits and is not urgent. */
  void executeFirst(Runnable task) {
    urgent.add(task);
    schedule();
  }

  /**
   * Runs {@code body} on this thread. What it and others put in meanwhile is run in one turn behind
   * it, if no turn is going on already.
   *
   * @param here whether that turn, too, may be run on this thread, if it is short; else the
   *     executor has it
   */
  void batch(Runnable body, boolean here) {
    if (!scheduled.compareAndSet(false, true)) {
      body.run();
      return;
    }
    try {
      body.run();
    } finally {
      if (here && !isEmpty()) {
        turn(TASKS_OF_A_BATCH);
      } else {
        scheduled.set(false);
        schedule();
      }
    }
  }

  private boolean isEmpty() {
    return urgent.isEmpty() && tasks.isEmpty();
  }

  private @Nullable Runnable next() {
    Runnable task = urgent.poll();
    return task == null ? tasks.poll() : task;
  }

  private void schedule() {
    if (!isEmpty() && scheduled.compareAndSet(false, true)) {
      try {
        executor.execute(() -> turn(TASKS_PER_TURN));
      } catch (Throwable refused) {
        failures.accept(refused);
        turn(TASKS_PER_TURN);
      }
    }
  }

  /** Whatever is thrown where no memory is left even to report it, what waits has its turn. */
  private void turn(int most) {
    int left = most;
    boolean ended = false;
    try {
      do {
        Runnable task;
        while (left > 0 && (task = next()) != null) {
          left--;
          run(task);
        }
        run(endOfTurn);
      } while (left > 0 && !isEmpty());
      ended = true;
    } finally {
      if (!ended) {
        tasks.add(() -> {});
      }
      scheduled.set(false);
      schedule();
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable failure) {
      failures.accept(failure);
    }
  }
}
