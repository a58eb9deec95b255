package im.xpro.xnest;

/**
 * What may be spent at once and comes back steadily. Times are milliseconds of a wall clock: where
 * it is set back nothing comes in between, and nothing is lost. Not for several threads at once.
 */
final class Bucket {
  private final long rate;
  private final long period;
  private final long capacity;

  /** In parts of one: {@code rate} of them come in a millisecond, {@code period} make one. */
  private long parts;

  private long filledAt;

  /** How long it has not been full, as far as it was looked at. */
  private long lacking;

  /**
   * Is full at first.
   *
   * @param rate what comes back in {@code period}; 0 if there is no bound
   * @param period in milliseconds
   */
  Bucket(int rate, long period, int burst, long now) {
    this.rate = rate;
    this.period = period;
    this.capacity = burst * period;
    this.parts = capacity;
    this.filledAt = now;
  }

  /** Milliseconds until {@code amount} is there; all that it holds is enough for any amount. */
  long waitFor(long amount, long now) {
    if (rate == 0) {
      return 0;
    }
    fill(now);
    return timeFor(Math.min(amount * period, capacity));
  }

  /** Spends, even what is not there. */
  void spend(long amount) {
    parts -= amount * period;
  }

  /** How long it has not been full, in milliseconds. */
  long lacking() {
    return lacking;
  }

  private void fill(long now) {
    long passed = Math.max(0, now - filledAt);
    filledAt = now;
    if (passed >= timeFor(capacity)) {
      parts = capacity;
      lacking = 0;
    } else {
      parts += passed * rate;
      lacking += passed;
    }
  }

  private long timeFor(long wanted) {
    return wanted <= parts ? 0 : (wanted - parts + rate - 1) / rate;
  }
}
