package im.xpro.xnest;

import java.time.Duration;

/**
 * Runs tasks later. The default is a daemon thread; the testkit's clock is turned by hand. Any
 * thread may call it.
 */
@FunctionalInterface
public interface Timer {
  /** Runs {@code task}, which is short and does not block, once {@code delay} has passed. */
  void after(Duration delay, Runnable task);
}
