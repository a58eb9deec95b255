package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;

/**
 * Hears what happens, to count and to log it. Called on xnest's threads, some within a room's turn:
 * nothing here may block. What it throws is logged and goes no further.
 */
public interface XnestListener {
  /** A room came into being with its first member. */
  default void roomOpened(RoomId room) {}

  /** A room's last member has left. */
  default void roomClosed(RoomId room) {}

  /** A member is in: it was welcomed. */
  default void joined(RoomId room, Member member) {}

  /** A member is out, for whatever cause. */
  default void left(RoomId room, Member member) {}

  /** A member reads too slowly and is let go; {@link #left} follows. */
  default void letGo(RoomId room, Member member) {}

  /**
   * Something went wrong that nobody's request can be answered with alone. It is logged as well.
   *
   * @param doing what was being done, for a log
   */
  default void failed(String doing, Throwable cause) {}
}
