package im.xpro.xnest;

import im.xpro.xnest.history.Retention;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one room, as long as it is open. Varied by the {@code with} methods.
 *
 * @param keepsHistory false: nothing is stored, its history and pages are empty, and no store is
 *     asked
 * @param pageEntries records in a page of history, the welcome's too, 1 or more
 * @param capacity members who may be in at once, 1 or more; bots and system members do not count
 * @param retention how long its past is kept; null for what the store does with all rooms
 */
public record RoomOptions(
    boolean keepsHistory, int pageEntries, int capacity, @Nullable Retention retention) {
  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public RoomOptions {
    checkPositive("pageEntries", pageEntries);
    checkPositive("capacity", capacity);
  }

  private static void checkPositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be 1 or more");
    }
  }

  /** What holds for all rooms without a {@link RoomPolicy}. */
  public static RoomOptions of(Limits limits) {
    return new RoomOptions(true, limits.pageEntries(), limits.roomMembers(), null);
  }

  /** The same, with or without a history. */
  public RoomOptions withKeepsHistory(boolean keeps) {
    return new RoomOptions(keeps, pageEntries, capacity, retention);
  }

  /** The same with longer or shorter pages. */
  public RoomOptions withPageEntries(int entries) {
    return new RoomOptions(keepsHistory, entries, capacity, retention);
  }

  /** The same for more or fewer members. */
  public RoomOptions withCapacity(int members) {
    return new RoomOptions(keepsHistory, pageEntries, members, retention);
  }

  /** The same with a past that is kept for longer or shorter, as far as the store can. */
  public RoomOptions withRetention(@Nullable Retention of) {
    return new RoomOptions(keepsHistory, pageEntries, capacity, of);
  }
}
