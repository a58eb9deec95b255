package im.xpro.xnest;

import im.xpro.xnest.Seat.Request;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Answers what members ask for: one command of a member at a time, in the order in which it came.
 * Belongs to the room's mailbox.
 *
 * <pre>
 *   lane -> Filters -> decide -> publish ------------------> everybody
 *                        |   \-> Keeper, until it is kept -/
 *                        \-> send: an answer to one member, behind all that was published before
 * </pre>
 */
final class Clerk {
  /** For whoever is over its pace: what may be answered by then is answered in one go. */
  private static final long LOOK_EVERY_MILLIS = 50;

  private final Room room;
  private final House house;
  private final Mailbox mailbox;
  private final Audience audience;
  private final Keeper keeper;

  Clerk(Room room, House house, Mailbox mailbox, Audience audience, Keeper keeper) {
    this.room = room;
    this.house = house;
    this.mailbox = mailbox;
    this.audience = audience;
    this.keeper = keeper;
  }

  /** Answers what is next in a member's lane, as far as it may be answered now. */
  void advance(Seat seat) {
    Request next;
    while (!seat.busy && (next = seat.lane.peek()) != null && isItsTurn(seat, next)) {
      seat.lane.remove();
      start(seat, next);
    }
    if (seat.present && seat.leaving && seat.hasNothingLeftToSay()) {
      room.depart(seat);
    }
    if (seat.isCompanion) {
      room.goIfDeserted();
    }
  }

  /**
   * The application's errands need nobody to be there, but the number of the newest record; so do
   * bots, which are there before it is known.
   */
  private boolean isItsTurn(Seat seat, Request next) {
    boolean isNumbered = room.past.isNumbered();
    boolean mayBe =
        next.errand() != null ? isNumbered : seat.present && (isNumbered || room.isDeserted());
    return mayBe && seat.mayStart(next) && isInPace(seat, next);
  }

  /**
   * Whether the next request of a member, which may start, comes at its pace; else it waits for it,
   * or the member is let go. What somebody said who leaves is not held up, and bots have a rate of
   * their own.
   */
  private boolean isInPace(Seat seat, Request next) {
    if (seat.leaving || seat.isCompanion) {
      return true;
    }
    if (seat.isHeldUp) {
      return false;
    }
    long now = house.clock().millis();
    long wait = seat.pace().take(next, now);
    if (wait == 0) {
      return true;
    }
    if (seat.pace().isTooMuch(next, now)) {
      room.letGo(seat, Close.POLICY, "sends too fast");
    } else {
      holdUp(seat, Math.max(wait, LOOK_EVERY_MILLIS));
    }
    return false;
  }

  private void holdUp(Seat seat, long millis) {
    house.timer().after(Duration.ofMillis(millis), () -> mailbox.execute(() -> goOn(seat)));
    seat.isHeldUp = true;
    seat.inlet.holdUp(true);
  }

  private void goOn(Seat seat) {
    seat.isHeldUp = false;
    advance(seat);
    seat.inlet.holdUp(seat.isHeldUp);
  }

  private void start(Seat seat, Request request) {
    Command command = request.command();
    String why = seat.refusal(command);
    boolean isUnheard =
        seat.isCompanion && room.isDeserted()
            || command instanceof Command.FetchHistory && !seat.hears;
    if (request.errand() != null) {
      request.errand().deed().run();
    } else if (isUnheard) {
      seat.inlet.done(request.bytes());
    } else if (why != null) {
      refuse(seat, why, request.bytes());
    } else if (command instanceof Command.Share && !mayUpload(seat)) {
      int most = house.limits().uploadRate();
      refuse(seat, "you may send " + most + " media in a minute", request.bytes());
    } else if (house.filters().isEmpty() || !Draft.isOf(command)) {
      decide(seat, command, request.bytes());
    } else {
      filter(seat, request);
    }
  }

  private boolean mayUpload(Seat seat) {
    return seat.isCompanion || seat.pace().takeUpload(house.clock().millis());
  }

