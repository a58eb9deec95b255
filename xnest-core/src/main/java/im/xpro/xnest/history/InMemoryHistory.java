package im.xpro.xnest.history;

import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of each room, bounded per room and in all. A room that is forgotten leaves
 * only a trace in {@link #floor}, behind which unknown rooms start to count, so no number comes
 * twice.
 */
final class InMemoryHistory implements HistoryStore {
  /** What an entry costs beside its text: objects, references, id and name, roughly. */
  private static final int ENTRY_BYTES = 200;

  /** What a room costs beside its entries, in the same way: its name, the map's and the deque's. */
  private static final int ROOM_BYTES = 600;

  private final int entriesPerRoom;
  private final long bytesPerRoom;
  private final long bytes;
  private final InstantSource clock;

  // ---- guarded by this ----
  /** The room longest unused comes first. */
  private final Map<RoomId, Past> rooms = new LinkedHashMap<>(16, 0.75f, true);

  private long held;
  private long floor;

  private static final class Past {
    final ArrayDeque<HistoryEntry> entries = new ArrayDeque<>();
    long held;

    /** 0 as long as nothing was appended. */
    long last;

    @Nullable Retention retention;
  }

  InMemoryHistory(int entriesPerRoom, long bytesPerRoom, long bytes) {
    this(entriesPerRoom, bytesPerRoom, bytes, InstantSource.system());
  }

  InMemoryHistory(int entriesPerRoom, long bytesPerRoom, long bytes, InstantSource clock) {
    if (entriesPerRoom < 1) {
      throw new IllegalArgumentException(
          "entriesPerRoom is " + entriesPerRoom + ", must be 1 or more");
    }
    this.entriesPerRoom = entriesPerRoom;
    this.bytesPerRoom = Math.min(bytesPerRoom, bytes);
    this.bytes = bytes;
    this.clock = clock;
  }

  @Override
  public synchronized void append(List<HistoryEntry> batch) throws ConflictException {
    Map<RoomId, Long> newest = new HashMap<>();
    for (HistoryEntry entry : batch) {
      Long before = newest.put(entry.room(), entry.number());
      boolean follows =
          before == null ? entry.number() <= last(entry.room()) + 1 : entry.number() == before + 1;
      if (!follows) {
        throw new ConflictException(
            "entry " + entry.number() + " of room '" + entry.room() + "' would leave a hole");
      }
      checkIsTheSame(entry);
    }
    for (HistoryEntry entry : batch) {
      Past past = rooms.computeIfAbsent(entry.room(), room -> opened());
      if (entry.number() > past.last) {
        past.last = entry.number();
        past.entries.add(entry);
        hold(past, cost(entry));
        forgetBeyond(past);
      }
    }
    forgetTheLongestUnused();
  }

  private void forgetBeyond(Past past) {
    Retention own = past.retention;
    long most = own == null ? entriesPerRoom : Math.min(entriesPerRoom, own.newestPerRoom());
    while (past.entries.size() > most || past.held > bytesPerRoom && past.entries.size() > 1) {
      hold(past, -cost(past.entries.remove()));
    }
  }

  /** Entries that are here already must be the same: else two writers number one room. */
  private void checkIsTheSame(HistoryEntry entry) throws ConflictException {
    Past past = rooms.get(entry.room());
    if (past == null || entry.number() > past.last) {
      return;
    }
    boolean same =
        past.entries.stream()
            .filter(kept -> kept.number() == entry.number())
            .allMatch(entry::equals);
    if (!same) {
      throw new ConflictException(
          "entry " + entry.number() + " of room '" + entry.room() + "' is another one already");
    }
  }

  private Past opened() {
    held += ROOM_BYTES;
    return new Past();
  }

  private void hold(Past past, long more) {
    past.held += more;
    held += more;
  }

  private void forgetTheLongestUnused() {
    Iterator<Past> oldest = rooms.values().iterator();
    while (held > bytes && rooms.size() > 1) {
      Past past = oldest.next();
      oldest.remove();
      held -= ROOM_BYTES + past.held;
      floor = Math.max(floor, past.last);
    }
  }

  private static long cost(HistoryEntry entry) {
    return ENTRY_BYTES + 2L * entry.length();
  }

  @Override
  public synchronized List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength) {
    Past past = rooms.get(room);
    if (past == null) {
      return List.of();
    }
    List<HistoryEntry> page = new ArrayList<>();
    long length = 0;
    Iterator<HistoryEntry> newest = past.entries.descendingIterator();
    while (newest.hasNext() && page.size() < limit && length <= maxLength) {
      HistoryEntry entry = newest.next();
      if (entry.number() < before) {
        page.add(entry);
        length += entry.length();
      }
    }
    Collections.reverse(page);
    return page;
  }

  @Override
  public synchronized List<HistoryEntry> erase(RoomId room, Erasure what) {
    Past past = rooms.get(room);
    List<HistoryEntry> erased = new ArrayList<>();
    Iterator<HistoryEntry> oldest =
        past == null ? Collections.emptyIterator() : past.entries.iterator();
    while (oldest.hasNext() && erased.size() < Erasure.STEP) {
      HistoryEntry entry = oldest.next();
      if (what.covers(entry)) {
        oldest.remove();
        hold(past, -cost(entry));
        erased.add(entry);
      }
    }
    return erased;
  }

  @Override
  public synchronized long last(RoomId room) {
    Past past = rooms.get(room);
    return past == null || past.last == 0 ? floor : past.last;
  }

  /** Held as long as the room is among those not yet forgotten. */
  @Override
  public synchronized void retain(RoomId room, @Nullable Retention retention) {
    if (retention != null || rooms.containsKey(room)) {
      Past past = rooms.computeIfAbsent(room, unknown -> opened());
      past.retention = retention;
      forgetBeyond(past);
      forgetTheLongestUnused();
    }
  }

  /** Forgets what is too old, in rooms that have a rule for it. */
  @Override
  public synchronized boolean tidy() {
    for (Past past : rooms.values()) {
      Duration age = past.retention == null ? null : past.retention.maxAge();
      if (age != null) {
        Instant oldest = clock.instant().minus(age);
        while (!past.entries.isEmpty() && past.entries.element().time().isBefore(oldest)) {
          hold(past, -cost(past.entries.remove()));
        }
      }
    }
    return false;
  }

  @Override
  public Durability durability() {
    return Durability.MEMORY;
  }

  @Override
  public boolean answersAtOnce() {
    return true;
  }
}
