package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room, and what they hear: the only place that changes the roster, and the only one
 * that fans out. Each frame is written once, whatever waits at the end of a turn is one piece, and
 * each member is offered the same piece. Belongs to the room's mailbox.
 */
final class Audience {
  /** What was published is flushed at the end of a turn, or in pieces of about this many bytes. */
  private static final int JOINED_BYTES = 64 << 10;

  private final Room room;
  private final RoomId id;
  private final House house;

  /** Everybody who was told to be here, in the order in which they joined. */
  private final Map<MemberId, Member> roster = new LinkedHashMap<>();

  private final Map<MemberId, Seat> seats = new LinkedHashMap<>();
  private int companions;

  /** The seats that hear; null when it has to be made anew. */
  private Seat @Nullable [] hearers;

  /** Published and not flushed. */
  private List<Frame> fresh = new ArrayList<>();

  private List<String> freshTexts = new ArrayList<>();
  private int freshChars;

  Audience(Room room, House house) {
    this.room = room;
    this.id = room.id;
    this.house = house;
  }

  int size() {
    return seats.size();
  }

  /** How many are there who are no companions. */
  int people() {
    return seats.size() - companions;
  }

  Collection<Seat> seats() {
    return seats.values();
  }

  @Nullable Seat seat(MemberId member) {
    return seats.get(member);
  }

  /** Everybody, in the order in which they joined, as the application sees them. */
  List<Participant> participants() {
    return seats.values().stream().map(seat -> seat.asParticipant(member(seat))).toList();
  }

  /** A member as it is called now, or as it came if it is not in the roster. */
  Member member(Seat seat) {
    Member there = roster.get(seat.id);
    return there == null ? new Member(seat.id, seat.nickname) : there;
  }

  /**
   * Takes somebody in: what {@code seat} hears after its welcome is exactly what happens after it.
   */
  void welcome(Seat seat, Page newest) {
    flush();
    List<Member> members = new ArrayList<>(roster.values());
    members.add(new Member(seat.id, seat.nickname));
    send(
        seat,
        List.of(
            frame(seat.id, new Event.You()),
            frame(seat.id, new Event.Counted(members.size())),
            frame(seat.id, new Event.Listed(List.copyOf(members))),
            frame(seat.id, new Event.Past(newest.entries()))),
        newest.json());
    seat.present = true;
    seats.put(seat.id, seat);
    hearers = null;
    publish(frame(seat.id, new Event.Joined(seat.nickname)));
  }

  /** Takes a companion in, who hears what happens from now on. */
  void place(Seat companion) {
    flush();
    companion.present = true;
    seats.put(companion.id, companion);
    companions++;
    hearers = null;
    publish(frame(companion.id, new Event.Joined(companion.nickname)));
  }

  /** Tells everybody else that a member is gone. */
  void dismiss(Seat seat) {
    seat.end();
    seats.remove(seat.id);
    if (seat.isCompanion) {
      companions--;
    }
    publish(frame(seat.id, new Event.Left()));
  }

  /** Nobody but companions is left: they go, and nobody hears of it. */
  void disperse() {
    flush();
    seats
        .values()
        .forEach(
            companion -> {
              companion.end();
              companion.inlet.hasLeftNow();
              house.listener().left(id, member(companion));
            });
    seats.clear();
    roster.clear();
    companions = 0;
    hearers = null;
  }

  /** This member takes no more frames. */
  void deafen(Seat seat) {
    seat.hears = false;
    hearers = null;
  }

  Frame frame(MemberId from, Event event) {
    // no store keeps more of it
    Instant now = house.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    return new Frame(from, id, event, now);
  }

  /** The one way to everybody: what is published here is the order that everybody sees. */
  void publish(Frame frame) {
    fold(frame);
    String text = house.writer().write(frame);
    fresh.add(frame);
    freshTexts.add(text);
    freshChars += text.length();
    if (freshChars >= JOINED_BYTES) {
      flush();
    }
  }

  private void fold(Frame frame) {
    if (frame.event() instanceof Event.Joined joined) {
      roster.put(frame.from(), new Member(frame.from(), joined.nickname()));
    } else if (frame.event() instanceof Event.Renamed renamed) {
      roster.put(frame.from(), new Member(frame.from(), renamed.nickname()));
    } else if (frame.event() instanceof Event.Left) {
      roster.remove(frame.from());
    }
  }

  /** Offers what was published to everybody. */
  void flush() {
    if (fresh.isEmpty()) {
      return;
    }
    Outgoing frames = new Outgoing(List.copyOf(fresh), List.copyOf(freshTexts));
    fresh = new ArrayList<>();
    freshTexts = new ArrayList<>();
    freshChars = 0;
    Seat[] all = hearers();
    for (Seat seat : all) {
      offer(seat, frames);
    }
    if (!house.listener().isDeaf()) {
      house.listener().delivered(id, frames, all.length, lag(frames));
    }
  }

  private Duration lag(Outgoing frames) {
    Instant now = house.clock().instant();
    Instant oldest = now;
    for (Frame frame : frames.frames()) {
      oldest = frame.time().isBefore(oldest) ? frame.time() : oldest;
    }
    return Duration.between(oldest, now);
  }

  private Seat[] hearers() {
    Seat[] all = hearers;
    if (all == null) {
      all = seats.values().stream().filter(seat -> seat.hears).toArray(Seat[]::new);
      hearers = all;
    }
    return all;
  }

  /** Tells a member why what it asked for was not done. */
  void fail(Seat seat, String why) {
    send(seat, new Event.Failed(why), seat.id);
    house.listener().refused(id, member(seat), why);
  }

  /** Sends something to one member, behind all that was published before. */
  void send(Seat to, Event event, MemberId from) {
    send(to, List.of(frame(from, event)), List.of());
  }

  /** Sends a page of history to one member, behind all that was published before. */
  void send(Seat to, Page page) {
    send(to, List.of(frame(to.id, new Event.Past(page.entries()))), page.json());
  }

  /**
   * @param records those of a page of history among {@code frames}, written
   */
  private void send(Seat seat, List<Frame> frames, List<String> records) {
    flush();
    if (seat.hears) {
      List<String> texts =
          frames.stream().map(frame -> house.writer().write(frame, records)).toList();
      Outgoing answer = new Outgoing(frames, texts);
      offer(seat, answer);
      house.listener().answered(id, seat.id, answer);
    }
  }

  private void offer(Seat seat, Outgoing frames) {
    boolean taken = false;
    try {
      taken = seat.outlet.offer(frames);
    } catch (Throwable failure) {
      house.listener().failed("offering to member " + seat.id, failure);
    }
    if (!taken) {
      deafen(seat);
      if (!seat.inlet.hasLeft()) {
        house.listener().letGo(id, member(seat));
        room.letGo(seat, Close.TRY_AGAIN_LATER, "reads too slowly");
      }
    }
  }

  /** Ends a member's connection, behind all that it was sent. */
  void close(Seat seat, int code, String reason) {
    deafen(seat);
    try {
      seat.outlet.close(code, reason);
    } catch (Throwable failure) {
      house.listener().failed("closing the connection of member " + seat.id, failure);
    }
  }
}
