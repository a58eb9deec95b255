package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;

/**
 * A member that holds what it hears against the model of its room. What the witness of a room hears
 * is what happens there; everybody else is to hear the same. Guarded by the room's model.
 */
final class Player implements Outlet {
  private record Did(Event event, String as) {}

  private record Asked(long cursor, int kept) {}

  /** A page could not be read, so nobody knows what the next ones count from. */
  private static final long UNKNOWN = -1;

  private final World world;
  final RoomModel room;
  final MemberId id;
  private final String nickname;
  final boolean stores;
  private final boolean isWitness;

  /** What is to be heard of it, in this order; media with what is in them. */
  private final Deque<Did> did = new ArrayDeque<>();

  /** What was skipped in {@link #did}: it needs an excuse. */
  private final List<Did> missing = new ArrayList<>();

  /** The last thing it did is to be heard. */
  private boolean lastIsHeard;

  /** How it called itself last. */
  private String calls;

  private final Queue<Asked> asked = new ArrayDeque<>();
  private int unreadable;

  private int heard;

  /** How many of the room's events it has heard or came too late for. */
  private int position;

  private long anchor;

  /** The oldest record of each page it got since the anchor. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  private final List<String> errors = new ArrayList<>();
  volatile boolean stalled;
  private boolean left;
  private int closeCode;

  Player(World world, RoomModel room, MemberId id, String nickname, boolean stores, boolean first) {
    this.world = world;
    this.room = room;
    this.id = id;
    this.nickname = nickname;
    this.stores = stores;
    this.isWitness = first;
    this.calls = nickname;
    did.add(new Did(new Event.Joined(nickname), nickname));
  }

  // ---- what it does ----

  void does(Event event) {
    synchronized (room) {
      did.add(new Did(event, calls));
      lastIsHeard = true;
      if (event instanceof Event.Renamed renamed) {
        calls = renamed.nickname();
      }
    }
  }

  void asks(long cursor) {
    synchronized (room) {
      lastIsHeard = false;
      asked.add(new Asked(cursor, room.kept.size()));
    }
  }

  void asksNonsense() {
    synchronized (room) {
      lastIsHeard = false;
      unreadable++;
    }
  }

  void leaves() {
    synchronized (room) {
      left = true;
      did.add(new Did(new Event.Left(), calls));
    }
  }

  boolean isGone() {
    synchronized (room) {
      return left || closeCode != 0;
    }
  }

  boolean hears() {
    return !stalled && !isGone();
  }

  // ---- what it hears ----

  @Override
  public boolean offer(Outgoing frames) {
    synchronized (room) {
      if (stalled) {
        return false;
      }
      world.check(this, () -> frames.frames().forEach(this::hear));
      room.notifyAll();
      return true;
    }
  }

  @Override
  public void close(int code, String reason) {
    synchronized (room) {
      closeCode = code;
      if (code == Close.POLICY && lastIsHeard) {
        did.removeLast(); // it was too much
      }
      did.add(new Did(new Event.Left(), calls));
    }
  }

  private void hear(Frame frame) {
    require(frame.room().equals(room.id), "hears of another room: " + frame);
    if (heard++ < 4) {
      hearWelcome(frame);
      return;
    }
    Event event = frame.event();
    if (event instanceof Event.Past past) {
      require(!asked.isEmpty(), "hears a page that it did not ask for");
      hearPage(asked.remove(), past.entries());
    } else if (event instanceof Event.Whispered whispered) {
      require(whispered.text().endsWith(" for " + id), "hears what is not for it: " + frame);
      sender(frame).isHeard(event);
    } else if (event instanceof Event.Failed failed) {
      hearError(failed.why());
    } else {
      hearEvent(frame);
    }
  }

  private void hearWelcome(Frame frame) {
    Event event = frame.event();
    List<Member> members = room.membersWith(new Member(id, nickname));
    Event expected =
        switch (heard) {
          case 1 -> new Event.You();
          case 2 -> new Event.Counted(members.size());
          case 3 -> new Event.Listed(members);
          default -> new Event.Past(world.page(room, room.kept.size() + 1));
        };
    require(event.equals(expected), "is welcomed with " + event + " instead of " + expected);
    if (event instanceof Event.Past past) {
      position = room.events.size();
      anchorAt(room.kept.size());
      remember(0, past.entries());
    }
  }

  private void hearEvent(Frame frame) {
    if (position == room.events.size()) {
      require(isFirst(), "hears what the witness has not: " + frame);
      Player from = sender(frame);
      String as = from.isHeard(frame.event());
      room.happens(frame, from.stores ? as : null);
      if (frame.event() instanceof Event.Message && from.stores) {
        world.checkIsKept(room);
      }
    }
    Frame expected = room.events.get(position++);
    require(frame.equals(expected), "hears " + frame + " instead of " + expected);
  }

  /**
   * Whether the model of the room learns from it what happens; from anybody once that is closed.
   */
  private boolean isFirst() {
    World.Actor witness = world.witness(room);
    return isWitness || witness != null && witness.player().isGone();
  }

