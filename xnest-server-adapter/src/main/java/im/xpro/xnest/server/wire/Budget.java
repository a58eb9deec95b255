package im.xpro.xnest.server.wire;

import java.util.Comparator;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

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

  /**
   * Has those give way who hold most unfairly, until the rest fits. What those hold who are let go
   * is free soon; nobody else has to go for it.
   */
  public void makeRoom(Stream<? extends Holder> all) {
    record Holds(Holder holder, boolean isEnding, long bytes, double burden) {}
    long over = over();
    if (over == 0) {
      return;
    }
    Iterator<Holds> heaviest =
        all.map(one -> new Holds(one, one.isEnding(), one.unfinished(), one.burden()))
            .filter(holds -> holds.bytes() > 0)
            .sorted(
                Comparator.comparing(Holds::isEnding)
                    .thenComparing(Holds::burden)
                    .thenComparing(Holds::bytes)
                    .reversed())
            .iterator();
    while (over > 0 && heaviest.hasNext()) {
      Holds next = heaviest.next();
      if (!next.isEnding()) {
        next.holder().giveWay();
      }
      over -= next.bytes();
    }
  }

  /** Bytes that are taken now. */
  public long taken() {
    return taken.get();
  }
}
