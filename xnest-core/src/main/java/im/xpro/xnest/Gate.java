package im.xpro.xnest;

/** Lets people into one room at its rate. Any thread. */
final class Gate {
  private final Bucket joins;
  private final long patience;

  /** Those whose turn was given to them before they entered. */
  private int expected;

  Gate(Limits limits, long now) {
    joins = new Bucket(limits.joinRate(), 1_000, limits.joinBurst(), now);
    patience = limits.joinTime().toMillis();
  }

  /** For somebody who will enter once that time has passed; as {@link #enter}. */
  synchronized long expect(long now) {
    long wait = turn(now);
    if (wait >= 0) {
      expected++;
    }
    return wait;
  }

  /**
   * For somebody who enters.
   *
   * @return how many milliseconds it is to wait; negative if that is too long
   */
  synchronized long enter(long now) {
    if (expected > 0) {
      expected--;
      return 0;
    }
    return turn(now);
  }

  private long turn(long now) {
    long wait = joins.waitFor(1, now);
    if (wait > patience) {
      return -1;
    }
    joins.spend(1);
    return wait;
  }
}
