package im.xpro.xnest;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds what the rooms' newest pages use in memory together. Any thread; never blocks for long.
 */
final class Tails {
  private final long maxBytes;

  // ---- guarded by this ----
  /** The room longest quiet comes first. */
  final Map<Room, Long> held = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  Tails(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Room {@code room} now holds {@code size} bytes; others may be told to drop theirs. */
  void hold(Room room, long size) {
    List<Room> tooMuch = new ArrayList<>(0);
    synchronized (this) {
      bytes += size - (size == 0 ? orZero(held.remove(room)) : orZero(held.put(room, size)));
      Iterator<Map.Entry<Room, Long>> quiet = held.entrySet().iterator();
      while (bytes > maxBytes && quiet.hasNext()) {
        Map.Entry<Room, Long> entry = quiet.next();
        bytes -= entry.getValue();
        tooMuch.add(entry.getKey());
        quiet.remove();
      }
    }
    tooMuch.forEach(Room::dropTail);
  }

  private static long orZero(Long size) {
    return size == null ? 0 : size;
  }
}
