package im.xpro.xnest;

import im.xpro.xnest.HistoryWriter.Batch;
import im.xpro.xnest.HistoryWriter.Outcome;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a room's messages before they are heard, in their order, with one batch on its way at a
 * time. Numbers are given when a batch leaves and count on from what was heard, so what is known to
 * be lost leaves no hole. Belongs to the room's mailbox.
 */
final class Keeper {
  static final String TOO_MUCH = "the store cannot keep up: the message was not kept";
  static final String NO_ANSWER = "the store does not answer: the message was not kept";
  static final String PERHAPS = "the store does not answer: the message is perhaps kept";
  static final String LOST = "the message could not be kept";

  /**
   * A message on its way.
   *
   * @param size the bytes that it counts among all that waits
   * @param inletBytes those that its sender's inlet counts for it
   * @param number null if a member said it, who hears for itself what became of it
   */
  private record Pending(
      Seat seat,
      Frame frame,
      String nickname,
      Event.Message message,
      int size,
      int inletBytes,
      @Nullable CompletableFuture<Long> number) {}

  private final Room room;
  private final House house;
  private final Mailbox mailbox;
  private final Audience audience;

  private List<Pending> waiting = new ArrayList<>();
  private int waitingBytes;
  private List<Pending> onItsWay = List.of();

  /** How many have gone on their way. */
  private long batches;

  /** The senders of what is on its way were told that it is perhaps kept. */
  private boolean told;

  private boolean watched;
  private boolean conflict;

  /** They wait until nothing is on its way. */
  private final Queue<Runnable> whenSettled = new ArrayDeque<>();

