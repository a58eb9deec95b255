package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.testkit.Guest;
import java.util.List;
import java.util.stream.IntStream;

/** What tests read out of {@code history} frames. */
final class Pasts {
  private Pasts() {}

  static List<HistoryEntry> entries(Frame history) {
    return ((Event.Past) history.event()).entries();
  }

  static List<String> texts(Frame history) {
    return entries(history).stream().map(e -> ((Event.Said) e.message()).text()).toList();
  }

  /** The page {@code cursor}, for a guest that has read all it heard before. */
  static List<String> page(Guest guest, long cursor) {
    guest.types("@history:" + cursor);
    return texts(guest.hears());
  }

  /** The decimal numbers from {@code first} to {@code last}. */
  static List<String> numbers(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
  }

  /** Says the numbers from {@code first} to {@code last}, one by one. */
  static void count(Guest guest, int first, int last) {
    numbers(first, last).forEach(guest::types);
  }
}
