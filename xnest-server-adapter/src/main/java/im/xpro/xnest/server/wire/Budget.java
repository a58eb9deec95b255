package im.xpro.xnest.server.wire;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of one kind that all connections together may hold. Any thread. */
public final class Budget {
  private final long most;
  private final long spare;
  private final Runnable whenOver;
  private final AtomicLong taken = new AtomicLong();

  /** What one connection has taken. */
  public final class Share {
    private final AtomicLong own = new AtomicLong();

    /** As {@link Budget#take}. */
    public boolean take(long bytes) {
      own.addAndGet(bytes);
      return Budget.this.take(bytes);
    }

    /** Bytes that it has taken. */
    public long taken() {
      return own.get();
    }
  }

  /**
   * @param most bytes
   * @param spare how much more there is until others give theirs back
   * @param whenOver run whenever more than {@code most} is taken; may be asked to do so by many at
   *     once
   */
  public Budget(long most, long spare, Runnable whenOver) {
    this.most = most;
    this.spare = spare;
    this.whenOver = whenOver;
  }

  /** For one more connection. */
  public Share share() {
    return new Share();
  }

  /**
   * Takes {@code bytes}, or gives them back when negative. What is refused counts as taken: whoever
   * asked gives it back when it has let go of it.
   *
   * @return false if that is more than there is, what is spare included
   */
  public boolean take(long bytes) {
    long now = taken.addAndGet(bytes);
    if (bytes > 0 && now > most) {
      whenOver.run();
    }
    return bytes <= 0 || now <= most + spare;
  }

  /** Whether there is no more, what is spare included. */
  public boolean isSpent() {
    return taken.get() > most + spare;
  }

  /** How much must be given back. */
  public long over() {
    return Math.max(0, taken.get() - most);
  }

  /** Bytes that are taken now. */
  public long taken() {
    return taken.get();
  }
}
