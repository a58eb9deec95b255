package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.MemberId;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A member's way in, fed by a transport. Any thread, one at a time: what is handed in is heard in
 * that order. Nothing here blocks, throws or calls back, but for {@link Outlet#pause}, {@link
 * Outlet#resume} and, once, {@link Outlet#close}, and within {@link #batch} what a room's turn
 * calls.
 */
public final class Inlet {
  /** Reading pauses when a sixteenth of the limit waits, and goes on at half of that. */
  private static final int PAUSE_AT = 16;

  private static final int RESUME_AT = 32;

  /** Who has no more than this waiting may still send where others have filled what is for all. */
  static final int LITTLE = 16 << 10;

  /** What a message that waits takes in memory besides its bytes, about. */
  private static final int OVERHEAD = 128;

  private static final String TOO_MUCH = "too much is waiting here: the message was not taken";

  private final House house;
  private final Room room;
  private final Seat seat;
  private final AtomicBoolean left = new AtomicBoolean();
  final AtomicInteger messages = new AtomicInteger();
  final AtomicLong bytes = new AtomicLong();
  private final ReentrantLock turning = new ReentrantLock();
  private volatile boolean paused;

  /** The member is over its pace. */
  private volatile boolean heldUp;

  Inlet(House house, Room room, Seat seat) {
    this.house = house;
    this.room = room;
    this.seat = seat;
  }

  /** The member's id, its {@code pid} on the wire. */
  public MemberId id() {
    return seat.id;
  }

  /** Hands in a text message, whole and valid Unicode (PROTOCOL section 3). */
  public void text(String text) {
    Objects.requireNonNull(text, "text");
    int size = Utf8.length(text);
    int max = house.limits().maxTextBytes();
    if (size > max) {
      room.letGo(seat, Close.TOO_BIG, "a text may have " + max + " bytes");
    } else if (mayTake(size)) {
      if (!house.listener().isDeaf()) {
        house.listener().received(room.id, seat.id, size);
      }
      if (isWithinShare()) {
        take(house.parser().text(text), size);
      } else {
        refuse(size);
      }
    }
  }

  /**
   * Hands in a binary message (PROTOCOL section 3).
   *
   * @param message whole, from its position to its limit; belongs to xnest from now on
   */
  public void binary(ByteBuffer message) {
    int size = Objects.requireNonNull(message, "message").remaining();
    int max = house.limits().maxBinaryBytes();
    if (size > max) {
      room.letGo(seat, Close.TOO_BIG, "a binary message may have " + max + " bytes");
    } else if (mayTake(size)) {
      house.listener().received(room.id, seat.id, size);
      if (isWithinShare()) {
        take(house.parser().binary(message), size);
      } else {
        refuse(size);
      }
    }
  }

  /**
   * Runs {@code handingIn}, which hands in what has come of this member together. What the room has
   * to say to that goes out together, too: its turn comes behind the last message, not the first.
   *
   * @param here whether the room may take its turn on this thread, which saves the way to another;
   *     it does so if the turn is free and not long. Say so where nobody else waits for this thread
   */
  public void batch(Runnable handingIn, boolean here) {
    room.batch(handingIn, here);
  }

  /**
   * Takes what a member that is code asks for; any thread.
   *
   * @return false, and nothing happens, if it has left or too much of it waits
   */
  boolean ask(Command command, int size) {
    if (left.get()) {
      return false;
    }
    if (countIsTooMuch(size)) {
      uncount(size);
      return false;
    }
    room.handle(seat, command, size);
    return true;
  }

  /**
   * The member is gone. What was handed in before is still heard, then its {@code leave}; what is
   * handed in later is ignored. May be called again, to no effect.
   */
  public void leave() {
    if (hasLeftNow()) {
      room.leave(seat);
    }
  }

  /** As {@link Xnest#dismiss}. */
  void dismiss(String reason) {
    room.dismiss(seat, Close.GOING_AWAY, reason);
  }

  /** Whether this call is the first to say that the member has left. */
  boolean hasLeftNow() {
    return left.compareAndSet(false, true);
  }

  boolean hasLeft() {
    return left.get();
  }

  private boolean mayTake(int size) {
    if (left.get()) {
      return false;
    }
    if (countIsTooMuch(size)) {
      uncount(size);
      room.letGo(seat, Close.POLICY, "too much is waiting");
      return false;
    }
    return true;
  }

  private boolean countIsTooMuch(int size) {
    Limits limits = house.limits();
    house.waiting().addAndGet(size + OVERHEAD);
    return messages.incrementAndGet() > limits.inletMessages()
        | bytes.addAndGet(size) > limits.inletBytes();
  }

  private void uncount(int size) {
    messages.decrementAndGet();
    bytes.addAndGet(-size);
    house.waiting().addAndGet(-size - OVERHEAD);
  }

  /**
   * Whether what waits of all members, or of this one, leaves it the last message. The last quarter
   * is for those of whom little waits.
   */
  private boolean isWithinShare() {
    Limits limits = house.limits();
    long own = bytes.get() + (long) OVERHEAD * messages.get();
    long most = limits.allInletBytes();
    return house.waiting().get() <= (own <= LITTLE ? most : most - most / 4)
        || own <= most / limits.connections();
  }

  /** Lets the message go, and has its sender told in its turn. */
  private void refuse(int size) {
    bytes.addAndGet(-size);
    house.waiting().addAndGet(-size);
    take(new Command.Unreadable(TOO_MUCH), 0);
  }

  /**
   * Turns reading last: an outlet may read on, and hand in more, within its {@code resume}. Waits
   * for a {@code resume} that is going on: else the pause behind it could come too late.
   */
  private void take(Command command, int size) {
    room.handle(seat, command, size);
    if (isToTurn()) {
      turning.lock();
      turnAndUnlock();
      turnReading();
    }
  }

  /** A message that {@link #text} or {@link #binary} took is done with. Any thread. */
  void done(int size) {
    uncount(size);
    turnReading();
  }

  /** Whether the member is to be read more slowly; called by its room. */
  void holdUp(boolean isOver) {
    heldUp = isOver;
    turnReading();
  }

  private boolean waitsFor(int part) {
    Limits limits = house.limits();
    return messages.get() >= limits.inletMessages() / part
        || bytes.get() >= limits.inletBytes() / part;
  }

  /**
   * Looks again after each change, as others may not have seen it. One thread at a time calls the
   * outlet. A room does not wait for that, as the outlet may hold locks of its own.
   */
  private void turnReading() {
    while (isToTurn() && turning.tryLock()) {
      turnAndUnlock();
    }
  }

  private void turnAndUnlock() {
    try {
      while (isToTurn()) {
        paused = !paused;
        tell(paused);
      }
    } finally {
      turning.unlock();
    }
  }

  private boolean isToTurn() {
    return paused ? !heldUp && !waitsFor(RESUME_AT) : heldUp || waitsFor(PAUSE_AT);
  }

  private void tell(boolean toPause) {
    try {
      if (toPause) {
        seat.outlet.pause();
      } else {
        seat.outlet.resume();
      }
    } catch (Throwable failure) {
      house.listener().failed("pausing or resuming member " + seat.id, failure);
      room.letGo(seat, Close.TRY_AGAIN_LATER, "cannot be paused");
    }
  }
}
