package im.xpro.xnest.server.netty;

import im.xpro.xnest.Outgoing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop share: a queue for what rooms send to them, which one task
 * writes however many wait, and the sweep that watches over their times. All but {@link #offer} on
 * the loop's own thread.
 */
final class Loop {
  /** In one drain, as a rule. */
  private static final int COPIES = 4;

  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final NettyXnestHandler house;
  private final EventExecutor executor;
  private final Set<Connection> all = new HashSet<>();
  private final List<Outbox> written = new ArrayList<>();
  private List<Object> spare = new ArrayList<>();

  /** Of what was written what some peer had not taken at once, each with a reference of ours. */
  private List<ByteBuf> kept = new ArrayList<>();

  /** How much that is, and what waits for each alone. */
  private long counted;

  private @Nullable Future<?> sweeps;
  private long sweptAt;
  private long now = 1;

  // ---- guarded by this ----

  /** To whom, and what, by turns. */
  private List<Object> waiting = new ArrayList<>();

  private boolean scheduled;

  Loop(NettyXnestHandler house, EventExecutor executor) {
    this.house = house;
    this.executor = executor;
  }

  EventExecutor executor() {
    return executor;
  }

  /**
   * The time in nanoseconds, as the sweep has lived it: it stands still while the process does, so
   * that nobody is cut for a silence that was ours.
   */
  long now() {
    return now;
  }

  void add(Connection connection) {
    all.add(connection);
    if (sweeps == null) {
      sweptAt = System.nanoTime();
      sweeps =
          executor.scheduleWithFixedDelay(
              this::sweep, SWEEP_NANOS, SWEEP_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  void remove(Connection connection) {
    all.remove(connection);
    if (all.isEmpty()) {
      countKept();
    }
  }

  private void sweep() {
    long read = System.nanoTime();
    now += Math.min(read - sweptAt, 4 * SWEEP_NANOS);
    sweptAt = read;
    try {
      List.copyOf(all).forEach(Connection::tick);
      countKept();
      house.relieve();
    } catch (Throwable failure) {
      // thrown on, it would be the last time
      house.xnest().listener().failed("watching over connections", failure);
    }
    if (all.isEmpty() && kept.isEmpty()) {
      Objects.requireNonNull(sweeps).cancel(false);
      sweeps = null;
    }
  }

  /** Lets go of what all have taken meanwhile. */
  private void countKept() {
    List<ByteBuf> before = kept;
    kept = new ArrayList<>();
    long held = all.stream().mapToLong(Connection::ownBytes).sum() + keep(before);
    house.outboxes().take(held - counted);
    counted = held;
  }

  /**
   * @return bytes that somebody has not taken yet
   */
  private long keep(Collection<ByteBuf> buffers) {
    long bytes = 0;
    for (ByteBuf each : buffers) {
      if (each.refCnt() == 1) {
        each.release();
      } else {
        kept.add(each);
        bytes += each.capacity();
      }
    }
    return bytes;
  }

  /** Any thread: writes {@code frames} to {@code outbox}'s peer soon, in the order of the calls. */
  void offer(Outbox outbox, Outgoing frames) {
    boolean first;
    synchronized (this) {
      waiting.add(outbox);
      waiting.add(frames);
      first = !scheduled;
      scheduled = true;
    }
    if (first) {
      executor.execute(this::drain);
    }
  }

  /** Writes all that waits. What goes to many is copied out of the heap once, and shared. */
  void drain() {
    Map<Outgoing, ByteBuf> copies = new IdentityHashMap<>(COPIES);
    List<Object> batch;
    synchronized (this) {
      batch = waiting;
      waiting = spare;
      scheduled = false;
    }
    try {
      write(batch, copies);
      written.forEach(Outbox::flush);
    } finally {
      written.clear();
      batch.clear();
      spare = batch;
      long more = keep(copies.values());
      house.outboxes().take(more);
      counted += more;
    }
  }

  private void write(List<Object> batch, Map<Outgoing, ByteBuf> copies) {
    Outgoing last = null;
    ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    for (int i = 0; i < batch.size(); i += 2) {
      Outbox outbox = (Outbox) batch.get(i);
      Outgoing frames = (Outgoing) batch.get(i + 1);
      try {
        if (frames != last) {
          bytes = copies.computeIfAbsent(frames, each -> outbox.copy(each.framed()));
          last = frames;
        }
        if (outbox.write(bytes)) {
          written.add(outbox);
        }
      } catch (Throwable failure) {
        outbox.failed(failure);
      }
    }
  }
}
