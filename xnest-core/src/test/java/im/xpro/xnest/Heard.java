package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.testkit.Guest;
import java.util.ArrayList;
import java.util.List;

/** Frames as short words, for tests that compare many. */
final class Heard {
  private Heard() {}

  /** The text of a record, or the id of its blob. */
  static String text(HistoryEntry entry) {
    return text(entry.message());
  }

  static String text(Event.Message message) {
    return message instanceof Event.Said said ? said.text() : ((Event.Shared) message).blob();
  }

  /** All that a guest has not read, each as a word or two. */
  static List<String> by(Guest guest) {
    return words(guest.hearsAll());
  }

  /**
   * {@code self}, {@code count 2}, {@code history [a, b]}, {@code join m1}, {@code m1: hello}, …
   */
  static List<String> words(List<Frame> frames) {
    return frames.stream().map(Heard::word).toList();
  }

  private static String word(Frame frame) {
    Event event = frame.event();
    if (event instanceof Event.Message message) {
      return frame.from() + ": " + text(message);
    } else if (event instanceof Event.Joined) {
      return "join " + frame.from();
    } else if (event instanceof Event.Left) {
      return "leave " + frame.from();
    } else if (event instanceof Event.Renamed renamed) {
      return frame.from() + " is " + renamed.nickname();
    } else if (event instanceof Event.Whispered whispered) {
      return frame.from() + " whispers " + whispered.text();
    } else if (event instanceof Event.Failed failed) {
      return "error " + failed.why();
    } else if (event instanceof Event.Past past) {
      return "history " + past.entries().stream().map(Heard::text).toList();
    } else if (event instanceof Event.Counted counted) {
      return "count " + counted.members();
    } else if (event instanceof Event.Listed listed) {
      return "members " + listed.members().stream().map(member -> member.id().value()).toList();
    }
    return "self";
  }

  /** The texts of all messages among {@code frames}, those of a history included. */
  static List<String> messages(List<Frame> frames) {
    List<String> texts = new ArrayList<>();
    for (Frame frame : frames) {
      if (frame.event() instanceof Event.Past past) {
        past.entries().forEach(entry -> texts.add(text(entry)));
      } else if (frame.event() instanceof Event.Message message) {
        texts.add(text(message));
      }
    }
    return texts;
  }
}
