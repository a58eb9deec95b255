package im.xpro.xnest.testkit;

import im.xpro.xnest.history.Durability;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Does what the store behind it does, unless it is told to fail. One thread. To make it slow or to
 * pause it, see {@link RoomKit#storage}.
 *
 * <pre>{@code
 * kit.history().failsNext(FaultyHistory.Fault.NOTHING_KEPT);
 *
 * lin.types("hello");
 *
 * lin.hears(lin.failed("the message could not be kept"));
 * }</pre>
 */
public final class FaultyHistory implements HistoryStore {
  /** What goes wrong with an append. */
  public enum Fault {
    /** Nothing is kept, and the store says so: a {@link HistoryStore.NotKeptException}. */
    NOTHING_KEPT {
      @Override
      void strike(HistoryStore store, List<HistoryEntry> batch) throws IOException {
        throw new NotKeptException("a fault: nothing is kept", null);
      }
    },
    /** Nothing is kept, but that is not known: an {@link IOException}. */
    UNKNOWN_NOT_KEPT {
      @Override
      void strike(HistoryStore store, List<HistoryEntry> batch) throws IOException {
        throw new IOException("a fault: no answer");
      }
    },
    /** All is kept, but that is not known: an {@link IOException}. */
    UNKNOWN_BUT_KEPT {
      @Override
      void strike(HistoryStore store, List<HistoryEntry> batch) throws IOException {
        store.append(batch);
        throw new IOException("a fault: the answer was lost");
      }
    },
    /** Another writer numbers the same room: a {@link HistoryStore.ConflictException}. */
    CONFLICT {
      @Override
      void strike(HistoryStore store, List<HistoryEntry> batch) throws IOException {
        throw new ConflictException("a fault: another writer was here");
      }
    };

    abstract void strike(HistoryStore store, List<HistoryEntry> batch) throws IOException;
  }

  private final HistoryStore store;
  private final Queue<Fault> next = new ArrayDeque<>();
  private @Nullable Fault always;
  private boolean unreadable;

  private FaultyHistory(HistoryStore store) {
    this.store = store;
  }

  /** Works at first. */
  public static FaultyHistory around(HistoryStore store) {
    return new FaultyHistory(Objects.requireNonNull(store, "store"));
  }

  /** Lets the next appends fail, one with each of {@code faults}, in this order. */
  public void failsNext(Fault... faults) {
    next.addAll(List.of(faults));
  }

  /** Lets every append fail until it {@link #works}; those told of one by one come first. */
  public void fails(Fault fault) {
    always = Objects.requireNonNull(fault, "fault");
  }

  /** Lets {@link #read} and {@link #last} fail until it {@link #works}. */
  public void failsToRead() {
    unreadable = true;
  }

  /** Fails no more. */
  public void works() {
    next.clear();
    always = null;
    unreadable = false;
  }

  @Override
  public void append(List<HistoryEntry> batch) throws IOException {
    Fault fault = next.isEmpty() ? always : next.remove();
    if (fault == null) {
      store.append(batch);
    } else {
      fault.strike(store, batch);
    }
  }

  @Override
  public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    failIfUnreadable();
    return store.read(room, before, limit, maxLength);
  }

  @Override
  public long last(RoomId room) throws IOException {
    failIfUnreadable();
    return store.last(room);
  }

  @Override
  public List<HistoryEntry> erase(RoomId room, Erasure what) throws IOException {
    return store.erase(room, what);
  }

  @Override
  public void retain(RoomId room, @Nullable Retention retention) throws IOException {
    store.retain(room, retention);
  }

  private void failIfUnreadable() throws IOException {
    if (unreadable) {
      throw new IOException("a fault: nothing can be read");
    }
  }

  @Override
  public boolean tidy() throws IOException {
    return store.tidy();
  }

  @Override
  public Durability durability() {
    return store.durability();
  }
}
