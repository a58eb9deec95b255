package im.xpro.xnest.server.wire;

/** A connection that may have to make room for others. Any thread. */
public interface Holder {
  /** Whether it holds nothing for long. */
  boolean isEnding();

  /** Bytes that its peer has begun, and not finished. */
  long unfinished();

  /** How unfair it is to hold that while others have to wait: {@link Arrivals#burden}. */
  double burden();

  /** Lets go of that, and of its peer. */
  void giveWay();
}
