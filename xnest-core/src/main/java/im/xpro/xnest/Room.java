package im.xpro.xnest;

import im.xpro.xnest.Seat.Request;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One room's members and conversation: a fold of an ordered stream of events. Everything below the
 * line runs in this room's mailbox, one task at a time; nothing there blocks. The methods above it
 * may be called from any thread.
 *
 * <pre>
 *   handle -> lane -> decide -> publish ------------------> fold, write once -> flush to everybody
 *                        |   \-> Keeper, until it is kept -/
 *                        \-> send: an answer to one member, behind all that was published before
 * </pre>
 */
final class Room {
  /** What was published is flushed at the end of a turn, or in pieces of about this many bytes. */
  private static final int JOINED_BYTES = 64 << 10;

  final RoomId id;
  private final House house;
  private final Consumer<Room> closing;
  private final Mailbox mailbox;

  /** How many members there are or will be, as far as the mailbox has come. */
  private volatile int size;

  /**
   * @param closing takes back the hold that a seat has on its room
   */
  Room(RoomId id, House house, Consumer<Room> closing) {
    this.id = id;
    this.house = house;
    this.closing = closing;
    this.mailbox =
        new Mailbox(
            house.executor(),
            this::endTurn,
            failure -> house.listener().failed("a task of room '" + id + "'", failure));
    this.past = new RoomPast(this, house, mailbox);
    this.keeper = new Keeper(this, house, mailbox);
  }

  int size() {
    return size;
  }

  void enter(Seat seat) {
    mailbox.execute(() -> arrive(seat));
  }

  void handle(Seat seat, Command command, int bytes) {
    mailbox.execute(
        () -> {
          seat.lane.add(new Request(command, bytes));
          advance(seat);
        });
  }

  void leave(Seat seat) {
    mailbox.execute(() -> left(seat));
  }

  /** Ends a member's connection; what it said before is still heard, then its leave. */
  void letGo(Seat seat, int code, String reason) {
    if (seat.inlet.hasLeftNow()) {
      mailbox.execute(() -> cut(seat, code, reason));
    }
  }

  /** Lets everybody go. */
  void empty(int code, String reason) {
    mailbox.execute(
        () -> {
          flush();
          List<Seat> all = new ArrayList<>(arriving);
          all.addAll(seats.values());
          all.forEach(seat -> letGo(seat, code, reason));
        });
  }

  /** The newest page is wanted elsewhere in memory. */
  void dropTail() {
    mailbox.execute(past::drop);
  }

  // ---- mailbox only ----

  final RoomPast past;
  private final Keeper keeper;

  /** Everybody who was told to be here, in the order in which they joined. */
  private final Map<MemberId, Member> roster = new LinkedHashMap<>();

  private final Map<MemberId, Seat> seats = new LinkedHashMap<>();

  /** The seats that hear; null when it has to be made anew. */
  private Seat @Nullable [] hearers;

  /** They wait for the newest page. */
  private final Queue<Seat> arriving = new ArrayDeque<>();

  /** Published and not flushed. */
  private List<Frame> fresh = new ArrayList<>();

  private List<String> freshTexts = new ArrayList<>();
  private int freshChars;
  private boolean opened;

  private void arrive(Seat seat) {
    if (!opened) {
      opened = true;
      house.listener().roomOpened(id);
    }
    if (seats.size() + arriving.size() >= house.limits().roomMembers()) {
      turnAway(seat, "the room is full");
      return;
    }
    arriving.add(seat);
    pastIsThere();
    if (!seat.present) {
      house.timer().after(house.limits().storeTime(), () -> mailbox.execute(() -> giveUpOn(seat)));
    }
  }

  private void giveUpOn(Seat seat) {
    if (arriving.remove(seat)) {
      resize();
      turnAway(seat, "the room's history cannot be read now");
    }
  }

  /** It has not joined, so nobody hears of it. */
  private void turnAway(Seat seat, String reason) {
    seat.hears = false;
    if (seat.inlet.hasLeftNow()) {
      close(seat, Close.TRY_AGAIN_LATER, reason);
    }
    release();
  }

  /** Welcomes who waits for the newest page; asks for it first if it is not in memory. */
  void pastIsThere() {
    Page newest = past.newest();
    if (newest == null && !arriving.isEmpty()) {
      past.load();
      newest = past.newest();
    }
    while (newest != null && !arriving.isEmpty()) {
      welcome(arriving.remove(), newest);
    }
    resize();
  }

  /** One step of the room: what follows {@code members} is exactly what happens after it. */
  private void welcome(Seat seat, Page newest) {
    flush();
    seat.present = true;
    seat.bookmarks.anchorAt(past.last());
    seat.bookmarks.sent(0, newest);
    seats.put(seat.id, seat);
    hearers = null;
    Member member = new Member(seat.id, seat.nickname);
    List<Member> members = new ArrayList<>(roster.values());
    members.add(member);
    send(
        seat,
        List.of(
            frame(seat.id, new Event.You()),
            frame(seat.id, new Event.Counted(members.size())),
            frame(seat.id, new Event.Listed(List.copyOf(members))),
            frame(seat.id, new Event.Past(newest.entries()))),
        newest.json());
    publish(frame(seat.id, new Event.Joined(seat.nickname)));
    house.listener().joined(id, member);
    advance(seat);
  }

