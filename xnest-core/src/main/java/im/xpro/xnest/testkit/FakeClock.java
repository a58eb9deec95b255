package im.xpro.xnest.testkit;

import im.xpro.xnest.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * A clock that stands still until it is turned by hand, and then runs what is due. One thread.
 *
 * <pre>{@code
 * kit.clock().turn(Duration.ofMinutes(5));
 *
 * lin.hears(greeter.said("Is anybody here?"));
 * }</pre>
 */
public final class FakeClock implements InstantSource, Timer {
  private record Due(Instant at, long order, Runnable task) {}

  private final Queue<Due> dues =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparing(Due::order));
  private Instant now;
  private long count;

  private final Consumer<Duration> turning;

  /**
   * @param turning hears of each turn before it begins
   */
  FakeClock(Instant now, Consumer<Duration> turning) {
    this.now = now;
    this.turning = turning;
  }

  /** Stands at {@code now}. */
  public static FakeClock at(Instant now) {
    return new FakeClock(now, duration -> {});
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public void after(Duration delay, Runnable task) {
    dues.add(new Due(now.plus(delay), count++, task));
  }

  /**
   * Turns on by {@code duration}, running each task that falls due at its own time.
   *
   * @throws IllegalArgumentException if {@code duration} is negative
   */
  public void turn(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration is " + duration + ", must be 0 or more");
    }
    turning.accept(duration);
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
