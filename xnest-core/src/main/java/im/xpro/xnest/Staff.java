package im.xpro.xnest;

import im.xpro.xnest.Seat.Errand;
import im.xpro.xnest.Seat.Request;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A room's system members: companions that say what the application posts. While nobody is there
 * they say it to the store alone, unseated; whoever comes before it is kept is told of them first.
 * Belongs to the room's mailbox.
 */
final class Staff {
  /** What a system member would hear goes nowhere. */
  private static final Outlet NOWHERE =
      new Outlet() {
        @Override
        public boolean offer(Outgoing frames) {
          return true;
        }

        @Override
        public void close(int code, String reason) {}
      };

  /** Bytes that something said costs, besides its text, while it waits. */
  private static final int OVERHEAD = 100;

  private final Room room;
  private final House house;
  private final Mailbox mailbox;
  private final Audience audience;
  private final Keeper keeper;
  private final Map<String, Seat> seats = new LinkedHashMap<>();

  Staff(Room room, House house, Mailbox mailbox, Audience audience, Keeper keeper) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
    this.audience = audience;
    this.keeper = keeper;
  }

  boolean has(Seat seat) {
    return seats.get(seat.nickname) == seat;
  }

  /** Whether something waits for the number of the room's newest record. */
  boolean waitsForThePast() {
    return !room.past.isNumbered()
        && seats.values().stream().anyMatch(seat -> !seat.lane.isEmpty());
  }

  boolean hasNothingLeftToSay() {
    return seats.values().stream().allMatch(Seat::hasNothingLeftToSay);
  }

  /** Says what waited for the room's past. */
  void goOn() {
    seats.values().stream().toList().forEach(room::advance);
  }

  /** Nobody is left for whom they would be here. */
  void disperse() {
    seats.clear();
  }

  /** Says something to everybody, or to the store if nobody is there. */
  void post(String nickname, String text, CompletableFuture<Long> number) {
    if (!room.isOpen() && !room.learnOptions()) {
      house.fail(number, new NotPostedException(Room.NOT_NOW));
      return;
    }
    Seat seat = seatFor(nickname, text, number);
    if (seat == null) {
      return;
    }
    Request request = request(new Command.Say(text), text, number, () -> say(seat, text, number));
    seat.lane.add(request);
    room.advance(seat);
    if (!seat.lane.isEmpty()) {
      room.pastIsThere();
    }
    if (seat.lane.contains(request)) {
      house
          .timer()
          .after(house.limits().storeTime(), () -> mailbox.execute(() -> giveUp(seat, request)));
    }
  }

  private Request request(
      Command command, String text, CompletableFuture<?> answer, Runnable deed) {
    int bytes = Utf8.length(text) + OVERHEAD;
    return new Request(
        command,
        bytes,
        new Errand(
            answer,
            () -> {
              house.storage().release(bytes);
              deed.run();
            }));
  }

  /** What still waits is not said. */
  void giveUp() {
    for (Seat seat : List.copyOf(seats.values())) {
      List.copyOf(seat.lane).forEach(request -> giveUp(seat, request));
    }
  }

  private void giveUp(Seat seat, Request request) {
    if (seat.lane.remove(request)) {
      house.storage().release(request.bytes());
      house.fail(request.errand().answer(), new NotPostedException(Room.UNREADABLE));
      room.advance(seat);
    }
  }

  private void say(Seat seat, String text, CompletableFuture<Long> number) {
    callIn(seat);
    Event.Said said = new Event.Said(text);
    Frame frame = audience.frame(seat.id, said);
    if (room.options().keepsHistory()) {
      keeper.keep(seat, frame, seat.nickname, said, 0, number);
      return;
    }
    if (seat.present) {
      audience.publish(frame);
    }
    house.complete(number, 0L);
  }

  /** Says something to one member, behind all that this system member said before. */
  void whisper(String nickname, MemberId to, String text, CompletableFuture<Boolean> heard) {
    if (audience.seat(to) == null) {
      house.complete(heard, false);
      return;
    }
    Seat seat = seatFor(nickname, text, heard);
    if (seat == null) {
      return;
    }
    Command.Whisper whisper = new Command.Whisper(to, text);
    seat.lane.add(request(whisper, text, heard, () -> whisper(seat, whisper, heard)));
    room.advance(seat);
  }

  private void whisper(Seat from, Command.Whisper whisper, CompletableFuture<Boolean> heard) {
    Seat to = audience.seat(whisper.to());
    boolean isThere = to != null && to.hears;
    if (isThere) {
      callIn(from);
      audience.send(to, new Event.Whispered(whisper.text()), from.id);
    }
    house.complete(heard, isThere);
  }

  /** Lets a system member in that is to be heard; false if nobody is there to hear it. */
  boolean callIn(Seat seat) {
    if (!seat.present && audience.people() > 0) {
      room.accompany(seat);
    }
    return seat.present;
  }

  /** Who is to say this, for which bytes are reserved; null if it cannot be said. */
  private @Nullable Seat seatFor(String nickname, String text, CompletableFuture<?> answer) {
    Seat seat = seatOf(nickname);
    String why =
        seat == null
            ? "the room has " + house.limits().systemMembers() + " system members already"
            : house.storage().reserve(Utf8.length(text) + OVERHEAD) ? null : Keeper.TOO_MUCH;
    if (why == null) {
      return seat;
    }
    house.fail(answer, new NotPostedException(why));
    return null;
  }

  /** The system member of this nickname; null if there are too many others. */
  private @Nullable Seat seatOf(String nickname) {
    Seat there = seats.get(nickname);
    if (there != null) {
      return there;
    }
    seats.values().removeIf(seat -> !seat.present && seat.hasNothingLeftToSay());
    if (seats.size() >= house.limits().systemMembers()) {
      return null;
    }
    RoomId id = room.id;
    Seat seat =
        new Seat(house, room, house.newMember(), Entry.of(id, nickname), nickname, NOWHERE, true);
    seats.put(nickname, seat);
    return seat;
  }
}
