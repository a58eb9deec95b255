package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears what happens, to count and to log it. Called on xnest's threads and on transports', several
 * at once, some within a room's turn: nothing here may block, {@link Xnest#close} least of all. It
 * may call back into xnest. What it throws is logged and goes no further.
 *
 * <pre>{@code
 * XnestListener log = new XnestListener() {
 *   @Override
 *   public void joined(RoomId room, Member member) {
 *     System.out.println(member.nickname() + " is in " + room);
 *   }
 * };
 * Xnest xnest = Xnest.builder().listener(log).build();
 * }</pre>
 *
 * <p>No call is made per member: {@link #delivered} comes once for all who hear.
 */
public interface XnestListener {
  /** A room came into being with its first member. */
  default void roomOpened(RoomId room) {}

  /** A room's last member has left. */
  default void roomClosed(RoomId room) {}

  /**
   * Somebody may not enter: its handshake is refused.
   *
   * @param room null if the handshake names none
   */
  default void entryRefused(@Nullable RoomId room, Decision.Refused answer) {}

  /**
   * Somebody whose handshake was accepted cannot enter: the room is full, its past cannot be read,
   * its {@link RoomPolicy} failed, or that person was kept out meanwhile. Neither {@link #joined}
   * nor {@link #left} follows.
   */
  default void turnedAway(RoomId room, String reason) {}

  /** A member is in: it was welcomed. */
  default void joined(RoomId room, Member member) {}

  /** A member is out, for whatever cause. */
  default void left(RoomId room, Member member) {}

  /** A member reads too slowly and is let go; {@link #left} follows. */
  default void letGo(RoomId room, Member member) {}

  /**
   * A member's message was read, and is looked at next. Called by the transport's thread.
   *
   * @param bytes on the wire; of a text, its UTF-8
   */
  default void received(RoomId room, MemberId from, long bytes) {}

  /**
   * A member was told by an {@code error} why what it asked for was not done, or perhaps not.
   *
   * @param why what it was told
   */
  default void refused(RoomId room, Member member, String why) {}

  /**
   * Frames were offered to everybody who hears.
   *
   * @param hearers how many that were, 0 or more
   * @param lag since the oldest of {@code frames} was decided on, by xnest's clock, to the
   *     millisecond; for a kept message it includes the append
   */
  default void delivered(RoomId room, Outgoing frames, int hearers, Duration lag) {}

  /** One member was offered what is for it alone: its welcome, a page, private words, an error. */
  default void answered(RoomId room, MemberId to, Outgoing frames) {}

  /**
   * The store is asked to keep so many entries, of one room or of several; {@link #appended}
   * follows. One append at a time, unless the store answers at once.
   */
  default void appending(int entries) {}

  /**
   * The store has answered.
   *
   * @param kept false if it failed, whatever is known of the outcome; what is not known is appended
   *     again
   */
  default void appended(int entries, Duration took, boolean kept) {}

  /**
   * Something went wrong that nobody's request can be answered with alone. It is logged as well.
   *
   * @param doing what was being done, for a log
   */
  default void failed(String doing, Throwable cause) {}
}
