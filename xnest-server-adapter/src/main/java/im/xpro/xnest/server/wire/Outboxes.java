package im.xpro.xnest.server.wire;

import im.xpro.xnest.Outgoing;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What waits for all peers of one server. What a room sends to many is there once, and counts once.
 * Any thread.
 */
public final class Outboxes {
  /** What waits takes in memory besides its bytes, about. */
  static final int OVERHEAD = 100;

  private static final int LATELY = 64;

  /** A page of history is smaller, unless one record of it is not. */
  private static final int LARGE = 2 << 20;

  /** Who keeps the bytes of one {@link Outgoing}, which itself is not kept for that. */
  private record Sharing(WeakReference<Outgoing> of, AtomicInteger keepers) {}

  /**
   * What waits for one peer.
   *
   * @param size bytes
   * @param keepers how many keep the same; null if it is its own
   */
  public record Kept<T>(T what, int size, @Nullable AtomicInteger keepers) {
    /** What each keeper has of all that it takes in memory. */
    public long part() {
      return OVERHEAD + size / (keepers == null ? 1 : Math.max(1, keepers.get()));
    }
  }

  private final Budget budget;

  /** A room offers the same to one member after the other, so the last ones will do. */
  private final AtomicReferenceArray<Sharing> lately = new AtomicReferenceArray<>(LATELY);

  private final Slowest slowest = new Slowest();

  /** Counts in {@code budget}. */
  public Outboxes(Budget budget) {
    this.budget = budget;
  }

  /**
   * Counts {@code what} in.
   *
   * @param size bytes
   * @param of whose bytes they are; null if they are for one peer alone
   */
  public <T> Kept<T> keep(T what, int size, @Nullable Outgoing of) {
    AtomicInteger keepers = of == null ? null : keepers(of);
    boolean isFirst = keepers == null || keepers.getAndIncrement() == 0;
    budget.take(OVERHEAD + (isFirst ? size : 0));
    return new Kept<>(what, size, keepers);
  }

  /** Counts it out. */
  public void release(Kept<?> kept) {
    AtomicInteger keepers = kept.keepers();
    boolean isLast = keepers == null || keepers.decrementAndGet() == 0;
    budget.take(-OVERHEAD - (isLast ? kept.size() : 0));
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
  public boolean refuses(long bytes) {
    return bytes > LARGE && budget.isSpent();
  }

  /**
   * Has those go for whom most waits until the rest fits. One at a time.
   *
   * @param kept the sum of {@link Kept#part}
   * @param shed lets go of a peer, and of what waits for it
   */
  public <P> void makeRoom(Stream<P> all, ToLongFunction<P> kept, Consumer<P> shed) {
    if (isOver()) {
      slowest.letGo(this::isOver, all, kept, shed);
    }
  }
}
