package im.xpro.xnest.server.javawebsocket;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of one kind that all connections together may hold. Any thread. */
final class Budget {
  private final long most;
  private final long spare;
  private final Runnable whenOver;
  private final AtomicLong taken = new AtomicLong();

  /** What one connection has taken. */
  final class Share {
    private final AtomicLong own = new AtomicLong();

    /** As {@link Budget#take}. */
    boolean take(long bytes) {
      own.addAndGet(bytes);
      return Budget.this.take(bytes);
    }

    long taken() {
      return own.get();
    }
  }

  /**
   * @param spare how much more there is until others give theirs back
   * @param whenOver run whenever more than {@code most} is taken; may be asked to do so by many at
   *     once
   */
  Budget(long most, long spare, Runnable whenOver) {
    this.most = most;
    this.spare = spare;
    this.whenOver = whenOver;
  }

  Share share() {
    return new Share();
  }

  /**
   * Takes {@code bytes}, or gives them back when negative. What is refused counts as taken: whoever
   * asked gives it back when it has let go of it.
   *
   * @return false if that is more than there is, what is spare included
   */
  boolean take(long bytes) {
    long now = taken.addAndGet(bytes);
    if (bytes > 0 && now > most) {
      whenOver.run();
    }
    return bytes <= 0 || now <= most + spare;
  }

  /** Whether there is no more, what is spare included. */
  boolean isSpent() {
    return taken.get() > most + spare;
  }

  /** How much must be given back. */
  long over() {
    return Math.max(0, taken.get() - most);
  }

  long taken() {
    return taken.get();
  }
}
