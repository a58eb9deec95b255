package im.xpro.xnest;

import im.xpro.xnest.HistoryWriter.Batch;
import im.xpro.xnest.HistoryWriter.Outcome;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  /** A message on its way, and the bytes that its sender's inlet counts for it. */
  private record Draft(
      Seat seat, Frame frame, String nickname, Event.Message message, int inletBytes) {
    /** What it counts among all that waits. */
    int size() {
      return frame.event() instanceof Event.Said said
          ? said.text().length()
          : ((Event.Shared) message).blob().length();
    }
  }

  private final Room room;
  private final House house;
  private final Mailbox mailbox;

  private List<Draft> waiting = new ArrayList<>();
  private int waitingBytes;
  private List<Draft> onItsWay = List.of();

  /** How many have gone on their way. */
  private long batches;

  /** The senders of what is on its way were told that it is perhaps kept. */
  private boolean told;

  private boolean watched;
  private boolean conflict;

  Keeper(Room room, House house, Mailbox mailbox) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
  }

  /** Takes a message; it is published once it is kept, else its sender hears why not. */
  void keep(Seat seat, Frame frame, String nickname, Event.Message message, int inletBytes) {
    Draft draft = new Draft(seat, frame, nickname, message, inletBytes);
    seat.waiting++;
    String why = refusal(draft);
    if (why != null) {
      refuse(draft, why);
    } else {
      waiting.add(draft);
      waitingBytes += draft.size();
    }
  }

  /** Null if it is taken; it then counts among all that waits. */
  private @Nullable String refusal(Draft draft) {
    Limits limits = house.limits();
    if (conflict) {
      return LOST;
    }
    if (told) {
      return NO_ANSWER;
    }
    boolean full =
        waiting.size() >= limits.roomWaitingMessages()
            || !waiting.isEmpty() && waitingBytes + draft.size() > limits.roomWaitingBytes();
    return full || !house.storage().reserve(draft.size()) ? TOO_MUCH : null;
  }

  /** Lets what waits go on its way, if nothing is. */
  void handOver() {
    if (waiting.isEmpty() || !onItsWay.isEmpty()) {
      return;
    }
    onItsWay = waiting;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    batches++;
    List<HistoryEntry> entries = numbered(onItsWay);
    house
        .storage()
        .append(new Batch(entries, outcome -> mailbox.execute(() -> settle(outcome, entries))));
    watch();
  }

  private List<HistoryEntry> numbered(List<Draft> drafts) {
    List<HistoryEntry> entries = new ArrayList<>(drafts.size());
    long number = room.past.last();
    for (Draft draft : drafts) {
      Frame frame = draft.frame;
      entries.add(
          new HistoryEntry(
              room.id, ++number, frame.from(), draft.nickname, draft.message, frame.time()));
    }
    return List.copyOf(entries);
  }

  private void settle(Outcome outcome, List<HistoryEntry> entries) {
    List<Draft> drafts = onItsWay;
    boolean wasTold = told;
    onItsWay = List.of();
    told = false;
    conflict |= outcome == Outcome.CONFLICT;
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      house.storage().release(draft.size());
      if (outcome == Outcome.KEPT) {
        room.past.add(entries.get(i));
        room.publish(draft.frame);
      } else {
        lose(draft, LOST);
      }
      if (wasTold) {
        draft.seat.perhapsKept--;
      } else {
        finish(draft);
      }
    }
    goOn(drafts);
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

  private void tellThatNothingIsKnown() {
    told = true;
    for (Draft draft : onItsWay) {
      room.fail(draft.seat, PERHAPS);
      draft.seat.perhapsKept++;
      finish(draft);
    }
    List<Draft> never = waiting;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    for (Draft draft : never) {
      house.storage().release(draft.size());
      refuse(draft, NO_ANSWER);
    }
    goOn(onItsWay);
    goOn(never);
  }

  private void refuse(Draft draft, String why) {
    lose(draft, why);
    finish(draft);
  }

  private void lose(Draft draft, String why) {
    if (draft.message instanceof Event.Shared shared) {
      room.removeBlob(shared);
    }
    room.fail(draft.seat, why);
  }

  private static void finish(Draft draft) {
    draft.seat.waiting--;
    draft.seat.inlet.done(draft.inletBytes);
  }

  private void goOn(List<Draft> drafts) {
    Set<Seat> senders = new LinkedHashSet<>();
    drafts.forEach(draft -> senders.add(draft.seat));
    senders.forEach(room::advance);
  }
}
