package im.xpro.xnest;

import im.xpro.xnest.Sanctions.Person;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.MemberId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the application does with a room's members. Belongs to the room's mailbox. */
final class Moderation {
  private final Room room;
  private final House house;
  private final Audience audience;
  private final Staff staff;

  Moderation(Room room, House house, Audience audience, Staff staff) {
    this.room = room;
    this.house = house;
    this.audience = audience;
    this.staff = staff;
  }

  List<Participant> participants() {
    return audience.participants();
  }

  boolean rename(MemberId member, String nickname) {
    Seat seat = seat(member);
    if (seat == null) {
      return false;
    }
    audience.publish(audience.frame(seat.id, new Event.Renamed(nickname)));
    return true;
  }

  boolean kick(MemberId member, String reason) {
    Seat seat = seat(member);
    if (seat == null) {
      return false;
    }
    room.letGo(seat, Close.POLICY, Close.reason(reason));
    return true;
  }

  boolean kick(MemberId member, String reason, Duration time) {
    Seat seat = seat(member);
    if (seat == null) {
      return false;
    }
    Person person = personOf(seat);
    if (person != null) {
      house.sanctions().keepOut(room.id, person, reason, house.after(time));
    }
    forEachOf(person, seat, one -> room.letGo(one, Close.POLICY, Close.reason(reason)));
    return true;
  }

  boolean mute(MemberId member, @Nullable Duration time) {
    Seat seat = seat(member);
    if (seat == null) {
      return false;
    }
    Instant until = time == null ? Instant.MAX : house.after(time);
    Person person = knownAs(seat);
    if (person != null) {
      house.sanctions().mute(room.id, person, until);
    }
    forEachOf(person, seat, one -> one.mutedUntil = until);
    return true;
  }

  boolean unmute(MemberId member) {
    Seat seat = seat(member);
    if (seat == null) {
      return false;
    }
    Person person = knownAs(seat);
    if (person != null) {
      house.sanctions().unmute(room.id, person);
    }
    boolean wasMuted = seat.isMuted();
    forEachOf(person, seat, one -> one.mutedUntil = null);
    return wasMuted;
  }

  /** Those who are here may send again. */
  void unmute(Person person) {
    room.seats()
        .filter(seat -> person.equals(knownAs(seat)))
        .forEach(seat -> seat.mutedUntil = null);
  }

  /** A member that is not the application's own voice. */
  private @Nullable Seat seat(MemberId member) {
    Seat seat = audience.seat(member);
    return seat == null || staff.has(seat) ? null : seat;
  }

  /** All connections of a person, {@code seat} alone if nothing is known of him. */
  private void forEachOf(@Nullable Person person, Seat seat, Consumer<Seat> deed) {
    room.seats()
        .filter(one -> one == seat || person != null && person.equals(personOf(one)))
        .toList()
        .forEach(deed);
  }

  private static @Nullable Person personOf(Seat seat) {
    return Person.of(seat.grant, seat.remote);
  }

  /** An address is not enough to mute everybody behind it. */
  private static @Nullable Person knownAs(Seat seat) {
    return seat.grant.identity() == null ? null : personOf(seat);
  }
}
