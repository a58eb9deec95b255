package im.xpro.xnest;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.protocol.HistoryEntry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
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

  /** What the store was asked for and has not answered. */
  private final Set<Reading> readings = new HashSet<>();

  /** They wait for the number of the newest record. */
  private final Queue<Waiting> erasures = new ArrayDeque<>(0);

  private record Waiting(Erasure what, Storage.Answer<Integer> answer) {}

  private boolean closed;

  /** Entries on their way from the store, and what was erased since it was asked. */
  private static final class Reading {
    private final List<Erasure> erased = new ArrayList<>(0);

    boolean isErased(HistoryEntry entry) {
      return erased.stream().anyMatch(each -> each.covers(entry));
    }
  }

  RoomPast(Room room, House house, Mailbox mailbox) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
  }

  /** Whether a message may be numbered, or needs no number. */
  boolean isNumbered() {
    return last >= 0 || !room.options().keepsHistory();
  }

  long last() {
    return last;
  }

  /** The newest page, or null: {@link #load} it then. */
  @Nullable Page newest() {
    if (!room.options().keepsHistory()) {
      return newPage();
    }
    return loading ? null : tail;
  }

  /** The room opens anew with these options. */
  void keepWithin(RoomOptions options) {
    drop();
    if (options.keepsHistory()) {
      house.storage().retain(room.id, options.retention());
    }
  }

  /** Reads the newest page, again and again if that fails; {@link Room#pastIsThere} follows. */
  void load() {
    if (loading) {
      return;
    }
    loading = true;
    Page heardMeanwhile = newPage();
    tail = heardMeanwhile;
    Reading reading = reading();
    house
        .storage()
        .newest(
            room.id,
            last,
            room.options().pageEntries(),
            mailbox,
            (past, failure) -> loaded(reading, past, failure));
  }

  private Reading reading() {
    Reading reading = new Reading();
    readings.add(reading);
    return reading;
  }

  private void loaded(Reading reading, Storage.@Nullable Past read, @Nullable Throwable failure) {
    readings.remove(reading);
    if (read == null || tail == null) {
      while (!erasures.isEmpty()) {
        erasures.remove().answer.accept(null, failure);
      }
      tail = null;
      house.tails().hold(room, 0);
      house.listener().failed("reading the history of room '" + room.id + "'", failure);
      house.timer().after(PAUSE, () -> mailbox.execute(this::loadAgain));
      return;
    }
    loading = false;
    last = Math.max(last, read.last());
    while (!erasures.isEmpty()) {
      Waiting next = erasures.remove();
      eraseHeard(next.what, next.answer);
    }
    boolean isStale =
        read.newest().stream().anyMatch(reading::isErased)
            || tail.entries().stream().anyMatch(reading::isErased);
    if (isStale) {
      load();
      return;
    }
    tail.addOlder(read.newest());
    hold();
    room.pastIsThere();
  }

  /** Only now, so that who comes in between does not ask once more. */
  private void loadAgain() {
    loading = false;
    if (!erasures.isEmpty()) {
      load();
    }
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

  /**
   * Erases what {@code what} covers of all that was heard. Where the newest of that is not known,
   * it is asked for first: the store may have newer ones by the time that it erases.
   */
  void erase(Erasure what, Storage.Answer<Integer> answer) {
    if (isNumbered()) {
      eraseHeard(what, answer);
    } else {
      erasures.add(new Waiting(what, answer));
      load();
    }
  }

  private void eraseHeard(Erasure what, Storage.Answer<Integer> answer) {
    Erasure heard = last < 0 ? what : what.within(1, last);
    house.storage().erase(room.id, heard, this::forget, mailbox, answer);
  }

  /** The store has erased all that {@code erased} covers: nobody is shown it from now on. */
  private void forget(Erasure erased) {
    readings.forEach(reading -> reading.erased.add(erased));
    if (tail != null && tail.entries().stream().anyMatch(erased::covers)) {
      drop();
    }
  }

  /** Counts what the newest page takes in memory, which grows when somebody looks. */
  void hold() {
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
    if (newest != null && (before == last + 1 || !room.options().keepsHistory())) {
      then.accept(newest);
      hold();
      return;
    }
    Reading reading = reading();
    house
        .storage()
        .page(
            room.id,
            before,
            room.options().pageEntries(),
            mailbox,
            (entries, failure) -> {
              readings.remove(reading);
              if (entries == null) {
                house.listener().failed("reading the history of room '" + room.id + "'", failure);
                then.accept(null);
              } else if (!entries.isEmpty() && entries.stream().allMatch(reading::isErased)) {
                page(before, then);
              } else {
                Page page = newPage();
                page.addOlder(entries.stream().filter(entry -> !reading.isErased(entry)).toList());
                then.accept(page);
              }
            });
  }

  private Page newPage() {
    return new Page(house.writer(), room.options().pageEntries(), house.limits().pageBytes());
  }
}