  private Player sender(Frame frame) {
    Player from = world.player(frame.from());
    require(from.room == room, "hears somebody of another room: " + frame);
    return from;
  }

  /**
   * Something it did has come out: then all that it did before has, or was lost. Returns its name
   * at that time.
   */
  String isHeard(Event event) {
    Event known = world.known(room.id, event);
    for (Did late : missing) {
      if (world.givesUp() && late.event.equals(known)) {
        missing.remove(late); // perhaps kept, and now it is known
        return late.as;
      }
    }
    Did next;
    while ((next = did.poll()) != null && !next.event.equals(known)) {
      skip(next, " although " + event + " is heard");
    }
    require(next != null, "never did what is heard, or it is heard twice: " + event);
    return next.as;
  }

  private void skip(Did what, String why) {
    Event event = what.event;
    boolean mayBeLost = event instanceof Event.Message || event instanceof Event.Whispered;
    require(mayBeLost, "is not heard: " + event + why);
    missing.add(what);
  }

  private void hearError(String why) {
    errors.add(why);
    if (why.equals("the history cannot be read now")) {
      require(!asked.isEmpty(), "hears of a page that it did not ask for");
      if (asked.remove().cursor == 0) {
        anchor = UNKNOWN;
      }
    }
  }

  private void hearPage(Asked page, List<HistoryEntry> entries) {
    if (page.cursor == 0) {
      long newest = entries.isEmpty() ? 0 : entries.get(entries.size() - 1).number();
      require(
          newest >= page.kept && newest <= room.kept.size(),
          "gets a page that ends with " + newest + ", not " + page.kept + " or later");
      anchorAt(newest);
    }
    if (anchor != UNKNOWN) {
      List<HistoryEntry> expected = world.page(room, before(page.cursor));
      require(
          entries.equals(expected),
          "gets page " + page.cursor + " with " + entries + " instead of " + expected);
      remember(page.cursor, entries);
    }
  }

  private void anchorAt(long newest) {
    anchor = newest;
    ends.clear();
  }

  /** PROTOCOL section 3: on from the nearest page that is known, a full page for each between. */
  private long before(long cursor) {
    Long known = ends.lowerKey(cursor);
    return known == null
        ? anchor + 1 - cursor * world.limits.pageEntries()
        : ends.get(known) - (cursor - known - 1) * world.limits.pageEntries();
  }

  private void remember(long cursor, List<HistoryEntry> page) {
    if (!page.isEmpty()) {
      ends.put(cursor, page.get(0).number());
    }
  }

  // ---- when all is quiet ----

  /** Whether nothing is on its way from it or to it, if the last it did cannot be lost. */
  boolean isQuiet() {
    return did.isEmpty() && (isGone() || asked.isEmpty() && position == room.events.size());
  }

  /** All that it did has come out or was lost, for a reason; it has heard all that happened. */
  void checkSettled() {
    if (!did.isEmpty() && did.peek().event instanceof Event.Joined) {
      require(world.givesUp(), "was never welcomed");
      return;
    }
    did.forEach(what -> skip(what, " although all is quiet"));
    did.clear();
    List<Event> lost =
        missing.stream().map(Did::event).filter(Event.Message.class::isInstance).toList();
    for (Event event : lost) {
      boolean goesToAStore = stores || event instanceof Event.Shared;
      require(goesToAStore && world.mayBeLost(id, event), "is not heard: " + event);
    }
    if (hears()) {
      require(room.names.containsKey(id), "is not there");
      require(position == room.events.size(), "has not heard all");
      require(asked.isEmpty(), "waits for a page");
      checkErrors(lost.size(), missing.size() - lost.size());
    } else {
      require(!room.names.containsKey(id) || !isGone(), "is still there");
    }
    missing.clear();
    errors.clear();
    unreadable = 0;
  }

  private void checkErrors(int lost, int unheard) {
    int losses = 0;
    int nobodyThere = 0;
    int others = 0;
    for (String why : errors) {
      if (why.endsWith("not kept") || why.endsWith("be kept") || why.endsWith("be stored")) {
        losses++;
      } else if (why.startsWith("no member")) {
        nobodyThere++;
      } else if (!why.equals(Keeper.PERHAPS) && !why.startsWith("the history cannot")) {
        others++;
      }
    }
    require(losses == lost, "lost " + lost + " messages and hears " + errors);
    require(nobodyThere <= unheard, "hears of more than " + unheard + " unheard whispers");
    require(
        nobodyThere == unheard || world.somebodyStalled(),
        "has " + unheard + " whispers unheard and hears " + errors);
    require(others == unreadable, "asked nonsense " + unreadable + " times and hears " + errors);
  }

  private void require(boolean holds, String why) {
    if (!holds) {
      throw new AssertionError(this + " " + why);
    }
  }

  @Override
  public String toString() {
    return nickname + " (" + id + " in " + room.id + ")";
  }
}
