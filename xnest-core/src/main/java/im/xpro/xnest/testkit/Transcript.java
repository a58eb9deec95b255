package im.xpro.xnest.testkit;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was done and what was heard, a line for each, for a reader who has to find out why a test
 * fails. What guests do stands at the margin, what they hear of it is indented. One thread.
 */
final class Transcript {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private static final int LINES = 500;
  private static final int CHARACTERS = 80;
  private static final int RECORDS = 5;

  private static final class Line {
    final String words;
    final @Nullable Frame frame;
    final List<String> hearers = new ArrayList<>();

    Line(String words, @Nullable Frame frame) {
      this.words = words;
      this.frame = frame;
    }

    @Override
    public String toString() {
      return hearers.isEmpty() ? words : words + ", heard by " + String.join(", ", hearers);
    }
  }

  private final InstantSource clock;
  private final Deque<Line> lines = new ArrayDeque<>();
  private int forgotten;

  /** The lines of frames, as everybody is offered the same ones. */
  private final Map<Frame, Line> heard = new IdentityHashMap<>();

  private final Map<MemberId, String> nicknames = new HashMap<>();

  Transcript(InstantSource clock) {
    this.clock = clock;
  }

  /** Something happened that belongs to no room. */
  void note(String words) {
    add(new Line(time() + " " + words, null));
  }

  /** Somebody did something. */
  void note(RoomId room, String words) {
    note("[" + shown(room.value()) + "] " + words);
  }

  /** Somebody has read something. */
  void heard(MemberId by, Frame frame) {
    learn(frame);
    if (frame.event() instanceof Event.You || frame.event() instanceof Event.Counted) {
      return; // the members that follow tell both
    }
    Line line = heard.get(frame);
    // what is read later stands where it was read
    if (line == null || !line.words.startsWith(time())) {
      line =
          new Line(time() + " [" + shown(frame.room().value()) + "]   " + words(frame, by), frame);
      heard.put(frame, line);
      add(line);
    }
    line.hearers.add(named(by));
  }

  private void add(Line line) {
    lines.add(line);
    if (lines.size() > LINES) {
      heard.remove(lines.remove().frame);
      forgotten++;
    }
  }

  private String time() {
    return TIME.format(clock.instant());
  }

  private void learn(Frame frame) {
    if (frame.event() instanceof Event.Listed listed) {
      listed.members().forEach(member -> nicknames.put(member.id(), member.nickname()));
    } else if (frame.event() instanceof Event.Joined joined) {
      nicknames.put(frame.from(), joined.nickname());
    }
  }

  /** A member as its latest listener knew it: {@code Lin (m2)}. */
  private String named(MemberId id) {
    String nickname = nicknames.get(id);
    return nickname == null ? id.value() : nickname + " (" + id + ")";
  }

  /** A frame in words, with its time and room, to tell those that differ apart. */
  String describe(Frame frame, MemberId hearer) {
    return TIME.format(frame.time())
        + " ["
        + shown(frame.room().value())
        + "] "
        + words(frame, hearer);
  }

  private String words(Frame frame, MemberId hearer) {
    Event event = frame.event();
    String who = named(frame.from());
    if (event instanceof Event.Said said) {
      return who + " said " + quoted(said.text());
    } else if (event instanceof Event.Shared shared) {
      return who + " shared " + media(shared);
    } else if (event instanceof Event.Whispered whispered) {
      return who + " whispered " + quoted(whispered.text());
    } else if (event instanceof Event.Renamed renamed) {
      nicknames.put(frame.from(), renamed.nickname());
      return who + " is now called " + quoted(renamed.nickname());
    } else if (event instanceof Event.Joined) {
      return who + " has joined";
    } else if (event instanceof Event.Left) {
      return who + " has left";
    } else if (event instanceof Event.Failed failed) {
      return "error " + quoted(failed.why());
    } else if (event instanceof Event.You) {
      return "you are " + hearer;
    } else if (event instanceof Event.Counted counted) {
      return "members: " + counted.members();
    } else if (event instanceof Event.Listed listed) {
      return "members are " + named(listed.members());
    } else if (event instanceof Event.Past past) {
      return "history of " + past.entries().size() + records(past.entries());
    }
    throw new AssertionError("no words for " + event);
  }

  static String named(List<Member> members) {
    return members.stream()
        .map(member -> shown(member.nickname()) + " (" + member.id() + ")")
        .collect(Collectors.joining(", "));
  }

  private static String media(Event.Shared shared) {
    return shared.kind() + " " + shared.blob();
  }

  /** The newest of them. */
  private static String records(List<HistoryEntry> entries) {
    int first = Math.max(0, entries.size() - RECORDS);
    String shown =
        entries.subList(first, entries.size()).stream()
            .map(
                entry ->
                    entry.message() instanceof Event.Said said
                        ? quoted(said.text())
                        : media((Event.Shared) entry.message()))
            .collect(Collectors.joining(", "));
    return entries.isEmpty() ? "" : (first > 0 ? ": …, " : ": ") + shown;
  }

  /** On one line, and not too long. */
  static String quoted(String text) {
    return "\"" + shown(text) + "\"";
  }

  static String shown(String text) {
    int end = text.length() > CHARACTERS ? text.offsetByCodePoints(0, CHARACTERS / 2) : -1;
    StringBuilder line = new StringBuilder();
    (end < 0 ? text : text.substring(0, end))
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                line.append(c == '\n' ? "\\n" : String.format("\\u%04x", c));
              } else {
                line.appendCodePoint(c);
              }
            });
    return end < 0 ? line.toString() : line + "… of " + text.length() + " characters";
  }

  @Override
  public String toString() {
    String before = forgotten == 0 ? "" : "\n  … " + forgotten + " lines before";
    return "What happened:"
        + before
        + lines.stream().map(line -> "\n  " + line).collect(Collectors.joining());
  }
}