  /** Asks the filters; one that takes its time holds up this member alone. */
  private void filter(Seat seat, Request request) {
    seat.busy = true;
    Draft draft = new Draft(room.id, seat.asParticipant(audience.member(seat)), request.command());
    house
        .filters()
        .judge(
            draft,
            mailbox,
            verdict -> {
              seat.busy = false;
              String why =
                  verdict instanceof Verdict.Refused refused
                      ? refused.reason()
                      : seat.refusal(request.command()); // muted meanwhile
              if (why != null) {
                refuse(seat, why, request.bytes());
              } else if (verdict instanceof Verdict.Changed changed) {
                decide(seat, changed.command(), request.bytes());
              } else {
                decide(seat, request.command(), request.bytes());
              }
            },
            () -> advance(seat));
  }

  private void refuse(Seat seat, String why, int bytes) {
    audience.fail(seat, why);
    seat.inlet.done(bytes);
  }

  private void decide(Seat seat, Command command, int bytes) {
    if (command instanceof Command.Say say) {
      tell(seat, new Event.Said(say.text()), bytes);
      return;
    }
    if (command instanceof Command.Share share) {
      store(seat, share, bytes);
      return;
    }
    if (command instanceof Command.FetchHistory fetch) {
      sendPage(seat, fetch.cursor(), bytes);
      return;
    }
    if (command instanceof Command.Whisper whisper) {
      whisper(seat, whisper);
    } else if (command instanceof Command.Rename rename) {
      audience.publish(audience.frame(seat.id, new Event.Renamed(rename.nickname())));
    } else if (command instanceof Command.Unreadable unreadable) {
      audience.fail(seat, unreadable.why());
    } else {
      throw new AssertionError("no branch for " + command);
    }
    seat.inlet.done(bytes);
  }

  private void tell(Seat seat, Event.Message message, int bytes) {
    Frame frame = audience.frame(seat.id, message);
    if (keeps(seat)) {
      keeper.keep(seat, frame, audience.member(seat).nickname(), message, bytes, null);
    } else {
      audience.publish(frame);
      seat.inlet.done(bytes);
    }
  }

  private boolean keeps(Seat seat) {
    return seat.keeps && room.options().keepsHistory();
  }

  private void store(Seat seat, Command.Share share, int bytes) {
    Event.Shared shared = new Event.Shared(share.kind(), house.blobIds().get());
    String why =
        !house.takesMedia()
            ? "this server takes no media"
            : house.storage().reserve(bytes) ? null : Keeper.TOO_MUCH;
    if (why != null) {
      refuse(seat, why, bytes);
      return;
    }
    seat.busy = true;
    house
        .storage()
        .put(
            room.id,
            shared.blob(),
            shared.kind(),
            keeps(seat),
            share.content(),
            bytes,
            mailbox,
            (none, failure) -> stored(seat, shared, bytes, failure));
  }

  private void stored(Seat seat, Event.Shared shared, int bytes, @Nullable Throwable failure) {
    seat.busy = false;
    String why = seat.silence(); // muted meanwhile
    if (failure != null) {
      house.listener().failed("storing media of room '" + room.id + "'", failure);
      refuse(seat, "the media could not be stored", bytes);
    } else if (why != null) {
      keeper.remove(shared);
      refuse(seat, why, bytes);
    } else {
      tell(seat, shared, bytes);
    }
    advance(seat);
  }

  private void whisper(Seat seat, Command.Whisper whisper) {
    Seat to = audience.seat(whisper.to());
    if (to == null || !to.hears) {
      audience.fail(seat, "no member of this room has that id");
    } else {
      audience.send(to, new Event.Whispered(whisper.text()), seat.id);
    }
  }

  private void sendPage(Seat seat, long cursor, int bytes) {
    if (cursor == 0) {
      seat.bookmarks.anchorAt(room.past.last());
    }
    seat.busy = true;
    room.past.page(
        seat.bookmarks.before(cursor),
        page -> {
          seat.busy = false;
          if (page == null) {
            audience.fail(seat, "the history cannot be read now");
          } else {
            seat.bookmarks.sent(cursor, page);
            audience.send(seat, page);
          }
          seat.inlet.done(bytes);
          mailbox.execute(() -> advance(seat));
        });
  }
}
