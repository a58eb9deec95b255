package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.server.wire.Budget;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Puts all that happens on a connection's way in into one row: bytes that a worker brings, wake-ups
 * from any thread, the end of the stream. One thread at a time feeds the eater, and no lock is held
 * while it eats. What it leaves, since it waits for something, is held back; nothing more is then
 * read from the socket.
 */
final class Intake {
  /** Called by one thread at a time, but for {@link #waits}. Nothing here may throw. */
  interface Eater {
    /** Eats {@code bytes}; leaves some only while it waits. May be called with none. */
    void eat(ByteBuffer bytes);

    /** Whether it eats nothing now; {@link Intake#wake} follows when it does again. */
    boolean waits();

    /** The peer has ended, and all it sent was eaten. May be called again. */
    void ended();

    /** What was held back is more than the budget has, and is lost. */
    void overflowed();
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Eater eater;
  private final Link link;
  private final Budget.Share budget;
  private final Executor executor;

  // ---- guarded by this ----

  /** What has come and was not eaten, in arrays of its own. */
  private ByteBuffer held = NOTHING;

  private int charged;

  /** Buffers that the socket gave and that have not arrived yet. */
  private int underway;

  private boolean busy;
  private boolean again;
  private boolean reading = true;
  private boolean ended;

  /**
   * @param executor goes on after a wake-up, so that whoever wakes is not held up
   */
  Intake(Eater eater, Link link, Budget.Share budget, Executor executor) {
    this.eater = eater;
    this.link = link;
    this.budget = budget;
    this.executor = executor;
  }

  /** The socket gave bytes, which will arrive. */
  synchronized void announce() {
    underway++;
  }

  /** Bytes have arrived; they are the caller's again when this returns. */
  void arrived(ByteBuffer bytes) {
    ByteBuffer meal = bytes;
    synchronized (this) {
      underway--;
      if (busy || held.hasRemaining()) {
        held = join(held, bytes);
        meal = NOTHING;
      }
      again |= busy;
      if (busy) {
        return;
      }
      busy = true;
    }
    feed(meal);
  }

  /** The eater may have something to do. */
  void wake() {
    synchronized (this) {
      again |= busy;
      if (busy) {
        return;
      }
      busy = true;
    }
    executor.execute(() -> feed(NOTHING));
  }

  /**
   * The peer has ended its side.
   *
   * @return whether that may be acted on now; if not, the eater is told when it may
   */
  synchronized boolean end() {
    ended = true;
    return isDone();
  }

  private synchronized boolean isDone() {
    return ended && !busy && underway == 0 && !held.hasRemaining() && !eater.waits();
  }

  private void feed(ByteBuffer arrived) {
    ByteBuffer meal = arrived.hasRemaining() ? arrived : takeHeld();
    eater.eat(meal);
    ByteBuffer rest = meal == arrived ? join(NOTHING, arrived) : meal;
    while ((rest = next(rest)) != null) {
      eater.eat(rest);
    }
    if (isDone()) {
      eater.ended();
    }
  }

  private synchronized ByteBuffer takeHeld() {
    ByteBuffer meal = held;
    held = NOTHING;
    return meal;
  }

  /**
   * @return what is to be eaten next, perhaps nothing; null if this is the end for now
   */
  private @Nullable ByteBuffer next(ByteBuffer rest) {
    boolean fits;
    synchronized (this) {
      held = join(rest, held);
      fits = charge(held.capacity());
      if (!fits) {
        held = NOTHING;
        charge(0);
      } else if (again) {
        again = false;
        return takeHeld();
      } else {
        busy = false;
        boolean mayRead = !held.hasRemaining() && !eater.waits();
        if (mayRead != reading) {
          reading = mayRead;
          link.read(mayRead);
        }
        return null;
      }
    }
    eater.overflowed();
    return NOTHING;
  }

  private boolean charge(int bytes) {
    int more = bytes - charged;
    charged = bytes;
    return more == 0 || budget.take(more);
  }

  private static ByteBuffer join(ByteBuffer first, ByteBuffer second) {
    if (!second.hasRemaining()) {
      return first.hasRemaining() ? first : NOTHING;
    }
    ByteBuffer both = ByteBuffer.allocate(first.remaining() + second.remaining());
    return both.put(first).put(second).flip();
  }
}
