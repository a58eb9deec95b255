package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One connection's place in a room: its lane of commands, in which each waits until it may be
 * answered. Belongs to the room's mailbox.
 */
final class Seat {
  /** What a system member does, and who waits to hear of it. */
  record Errand(CompletableFuture<?> answer, Runnable deed) {}

  /**
   * A command and the bytes that its inlet counts for it.
   *
   * @param errand done in place of the command, for the application: nothing is asked before
   */
  record Request(Command command, int bytes, @Nullable Errand errand) {
    Request(Command command, int bytes) {
      this(command, bytes, null);
    }
  }

  final MemberId id;

  /** As it wished to be called when it came. */
  final String nickname;

  final boolean keeps;
  final Grant grant;
  final @Nullable InetSocketAddress remote;

  /** A member that is code: it does not keep its room open. */
  final boolean isCompanion;

  final Outlet outlet;
  final Inlet inlet;
  private final House house;

  /** Null until it has sent something: most only listen. */
  private @Nullable Pace pace;

  /** Read and not yet answered, oldest first; bounded by the inlet. */
  final Queue<Request> lane = new ArrayDeque<>(1);

  /** Of the room's page size from its welcome on. */
  Bookmarks bookmarks;

  /** In the roster: welcomed, and its leave not yet told. */
  boolean present;

  /** It has left, or never came in: nothing of it is answered any more. */
  private boolean gone;

  /** Still takes frames. */
  boolean hears = true;

  /** May not send before; null if it may. */
  @Nullable Instant mutedUntil;

  /** Its leave is to follow what it has said. */
  boolean leaving;

  /** Ends its connection when it departs, if it is the house that sends it away. */
  @Nullable Runnable dismissal;

  /** The front of its lane waits for its pace; the timer comes back to it. */
  boolean isHeldUp;

  /** The front of its lane has gone to a storage thread and comes back. */
  boolean busy;

  /** Its messages that wait to be kept. */
  int waiting;

  /** Those of which it was told that they are perhaps kept: only its leave still waits for them. */
  int perhapsKept;

  Seat(
      House house,
      Room room,
      MemberId id,
      Entry entry,
      String nickname,
      Outlet outlet,
      boolean isCompanion) {
    this.id = id;
    this.nickname = nickname;
    this.keeps = entry.storesHistory();
    this.grant = entry.grant();
    this.remote = entry.remote();
    this.isCompanion = isCompanion;
    this.outlet = outlet;
    this.bookmarks = new Bookmarks(house.limits().pageEntries(), house.limits().pageEnds());
    this.inlet = new Inlet(house, room, this);
    this.house = house;
  }

  /** Takes what its member asks for, unless it is gone. */
  void add(Request request) {
    if (gone) {
      inlet.done(request.bytes());
    } else {
      lane.add(request);
    }
  }

  /** Nothing that it has asked for is answered any more. */
  void end() {
    present = false;
    gone = true;
    lane.forEach(request -> inlet.done(request.bytes()));
    lane.clear();
  }

  Participant asParticipant(Member named) {
    return new Participant(named, grant, remote, isMuted());
  }

  /** How fast it may send. */
  Pace pace() {
    Pace own = pace;
    if (own == null) {
      own = new Pace(house.limits(), house.clock().millis());
      pace = own;
    }
    return own;
  }

  boolean isMuted() {
    Instant until = mutedUntil;
    return until != null && house.clock().instant().isBefore(until);
  }

  /** Why it may not ask for this at all, null if it may. */
  @Nullable String refusal(Command command) {
    if (command instanceof Command.Rename) {
      return grant.mayRename() ? null : "you may not change your name here";
    }
    return Draft.isOf(command) ? silence() : null;
  }

  /** Why it may not send, null if it may. */
  @Nullable String silence() {
    return !grant.maySend() ? "you may not send here" : isMuted() ? "you are muted" : null;
  }

  /** Whether what comes next may start: nothing overtakes what its own sender said before. */
  boolean mayStart(Request next) {
    boolean isMessage =
        next.command() instanceof Command.Say || next.command() instanceof Command.Share;
    return isMessage && keeps || waiting == 0;
  }

  boolean hasNothingLeftToSay() {
    return lane.isEmpty() && !busy && waiting == 0 && perhapsKept == 0;
  }
}
