package im.xpro.xnest.server.javawebsocket;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all connections together may hold of what they have not finished. Any thread. */
final class Budget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  Budget(long most) {
    this.most = most;
  }

  /**
   * Takes {@code bytes}, or gives them back when negative. What is refused counts as taken: whoever
   * asked gives it back when it has let go of it.
   *
   * @return false if that is more than there is
   */
  boolean take(long bytes) {
    return taken.addAndGet(bytes) <= most || bytes <= 0;
  }

  long taken() {
    return taken.get();
  }
}
