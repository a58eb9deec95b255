package im.xpro.xnest;

import im.xpro.xnest.protocol.HistoryEntry;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a room has heard and kept: the number of its newest record, and the newest page in memory,
 * so that joiners find their history without a store. Belongs to the room's mailbox.
 */
final class RoomPast {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Room room;
  private final House house;
  private final Mailbox mailbox;

  /** The newest record that was heard; -1 as long as the store was not asked. */
  private long last = -1;

  /** Ends with {@link #last}; null if it is not in memory. */
  private @Nullable Page tail;

  private boolean loading;
  private boolean closed;

  RoomPast(Room room, House house, Mailbox mailbox) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
  }

  long last() {
    return last;
  }

  /** The newest page, or null: {@link #load} it then. */
  @Nullable Page newest() {
    return loading ? null : tail;
  }

  /** Reads the newest page, again and again if that fails; {@link Room#pastIsThere} follows. */
  void load() {
    if (loading) {
      return;
    }
    loading = true;
    Page heardMeanwhile = newPage();
    tail = heardMeanwhile;
    house.storage().newest(room.id, last, mailbox, this::loaded);
  }

  private void loaded(Storage.@Nullable Past read, @Nullable Throwable failure) {
    if (read == null || tail == null) {
      tail = null;
      house.tails().hold(room, 0);
      house.listener().failed("reading the history of room '" + room.id + "'", failure);
      house.timer().after(PAUSE, () -> mailbox.execute(this::loadAgain));
      return;
    }
    loading = false;
    last = Math.max(last, read.last());
    tail.addOlder(read.newest());
    hold();
    room.pastIsThere();
  }

  /** Only now, so that who comes in between does not ask once more. */
  private void loadAgain() {
    loading = false;
    room.pastIsThere();
  }

  /** {@code entry} is kept and now heard. */
  void add(HistoryEntry entry) {
    last = entry.number();
    if (tail != null) {
      tail.addNewest(entry);
      hold();
    }
  }

  private void hold() {
    if (tail != null && !closed) {
      house.tails().hold(room, tail.heapBytes());
    }
  }

  void drop() {
    if (!loading) {
      tail = null;
      house.tails().hold(room, 0);
    }
  }

  void close() {
    closed = true;
    house.tails().hold(room, 0);
  }

  /**
   * Finds the page of what is numbered below {@code before}; what {@code then} gets is null if the
   * store failed.
   */
  void page(long before, Consumer<@Nullable Page> then) {
    Page newest = newest();
    if (before == last + 1 && newest != null) {
      then.accept(newest);
      return;
    }
    house
        .storage()
        .page(
            room.id,
            before,
            mailbox,
            (entries, failure) -> {
              if (entries == null) {
                house.listener().failed("reading the history of room '" + room.id + "'", failure);
                then.accept(null);
              } else {
                Page page = newPage();
                page.addOlder(entries);
                then.accept(page);
              }
            });
  }

  private Page newPage() {
    return new Page(house.writer(), house.limits());
  }
}