  Keeper(Room room, House house, Mailbox mailbox, Audience audience) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
    this.audience = audience;
  }

  /**
   * Takes a message; it is published once it is kept, else its sender hears why not.
   *
   * @param number told in place of the sender, who is the application's own voice then
   */
  void keep(
      Seat seat,
      Frame frame,
      String nickname,
      Event.Message message,
      int inletBytes,
      @Nullable CompletableFuture<Long> number) {
    String text =
        message instanceof Event.Said said ? said.text() : ((Event.Shared) message).blob();
    Pending pending =
        new Pending(seat, frame, nickname, message, Utf8.length(text), inletBytes, number);
    seat.waiting++;
    String why = refusal(pending);
    if (why != null) {
      refuse(pending, why);
    } else {
      waiting.add(pending);
      waitingBytes += pending.size();
    }
  }

  /** Null if it is taken; it then counts among all that waits. */
  private @Nullable String refusal(Pending pending) {
    Limits limits = house.limits();
    if (conflict) {
      return LOST;
    }
    if (told) {
      return NO_ANSWER;
    }
    boolean full =
        waiting.size() >= limits.roomWaitingMessages()
            || !waiting.isEmpty() && waitingBytes + pending.size() > limits.roomWaitingBytes();
    return full || !house.storage().reserve(pending.size()) ? TOO_MUCH : null;
  }

  /** Runs {@code task} once all that is on its way is settled, before anything newer goes. */
  void whenSettled(Runnable task) {
    if (onItsWay.isEmpty()) {
      task.run();
    } else {
      whenSettled.add(task);
    }
  }

  /**
   * Lets what waits go on its way, if nothing is. Its outcome comes before what was said meanwhile:
   * else all that would have to wait, and there is a bound to that.
   */
  void handOver() {
    if (waiting.isEmpty() || !onItsWay.isEmpty()) {
      return;
    }
    onItsWay = waiting;
    int bytes = waitingBytes;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    batches++;
    List<HistoryEntry> entries = numbered(onItsWay);
    house
        .storage()
        .append(
            new Batch(
                entries, bytes, outcome -> mailbox.executeFirst(() -> settle(outcome, entries))));
    watch();
  }

  private List<HistoryEntry> numbered(List<Pending> messages) {
    List<HistoryEntry> entries = new ArrayList<>(messages.size());
    long number = room.past.last();
    for (Pending pending : messages) {
      Frame frame = pending.frame;
      entries.add(
          new HistoryEntry(
              room.id,
              ++number,
              frame.from(),
              pending.nickname,
              pending.message,
              frame.time(),
              pending.seat.grant.identity()));
    }
    return List.copyOf(entries);
  }

  private void settle(Outcome outcome, List<HistoryEntry> entries) {
    List<Pending> messages = onItsWay;
    boolean wasTold = told;
    onItsWay = List.of();
    told = false;
    conflict |= outcome == Outcome.CONFLICT;
    for (int i = 0; i < messages.size(); i++) {
      Pending pending = messages.get(i);
      house.storage().release(pending.size());
      if (outcome == Outcome.KEPT) {
        room.past.add(entries.get(i));
        publish(pending, entries.get(i).number());
      } else {
        lose(pending, LOST);
      }
      if (wasTold) {
        pending.seat.perhapsKept--;
      } else {
        finish(pending);
      }
    }
    goOn(messages);
    while (!whenSettled.isEmpty()) {
      whenSettled.remove().run();
    }
  }

  /** What a system member has said to the store alone is heard by who came meanwhile. */
  private void publish(Pending pending, long number) {
    if (pending.number == null) {
      audience.publish(pending.frame);
    } else {
      if (room.staff.callIn(pending.seat)) {
        audience.publish(pending.frame);
      }
      house.complete(pending.number, number);
    }
  }

  /** A room looks at what is on its way about once in {@link Limits#storeTime}, while it is. */
  private void watch() {
    if (!watched) {
      long now = batches;
      house.timer().after(house.limits().storeTime(), () -> mailbox.execute(() -> look(now)));
      watched = true;
    }
  }

  private void look(long then) {
    watched = false;
    if (onItsWay.isEmpty()) {
      return;
    }
    if (batches == then) {
      tellThatNothingIsKnown();
    } else {
      watch();
    }
  }

  /** Does not wait for {@link Limits#storeTime} any more. */
  void giveUp() {
    if (!onItsWay.isEmpty() && !told) {
      tellThatNothingIsKnown();
    }
  }

  /** Tells one who goes, and nobody else, that nothing is known; what has not left is not kept. */
  void giveUp(Seat seat) {
    if (told) {
      return;
    }
    for (Pending pending : onItsWay) {
      if (pending.seat == seat) {
        tell(pending, PERHAPS);
      }
    }
    List<Pending> never = waiting.stream().filter(pending -> pending.seat == seat).toList();
    waiting.removeIf(pending -> pending.seat == seat);
    for (Pending pending : never) {
      waitingBytes -= pending.size();
      house.storage().release(pending.size());
      refuse(pending, NO_ANSWER);
    }
  }

  private void tellThatNothingIsKnown() {
    told = true;
    for (Pending pending : onItsWay) {
      tell(pending, PERHAPS);
      pending.seat.perhapsKept++;
      finish(pending);
    }
    List<Pending> never = waiting;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    for (Pending pending : never) {
      house.storage().release(pending.size());
      refuse(pending, NO_ANSWER);
    }
    goOn(onItsWay);
    goOn(never);
  }

  private void refuse(Pending pending, String why) {
    lose(pending, why);
    finish(pending);
  }

  private void lose(Pending pending, String why) {
    if (pending.message instanceof Event.Shared shared) {
      remove(shared);
    }
    tell(pending, why);
  }

  private void tell(Pending pending, String why) {
    if (pending.number == null) {
      audience.fail(pending.seat, why);
    } else {
      house.fail(pending.number, new NotPostedException(why));
    }
  }

  private static void finish(Pending pending) {
    pending.seat.waiting--;
    if (pending.number == null) {
      pending.seat.inlet.done(pending.inletBytes);
    }
  }

  private void goOn(List<Pending> messages) {
    Set<Seat> senders = new LinkedHashSet<>();
    messages.forEach(pending -> senders.add(pending.seat));
    senders.forEach(room::advance);
  }

  /** Nobody will ever be told of this blob. */
  void remove(Event.Shared shared) {
    house
        .storage()
        .remove(
            room.id,
            shared.blob(),
            mailbox,
            (none, failure) -> {
              if (failure != null) {
                house.listener().failed("removing media of room '" + room.id + "'", failure);
              }
            });
  }
}
