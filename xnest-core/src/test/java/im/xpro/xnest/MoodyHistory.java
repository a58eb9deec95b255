package im.xpro.xnest;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** In memory, slow now and then, failing now and then. */
final class MoodyHistory implements HistoryStore {
  final HistoryStore kept = HistoryStore.inMemory(100_000);
  private final Random moods;
  private final Consumer<List<HistoryEntry>> refused;
  private int appending;

  /**
   * @param refused hears of what is not kept, and may be lost
   */
  MoodyHistory(long seed, Consumer<List<HistoryEntry>> refused) {
    moods = new Random(seed);
    this.refused = refused;
  }

  private int mood() {
    synchronized (moods) {
      return moods.nextInt(100);
    }
  }

  @Override
  public void append(List<HistoryEntry> batch) throws IOException {
    if (appending++ > 0) {
      throw new AssertionError("two appends at once");
    }
    try {
      int mood = mood();
      if (mood < 50) {
        // as long as a disk takes: nobody waits for this with it
        LockSupport.parkNanos(mood * 20_000L);
      }
      if (mood == 60) {
        throw new IOException("not kept, but who knows");
      } else if ((mood == 61 || mood == 62) && isNew(batch)) {
        refused.accept(batch);
        throw new NotKeptException("not kept", null);
      }
      kept.append(batch);
      if (mood == 63) {
        throw new IOException("kept, but who knows");
      }
    } finally {
      appending--;
    }
  }

  /** Only then may it say that nothing is kept: it may have been, by an earlier call. */
  private boolean isNew(List<HistoryEntry> batch) throws IOException {
    for (HistoryEntry entry : batch) {
      if (kept.last(entry.room()) >= entry.number()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    int mood = mood();
    if (mood < 50) {
      LockSupport.parkNanos(mood * 20_000L);
    } else if (mood == 99) {
      throw new IOException("unreadable now");
    }
    return kept.read(room, before, limit, maxLength);
  }

  @Override
  public long last(RoomId room) throws IOException {
    return kept.last(room);
  }
}
