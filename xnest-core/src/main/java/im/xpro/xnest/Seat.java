package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.MemberId;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One connection's place in a room: its lane of commands, in which each waits until it may be
 * answered. Belongs to the room's mailbox.
 */
final class Seat {
  /** A command and the bytes that its inlet counts for it. */
  record Request(Command command, int bytes) {}

  final MemberId id;

  /** As it wished to be called when it came. */
  final String nickname;

  final boolean keeps;
  final Outlet outlet;
  final Inlet inlet;

  /** Read and not yet answered, oldest first; bounded by the inlet. */
  final Queue<Request> lane = new ArrayDeque<>(1);

  final Bookmarks bookmarks;

  /** In the roster: welcomed, and its leave not yet told. */
  boolean present;

  /** Still takes frames. */
  boolean hears = true;

  /** Its leave is to follow what it has said. */
  boolean leaving;

  /** The front of its lane has gone to a storage thread and comes back. */
  boolean busy;

  /** Its messages that wait to be kept. */
  int waiting;

  /** Those of which it was told that they are perhaps kept: only its leave still waits for them. */
  int perhapsKept;

  Seat(House house, Room room, MemberId id, Entry entry, String nickname, Outlet outlet) {
    this.id = id;
    this.nickname = nickname;
    this.keeps = entry.storesHistory();
    this.outlet = outlet;
    this.bookmarks = new Bookmarks(house.limits());
    this.inlet = new Inlet(house, room, this);
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
