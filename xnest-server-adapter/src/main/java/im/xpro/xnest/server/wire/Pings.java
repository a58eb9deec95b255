package im.xpro.xnest.server.wire;

import im.xpro.xnest.Limits;
import java.util.concurrent.TimeUnit;

/**
 * The rate of a peer's pings (GCRA: one time stands for the whole bucket). One thread at a time.
 */
public final class Pings {
  private static final int TOO_MANY = 1_000;

  private final long every;
  private final long saved;

  /** When its burst will be whole again. */
  private long wholeAt = Long.MIN_VALUE;

  private int over;

  /** With the rate and the burst of {@code limits}. */
  public Pings(Limits limits) {
    every = TimeUnit.SECONDS.toNanos(1) / limits.pingRate();
    saved = every * limits.pingBurst();
  }

  /** Whether the ping that has come {@code now} is within the rate. */
  public boolean isInRate(long now) {
    if (wholeAt <= now) {
      wholeAt = now;
      over = 0;
    }
    if (wholeAt + every - now > saved) {
      over++;
      return false;
    }
    wholeAt += every;
    return true;
  }

  /** Whether the peer is far over its rate. */
  public boolean areTooMany() {
    return over > TOO_MANY;
  }
}
