package im.xpro.xnest.protocol;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One kept message of a room.
 *
 * @param number counts the kept messages of this room from 1, over restarts; none is given twice
 * @param nickname the author's, at that time
 * @param identity the application's name of the author, null if it has none; never on the wire
 */
public record HistoryEntry(
    RoomId room,
    long number,
    MemberId from,
    String nickname,
    Event.Message message,
    Instant time,
    @Nullable String identity) {
  /**
   * @throws IllegalArgumentException if {@code number} is not positive
   */
  public HistoryEntry {
    if (number < 1) {
      throw new IllegalArgumentException("number is " + number + ", must be 1 or more");
    }
  }

  /** By somebody whom the application does not know. */
  public HistoryEntry(
      RoomId room,
      long number,
      MemberId from,
      String nickname,
      Event.Message message,
      Instant time) {
    this(room, number, from, nickname, message, time, null);
  }

  /** How much it holds: the UTF-16 units of its text, or of its blob's id. */
  public int length() {
    return message instanceof Event.Said said
        ? said.text().length()
        : ((Event.Shared) message).blob().length();
  }
}
