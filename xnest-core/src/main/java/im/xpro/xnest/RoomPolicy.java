package im.xpro.xnest;

import im.xpro.xnest.protocol.RoomId;

/**
 * Says what holds in a room.
 *
 * <pre>{@code
 * RoomOptions usual = RoomOptions.of(limits);
 * RoomPolicy passing =
 *     room -> room.value().startsWith("passing-") ? usual.withKeepsHistory(false) : usual;
 * }</pre>
 */
@FunctionalInterface
public interface RoomPolicy {
  /**
   * Asked each time a room opens, with its first member, and for each {@link ChatRoom#post} to a
   * room that is not open; within the room's turn: must not block, and must not post to that room,
   * which would ask it once more for each such post, without an end. If it throws, that is
   * reported, who comes is turned away with 1013 and what was posted fails, and it is asked again
   * for the next one.
   */
  RoomOptions optionsOf(RoomId room);
}