  /** Answers what is next in a member's lane, as far as it may be answered now. */
  void advance(Seat seat) {
    Request next;
    while (seat.present && !seat.busy && (next = seat.lane.peek()) != null && seat.mayStart(next)) {
      seat.lane.remove();
      decide(seat, next);
    }
    if (seat.present && seat.leaving && seat.hasNothingLeftToSay()) {
      depart(seat);
    }
  }

  private void decide(Seat seat, Request request) {
    Command command = request.command();
    int bytes = request.bytes();
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
      publish(frame(seat.id, new Event.Renamed(rename.nickname())));
    } else if (command instanceof Command.Unreadable unreadable) {
      fail(seat, unreadable.why());
    } else {
      throw new AssertionError("no branch for " + command);
    }
    seat.inlet.done(bytes);
  }

  private void tell(Seat seat, Event.Message message, int bytes) {
    Frame frame = frame(seat.id, message);
    if (seat.keeps) {
      keeper.keep(seat, frame, roster.get(seat.id).nickname(), message, bytes);
    } else {
      publish(frame);
      seat.inlet.done(bytes);
    }
  }

  private void store(Seat seat, Command.Share share, int bytes) {
    Event.Shared shared = new Event.Shared(share.kind(), house.blobIds().get());
    String why =
        !house.takesMedia()
            ? "this server takes no media"
            : house.storage().reserve(bytes) ? null : Keeper.TOO_MUCH;
    if (why != null) {
      fail(seat, why);
      seat.inlet.done(bytes);
      return;
    }
    seat.busy = true;
    house
        .storage()
        .put(
            id,
            shared.blob(),
            shared.kind(),
            seat.keeps,
            share.content(),
            bytes,
            mailbox,
            (none, failure) -> {
              seat.busy = false;
              if (failure == null) {
                tell(seat, shared, bytes);
              } else {
                house.listener().failed("storing media of room '" + id + "'", failure);
                fail(seat, "the media could not be stored");
                seat.inlet.done(bytes);
              }
              advance(seat);
            });
  }

  /** Nobody will ever be told of this blob. */
  void removeBlob(Event.Shared shared) {
    house
        .storage()
        .remove(
            id,
            shared.blob(),
            mailbox,
            (none, failure) -> {
              if (failure != null) {
                house.listener().failed("removing media of room '" + id + "'", failure);
              }
            });
  }

  private void whisper(Seat seat, Command.Whisper whisper) {
    Seat to = seats.get(whisper.to());
    if (to == null || !to.hears) {
      fail(seat, "no member of this room has that id");
    } else {
      send(to, List.of(frame(seat.id, new Event.Whispered(whisper.text()))), List.of());
    }
  }

  private void sendPage(Seat seat, long cursor, int bytes) {
    if (cursor == 0) {
      seat.bookmarks.anchorAt(past.last());
    }
    seat.busy = true;
    past.page(
        seat.bookmarks.before(cursor),
        page -> {
          seat.busy = false;
          if (page == null) {
            fail(seat, "the history cannot be read now");
          } else {
            seat.bookmarks.sent(cursor, page);
            send(seat, List.of(frame(seat.id, new Event.Past(page.entries()))), page.json());
          }
          seat.inlet.done(bytes);
          mailbox.execute(() -> advance(seat));
        });
  }

  private void left(Seat seat) {
    seat.leaving = true;
    deafen(seat);
    advance(seat);
  }

  private void cut(Seat seat, int code, String reason) {
    deafen(seat);
    close(seat, code, reason);
    left(seat);
  }

  private void deafen(Seat seat) {
    seat.hears = false;
    hearers = null;
  }

  private void depart(Seat seat) {
    seat.present = false;
    seats.remove(seat.id);
    Member member = roster.get(seat.id);
    publish(frame(seat.id, new Event.Left()));
    house.listener().left(id, member);
    resize();
    release();
  }

  private void resize() {
    size = seats.size() + arriving.size();
  }

  private void release() {
    closing.accept(this);
  }

  /** Nobody holds this room any more. */
  void closed() {
    mailbox.execute(
        () -> {
          past.close();
          house.listener().roomClosed(id);
        });
  }

  private Frame frame(MemberId from, Event event) {
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

  private void endTurn() {
    try {
      keeper.handOver();
    } finally {
      flush();
    }
  }

  private void flush() {
    if (fresh.isEmpty()) {
      return;
    }
    Outgoing frames = new Outgoing(List.copyOf(fresh), List.copyOf(freshTexts));
    fresh = new ArrayList<>();
    freshTexts = new ArrayList<>();
    freshChars = 0;
    for (Seat seat : hearers()) {
      offer(seat, frames);
    }
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
    send(seat, List.of(frame(seat.id, new Event.Failed(why))), List.of());
  }

  /**
   * Sends something to one member, behind all that was published before.
   *
   * @param records those of a page of history among {@code frames}, written
   */
  private void send(Seat seat, List<Frame> frames, List<String> records) {
    flush();
    if (seat.hears) {
      List<String> texts =
          frames.stream().map(frame -> house.writer().write(frame, records)).toList();
      offer(seat, new Outgoing(frames, texts));
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
        Member asItCame = new Member(seat.id, seat.nickname);
        house.listener().letGo(id, roster.getOrDefault(seat.id, asItCame));
        letGo(seat, Close.TRY_AGAIN_LATER, "reads too slowly");
      }
    }
  }

  private void close(Seat seat, int code, String reason) {
    try {
      seat.outlet.close(code, reason);
    } catch (Throwable failure) {
      house.listener().failed("closing the connection of member " + seat.id, failure);
    }
  }
}
