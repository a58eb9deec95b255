package im.xpro.xnest;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** Keeps in memory, but behind a storage thread, and fails as it is told. One thread. */
final class FaultyHistory implements HistoryStore {
  /** What becomes of one append. */
  interface Fault {
    void strike(HistoryStore kept, List<HistoryEntry> batch) throws IOException;
  }

  /** Fails without having kept anything, but does not say so. */
  static final Fault UNKNOWN_NOT_KEPT =
      (kept, batch) -> {
        throw new IOException("no answer");
      };

  /** Keeps, and fails then. */
  static final Fault UNKNOWN_BUT_KEPT =
      (kept, batch) -> {
        kept.append(batch);
        throw new IOException("the answer was lost");
      };

  static final Fault NOT_KEPT =
      (kept, batch) -> {
        throw new NotKeptException("refused", null);
      };

  static final Fault UNREACHABLE =
      (kept, batch) -> {
        throw new UnreachableException("no connection", null);
      };

  static final Fault CONFLICT =
      (kept, batch) -> {
        throw new ConflictException("somebody else was here");
      };

  static final Fault ERROR =
      (kept, batch) -> {
        throw new AssertionError("a bug in the store");
      };

  final HistoryStore kept = HistoryStore.inMemory(30_000);

  /** Strike one append each, in this order. */
  final Queue<Fault> next = new ArrayDeque<>();

  /** Strike every append in which their room has an entry. */
  final Map<RoomId, Fault> rooms = new HashMap<>();

  /** All that was asked for, kept or not. */
  final List<List<HistoryEntry>> appends = new ArrayList<>();

  /** All that was to be erased. */
  final List<Erasure> erasures = new ArrayList<>();

  /** Run once, when something is read and not yet answered. */
  Runnable whileReading = () -> {};

  int reads;
  boolean unerasable;
  boolean cannotErase;

  /** Each as {@code room retention}. */
  final List<String> retained = new ArrayList<>();

  boolean unretainable;
  boolean unreadable;
  boolean answersNull;

  @Override
  public void append(List<HistoryEntry> batch) throws IOException {
    appends.add(batch);
    Fault fault = next.poll();
    for (HistoryEntry entry : batch) {
      fault = fault == null ? rooms.get(entry.room()) : fault;
    }
    if (fault == null) {
      kept.append(batch);
    } else {
      fault.strike(kept, batch);
    }
  }

  @Override
  public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    reads++;
    failIfUnreadable();
    List<HistoryEntry> page = answersNull ? nothing() : kept.read(room, before, limit, maxLength);
    Runnable now = whileReading;
    whileReading = () -> {};
    now.run();
    return page;
  }

  @Override
  public List<HistoryEntry> erase(RoomId room, Erasure what) throws IOException {
    erasures.add(what);
    if (unerasable) {
      throw new IOException("unerasable");
    }
    return cannotErase ? HistoryStore.super.erase(room, what) : kept.erase(room, what);
  }

  @Override
  public long last(RoomId room) throws IOException {
    reads++;
    failIfUnreadable();
    return kept.last(room);
  }

  @Override
  public void retain(RoomId room, Retention retention) throws IOException {
    if (unretainable) {
      throw new IOException("unretainable");
    }
    retained.add(room + " " + retention);
  }

  /** Which a store must not answer. */
  private static List<HistoryEntry> nothing() {
    return null;
  }

  private void failIfUnreadable() throws IOException {
    if (unreadable) {
      throw new IOException("unreadable");
    }
  }

  /** What is kept of a room, as {@code number:text}. */
  List<String> keptIn(String room) throws IOException {
    return kept.read(new RoomId(room), Long.MAX_VALUE, 10_000, Long.MAX_VALUE).stream()
        .map(entry -> entry.number() + ":" + Heard.text(entry))
        .toList();
  }

  /** The texts of each append that was asked for. */
  List<List<String>> appendedTexts() {
    return appends.stream().map(batch -> batch.stream().map(Heard::text).toList()).toList();
  }
}
