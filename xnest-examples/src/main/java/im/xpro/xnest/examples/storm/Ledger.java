package im.xpro.xnest.examples.storm;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one room, in the order in which its first member, the witness, heard it: who is
 * there, what was said and what is kept. The {@link Seat} of each member is held against it. One
 * thread at a time.
 */
final class Ledger {
  /** Records in a page of history, the welcome's too. */
  static final int PAGE = 50;

  /** What the network holds of one who floods is heard at its rate before it leaves. */
  private static final long GHOST_NANOS = Duration.ofSeconds(60).toNanos();

  private static final int KEPT = 1_000;
  private static final Set<String> MEDIA = Set.of("audio", "picture", "file");
  private static final String WHISPER = "whispered ";

  /** Something that all of the room hear. */
  record Event(String from, String type, String payload) {
    @Override
    public String toString() {
      return type + " of " + from + " '" + payload + "'";
    }
  }

  /** A record of the history. */
  record Kept(String from, String type, String payload, String nickname) {}

  record Person(String pid, String nickname) {}

  /**
   * An event and what is true after it.
   *
   * @param kept how many records the history has had by then
   * @param members what its joiner is to be told, null if it is no join
   * @param newest the same of the history
   */
  record Line(
      Event event, long kept, @Nullable List<Person> members, @Nullable List<Kept> newest) {}

  /** One of our own members, as a sender. */
  private static final class Author {
    /** What it has sent and the witness has not heard yet; a URL is not known before. */
    final Deque<Event> due = new ArrayDeque<>();

    final boolean isKept;
    final boolean isFlooding;
    boolean hasSaidGoodbye;
    boolean isTold;
    @Nullable Long goneAt;

    Author(boolean isKept, boolean isFlooding) {
      this.isKept = isKept;
      this.isFlooding = isFlooding;
    }
  }

  final String room;
  private final Breaks breaks;
  private final LongSupplier clock;
  private final List<Line> lines = new ArrayList<>();
  private long firstLine;
  private final Map<String, String> members = new LinkedHashMap<>();
  private final Set<String> everJoined = new HashSet<>();
  private final Map<String, Author> authors = new HashMap<>();
  private final List<Kept> kept = new ArrayList<>();
  private long forgotten;
  private final Set<Seat> seats = new HashSet<>();
  private long slowestLeave;

  /**
   * An empty room.
   *
   * @param clock in nanoseconds
   */
  Ledger(String room, Breaks breaks, LongSupplier clock) {
    this.room = room;
    this.breaks = breaks;
    this.clock = clock;
  }

  void broken(String what, Object... values) {
    breaks.add(room, what, values);
  }

  /** A text that is for one member only; the room must never hear it. */
  static String whisper(String text) {
    return WHISPER + text;
  }

  void sits(Seat seat) {
    seats.add(seat);
  }

  /**
   * One of our own is there.
   *
   * @param isKept whether what it says goes to the history
   * @param isFlooding whether the server may leave out some of it
   */
  void enters(String pid, boolean isKept, boolean isFlooding) {
    authors.put(pid, new Author(isKept, isFlooding));
  }

  /** One of our own sends this; of media the payload is not known. */
  void says(String pid, String type, String payload) {
    Author author = authors.get(pid);
    if (author != null) {
      author.due.add(new Event(pid, type, payload));
    }
  }

  /** All that it has said is to be heard before it leaves. */
  void saysGoodbye(String pid) {
    Author author = authors.get(pid);
    if (author != null) {
      author.hasSaidGoodbye = true;
    }
  }

  /** Its connection has ended, or it has asked for that; its leave is due. */
  void isGone(String pid) {
    Author author = authors.get(pid);
    if (author != null && author.goneAt == null) {
      author.goneAt = clock.getAsLong();
    }
  }

  /** What the witness hears. */
  void append(Event event) {
    List<Person> people = null;
    List<Kept> newest = null;
    switch (event.type()) {
      case "join" -> {
        if (!everJoined.add(event.from())) {
          broken("%s joins a second time", event.from());
        }
        newest = newest(PAGE);
        members.put(event.from(), event.payload());
        people =
            members.entrySet().stream().map(e -> new Person(e.getKey(), e.getValue())).toList();
      }
      case "leave" -> leave(event.from());
      default -> hear(event);
    }
    lines.add(new Line(event, forgotten + kept.size(), people, newest));
  }

  private void leave(String pid) {
    if (members.remove(pid) == null) {
      broken("%s leaves, who is not there", pid);
    }
    Author author = authors.remove(pid);
    if (author != null && author.hasSaidGoodbye && !author.due.isEmpty()) {
      broken("%s has left, its last words are lost: %s", pid, author.due);
    }
    if (author != null && author.goneAt != null && !author.isFlooding) {
      slowestLeave = Math.max(slowestLeave, clock.getAsLong() - author.goneAt);
    }
  }

