package im.xpro.xnest.testkit;

import im.xpro.xnest.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A clock that stands still until it is turned by hand, and then runs what is due. One thread. */
public final class FakeClock implements InstantSource, Timer {
  private record Due(Instant at, long order, Runnable task) {}

  private final Queue<Due> dues =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparing(Due::order));
  private Instant now;
  private long count;

  private FakeClock(Instant now) {
    this.now = now;
  }

  /** Stands at {@code now}. */
  public static FakeClock at(Instant now) {
    return new FakeClock(now);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public void after(Duration delay, Runnable task) {
    dues.add(new Due(now.plus(delay), count++, task));
  }

  /** Turns on by {@code duration}, running each task that falls due at its own time. */
  public void turn(Duration duration) {
    Instant end = now.plus(duration);
    Due next;
    while ((next = dues.peek()) != null && !next.at.isAfter(end)) {
      dues.remove();
      now = next.at.isAfter(now) ? next.at : now;
      next.task.run();
    }
    now = end;
  }
}
