package im.xpro.xnest.server.javawebsocket;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of one kind that all connections together may hold. Any thread. */
final class Budget {
  private final long most;
  private final Runnable whenOver;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param whenOver run whenever bytes are taken that there are not
   */
  Budget(long most, Runnable whenOver) {
    this.most = most;
    this.whenOver = whenOver;
  }

  /**
   * Takes {@code bytes}, or gives them back when negative. What is refused counts as taken: whoever
   * asked gives it back when it has let go of it.
   *
   * @return false if that is more than there is
   */
  boolean take(long bytes) {
    boolean fits = taken.addAndGet(bytes) <= most || bytes <= 0;
    if (!fits) {
      whenOver.run();
    }
    return fits;
  }

  /** Whether more is taken than there is. */
  boolean isOver() {
    return taken.get() > most;
  }

  long taken() {
    return taken.get();
  }
}
