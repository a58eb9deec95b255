package im.xpro.xnest.server.wire;

import im.xpro.xnest.Inlet;
import org.jspecify.annotations.Nullable;

/** A connection that goes when its server goes away ({@link GoingAway}). Any thread. */
public interface Leaver {
  /**
   * If nobody has come in by it yet, nobody does.
   *
   * @return the member to dismiss; null if there is none
   */
  @Nullable Inlet goAway();

  /** Whether somebody has come in by it, and not gone yet. */
  boolean isOpen();

  /** Ends it, with 1001, if it still is: the house has not let its member go. */
  void goAwayNow();

  /** Ends it at once. */
  void cut();
}
