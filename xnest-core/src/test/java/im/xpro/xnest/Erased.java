package im.xpro.xnest;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.protocol.RoomId;
import java.util.concurrent.CompletableFuture;

/** Has entries erased as the application does. */
final class Erased {
  private Erased() {}

  /** How many entries went. */
  static CompletableFuture<Integer> in(Xnest xnest, String room, Erasure what) {
    CompletableFuture<Integer> count = new CompletableFuture<>();
    xnest.rooms.hold(new RoomId(room)).erase(what, count);
    return count;
  }
}
