package im.xpro.xnest;

import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that an {@link Xnest} makes where none are handed in: named daemons that start with
 * their first task and end when they have been idle for a while.
 */
final class Threads {
  private static final long IDLE_SECONDS = 10;

  private Threads() {}

  static ThreadPoolExecutor pool(String name, int size) {
    return pool(name, size, Integer.MAX_VALUE);
  }

  /**
   * @param waiting how many tasks may wait; more are refused
   */
  static ThreadPoolExecutor pool(String name, int size, int waiting) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            size,
            size,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  static ScheduledThreadPoolExecutor timer(String name) {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named(name));
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timer;
  }

  /** A timer that forgets what comes after it was shut down: there is nobody left to serve. */
  static Timer on(ScheduledThreadPoolExecutor threads) {
    return (delay, task) -> {
      try {
        threads.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException closed) {
        assert threads.isShutdown();
      }
    };
  }

  /** What went wrong in a stage, without the wrappings of the stages behind it. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause(cause) : failure;
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
