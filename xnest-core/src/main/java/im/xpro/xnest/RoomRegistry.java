package im.xpro.xnest;

import im.xpro.xnest.protocol.RoomId;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that somebody holds: a room comes into being with the first and goes with the last. So
 * there are never two rooms of one name. Any thread.
 */
final class RoomRegistry {
  private static final class Held {
    final Room room;

    /** Changed only within the map's own computations. */
    int holders;

    Held(Room room) {
      this.room = room;
    }
  }

  private final ConcurrentMap<RoomId, Held> rooms = new ConcurrentHashMap<>();
  private final House house;
  private volatile @Nullable Runnable whenEmpty;

  RoomRegistry(House house) {
    this.house = house;
  }

  /** The room of this name, held once more; {@link #release} must follow. */
  Room hold(RoomId id) {
    return rooms.compute(id, (same, there) -> held(id, there)).room;
  }

  /**
   * As {@link #hold}, for somebody who enters; null if it would be one more than {@link
   * Limits#rooms}, give or take what opens at the same time.
   */
  @Nullable Room enter(RoomId id) {
    Held held =
        rooms.compute(id, (same, there) -> there == null && isFull() ? null : held(id, there));
    return held == null ? null : held.room;
  }

  private Held held(RoomId id, @Nullable Held there) {
    Held taken = there == null ? new Held(new Room(id, house, this::release)) : there;
    taken.holders++;
    return taken;
  }

  void release(Room room) {
    Held left = rooms.computeIfPresent(room.id, (same, held) -> --held.holders == 0 ? null : held);
    if (left == null) {
      room.closed();
      tellIfEmpty();
    }
  }

  /** Runs {@code task} as soon as there is no room, perhaps more than once. */
  void whenEmpty(Runnable task) {
    whenEmpty = task;
    tellIfEmpty();
  }

  private void tellIfEmpty() {
    Runnable task = whenEmpty;
    if (task != null && rooms.isEmpty()) {
      task.run();
    }
  }

  /** The room of this name, if anybody holds it. */
  @Nullable Room get(RoomId id) {
    Held held = rooms.get(id);
    return held == null ? null : held.room;
  }

  boolean isFull() {
    return size() >= house.limits().rooms();
  }

  int size() {
    return rooms.size();
  }

  Collection<Room> all() {
    return rooms.values().stream().map(held -> held.room).toList();
  }
}
