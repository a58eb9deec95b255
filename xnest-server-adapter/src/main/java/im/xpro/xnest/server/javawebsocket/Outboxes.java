package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Outgoing;
import im.xpro.xnest.server.wire.Budget;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What waits for all peers of one server. What a room sends to many is there once, and counts once.
 * Nothing here is touched as long as sockets take all. Any thread.
 */
final class Outboxes {
  /** What a buffer that waits takes in memory besides its bytes, about. */
  static final int OVERHEAD = 100;

  private static final int LATELY = 64;

  /** A page of history is smaller, unless one record of it is not. */
  private static final int LARGE = 2 << 20;

  /** Who keeps the bytes of one {@link Outgoing}, which itself is not kept for that. */
  private record Sharing(WeakReference<Outgoing> of, AtomicInteger keepers) {}

  /**
   * Bytes that wait for one peer.
   *
   * @param keepers how many keep the same bytes; null if they are its own
   */
  record Kept(ByteBuffer bytes, @Nullable AtomicInteger keepers) {
    /** What each keeper has of all that it takes in memory. */
    long part() {
      return OVERHEAD + bytes.limit() / (keepers == null ? 1 : Math.max(1, keepers.get()));
    }
  }

  private final Budget budget;

  /** A room offers the same to one member after the other, so the last ones will do. */
  private final AtomicReferenceArray<Sharing> lately = new AtomicReferenceArray<>(LATELY);

  Outboxes(Budget budget) {
    this.budget = budget;
  }

  /**
   * Counts {@code bytes} in.
   *
   * @param of whose bytes they are; null if they are for one peer alone
   */
  Kept keep(ByteBuffer bytes, @Nullable Outgoing of) {
    AtomicInteger keepers = of == null ? null : keepers(of);
    boolean isFirst = keepers == null || keepers.getAndIncrement() == 0;
    budget.take(OVERHEAD + (isFirst ? bytes.limit() : 0));
    return new Kept(bytes, keepers);
  }

  /** Counts them out. */
  void release(Kept kept) {
    AtomicInteger keepers = kept.keepers();
    boolean isLast = keepers == null || keepers.decrementAndGet() == 0;
    budget.take(-OVERHEAD - (isLast ? kept.bytes().limit() : 0));
  }

  /** Where two at once use the same place their bytes may count twice. */
  private AtomicInteger keepers(Outgoing of) {
    int place = System.identityHashCode(of) % LATELY;
    Sharing sharing = lately.get(place);
    if (sharing == null || sharing.of().get() != of) {
      sharing = new Sharing(new WeakReference<>(of), new AtomicInteger());
      lately.set(place, sharing);
    }
    return sharing.keepers();
  }

  /** Whether all that waits is more than may. */
  boolean isOver() {
    return budget.over() > 0;
  }

  /** Whether so much waits that nothing large may follow until others have made room. */
  boolean refuses(int bytes) {
    return bytes > LARGE && budget.isSpent();
  }
}