  private void hear(Event event) {
    String nickname = members.get(event.from());
    if (nickname == null) {
      broken("%s is heard of somebody who is not there", event);
      return;
    }
    if (event.payload().startsWith(WHISPER)) {
      broken("a private word is told to everybody: %s", event);
      return;
    }
    Author author = authors.get(event.from());
    if (author == null || author.due.stream().noneMatch(due -> isThat(due, event))) {
      broken("%s was never said, or is heard a second time or too late", event);
      return;
    }
    for (Event due = author.due.remove(); !isThat(due, event); due = author.due.remove()) {
      if (!author.isFlooding) {
        broken("%s is lost or comes too late, as %s is heard first", due, event);
      }
    }
    if (event.type().equals("changename")) {
      members.put(event.from(), event.payload());
    } else if (author.isKept) {
      String type = event.type().equals("normal") ? "text" : event.type();
      kept.add(new Kept(event.from(), type, event.payload(), nickname));
      if (kept.size() > 2 * KEPT) {
        forgotten += KEPT;
        kept.subList(0, KEPT).clear();
      }
    }
  }

  private static boolean isThat(Event due, Event event) {
    return due.type().equals(event.type())
        && (due.payload().equals(event.payload()) || MEDIA.contains(event.type()));
  }

  private List<Kept> newest(int count) {
    return List.copyOf(kept.subList(Math.max(0, kept.size() - count), kept.size()));
  }

  /** How many events there have been. */
  long end() {
    return firstLine + lines.size();
  }

  Line line(long number) {
    return lines.get((int) (number - firstLine));
  }

  /** Whether this is heard of a sooner line, a later one, or none that is known. */
  String place(Event event, long number) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).event.equals(event)) {
        return firstLine + i < number ? "which was sooner" : "which is later";
      }
    }
    return "which is not known there";
  }

  /**
   * What is wrong with pages that are to be records of the history that follow each other, up to
   * one that is not older than the newest was when there were {@code least}: empty if nothing is,
   * null while the last of them is not known.
   *
   * @param fromTheStart whether they are to begin with the first of all
   */
  @Nullable String faultOf(List<Kept> pages, boolean fromTheStart, long least) {
    if (pages.isEmpty()) {
      return least == 0 ? "" : "no records of " + least;
    }
    int last = kept.lastIndexOf(pages.get(pages.size() - 1));
    if (last < 0) {
      return null;
    }
    int first = last + 1 - pages.size();
    if (forgotten + last + 1 < least) {
      return "the newest of %d is number %d, %d were known"
          .formatted(pages.size(), forgotten + last + 1, least);
    }
    if (fromTheStart && forgotten + first > 0) {
      return "%d are missing before %s".formatted(forgotten + first, pages.get(0));
    }
    for (int i = 0; i < pages.size(); i++) {
      Kept due = first + i < 0 ? null : kept.get(first + i);
      if (!pages.get(i).equals(due)) {
        return "number %d of %d is %s, kept was %s".formatted(i, pages.size(), pages.get(i), due);
      }
    }
    return "";
  }

  /** To be called now and then: checks what was heard ahead of the witness, forgets what was. */
  void settle() {
    long passed = end();
    for (Seat seat : seats) {
      seat.settle();
      passed = Math.min(passed, seat.position());
    }
    seats.removeIf(seat -> !seat.isOpen() && seat.isChecked());
    lines.subList(0, (int) (passed - firstLine)).clear();
    firstLine = passed;
    authors.forEach(
        (pid, author) -> {
          if (author.goneAt != null
              && !author.isTold
              && clock.getAsLong() - author.goneAt > GHOST_NANOS) {
            author.isTold = true;
            broken("%s is a ghost: it has ended and never left", pid);
          }
        });
  }

  /** The longest that one who does not flood was still there after its end, in nanoseconds. */
  long slowestLeave() {
    return slowestLeave;
  }

  /**
   * What does not hold when nobody says anything more and there has been time enough; empty as soon
   * as everything that was said has been heard by everybody.
   */
  List<String> unsettled() {
    settle();
    List<String> all = new ArrayList<>();
    Set<String> living = new HashSet<>();
    for (Seat seat : seats) {
      all.addAll(seat.unsettled());
      if (seat.isOpen()) {
        living.add(seat.pid());
      }
    }
    authors.forEach(
        (pid, author) -> {
          if (living.contains(pid) && !author.due.isEmpty() && !author.isFlooding) {
            all.add("nobody has heard " + author.due);
          }
        });
    if (!living.equals(members.keySet())) {
      all.add("there are " + members.keySet() + ", of whom live " + living);
    }
    return all;
  }
}
