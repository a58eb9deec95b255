package im.xpro.xnest;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;

/** In memory, but asked like a store that blocks: {@code kit.storage()} decides when it answers. */
final class OffThreadHistory implements HistoryStore {
  private final HistoryStore memory = HistoryStore.inMemory(10_000);

  @Override
  public void append(List<HistoryEntry> batch) throws IOException {
    memory.append(batch);
  }

  @Override
  public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    return memory.read(room, before, limit, maxLength);
  }

  @Override
  public long last(RoomId room) throws IOException {
    return memory.last(room);
  }
}
