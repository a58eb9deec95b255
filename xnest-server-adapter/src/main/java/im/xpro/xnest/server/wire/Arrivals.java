package im.xpro.xnest.server.wire;

/** How fast a peer's messages come. Any thread; {@link #tick} one at a time. */
public final class Arrivals {
  /** Bytes in a second; who sends less might as well send nothing. */
  private static final int SLOWEST = 256;

  /** Of what came lately, one part in so many is forgotten with each tick. */
  private static final int FORGETTING = 8;

  /** In a second. */
  private static final int TICKS = 4;

  /** How much has come lately, as the sweep has seen it. */
  private volatile long lately;

  private volatile int seen;

  /**
   * Called four times a second.
   *
   * @param arrived bytes that have come of a message that is not whole
   */
  public void tick(int arrived) {
    lately = lately - lately / FORGETTING + news(arrived);
    seen = arrived;
  }

  /** What has come since the last tick. */
  private int news(int arrived) {
    return arrived < seen ? arrived : arrived - seen;
  }

  /**
   * The seconds that it takes to send {@code unfinished} bytes at the speed at which the last came.
   * Who holds much and sends no more comes first, who has just begun, or sends what it has begun,
   * last.
   */
  public double burden(long unfinished, int arrived) {
    double speed = (double) (lately + news(arrived)) / FORGETTING * TICKS;
    return unfinished / (SLOWEST + speed);
  }
}
