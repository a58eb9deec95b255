package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
  final FrameWriter writer = new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);

  Page page(int entries, int bytes) {
    return new Page(writer, entries, bytes);
  }

  static HistoryEntry entry(long number, String text) {
    return new HistoryEntry(
        new RoomId("lobby"), number, new MemberId("m1"), "小明", new Event.Said(text), Instant.EPOCH);
  }

  /** Those numbered {@code from} to {@code to}, short ones. */
  static List<HistoryEntry> entries(long from, long to) {
    List<HistoryEntry> entries = new ArrayList<>();
    for (long number = from; number <= to; number++) {
      entries.add(entry(number, "text"));
    }
    return entries;
  }

  static List<Long> numbers(Page page) {
    return page.entries().stream().map(HistoryEntry::number).toList();
  }

  /** As it stands in a frame. */
  static int jsonBytes(Page page) {
    return ("[" + String.join(",", page.json()) + "]").getBytes(StandardCharsets.UTF_8).length;
  }

  int jsonBytes(HistoryEntry entry) {
    return writer.write(entry).getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void newestPushOutTheOldest() {
    Page page = page(3, 1_000_000);

    entries(1, 5).forEach(page::addNewest);

    assertThat(numbers(page)).containsExactly(3L, 4L, 5L);
    assertThat(page.oldest()).isEqualTo(3);
  }

  @Test
  void olderOnesComeFromTheirNewestBack() {
    Page page = page(3, 1_000_000);
    page.addNewest(entry(6, "text"));

    page.addOlder(entries(1, 5));

    assertThat(numbers(page)).containsExactly(4L, 5L, 6L);
  }

  @Test
  void pageIsNeverLargerThanItsBytesOfJson() {
    int three = 3 * jsonBytes(entry(1, "文本")) + 4;
    Page exact = page(50, three);
    Page less = page(50, three - 1);

    for (int number = 1; number <= 9; number++) {
      exact.addNewest(entry(number, "文本"));
      less.addNewest(entry(number, "文本"));
    }

    assertThat(numbers(exact)).containsExactly(7L, 8L, 9L);
    assertThat(jsonBytes(exact)).isEqualTo(three);
    assertThat(numbers(less)).containsExactly(8L, 9L);
  }

  @Test
  void olderOnesNeverMakeItLargerThanItsBytesOfJson() {
    int three = 3 * jsonBytes(entry(1, "text")) + 4;
    Page exact = page(50, three);
    Page less = page(50, three - 1);

    exact.addOlder(entries(1, 9));
    less.addOlder(entries(1, 9));

    assertThat(numbers(exact)).containsExactly(7L, 8L, 9L);
    assertThat(numbers(less)).containsExactly(8L, 9L);
  }

  @Test
  void oneRecordAloneMayBeLarger() {
    Page page = page(50, 10);

    page.addNewest(entry(1, "larger than all of it"));
    page.addNewest(entry(2, "larger than all of it"));
    Page older = page(50, 10);
    older.addOlder(List.of(entry(1, "small"), entry(2, "larger than all of it")));

    assertThat(numbers(page)).containsExactly(2L);
    assertThat(numbers(older)).containsExactly(2L);
  }

  @Test
  void smallOlderOneDoesNotComeInPastALargerOneThatHadToGo() {
    Page page = page(50, 500);
    page.addNewest(entry(2, "x".repeat(400)));
    page.addNewest(entry(3, "y".repeat(200)));

    page.addOlder(List.of(entry(1, "small")));

    assertThat(numbers(page)).containsExactly(3L);
  }

  @Test
  void smallOlderOneDoesNotComeInPastALargerOneThatDidNotFit() {
    Page page = page(50, 500);
    page.addNewest(entry(3, "y".repeat(200)));

    page.addOlder(List.of(entry(1, "small"), entry(2, "x".repeat(400))));

    assertThat(numbers(page)).containsExactly(3L);
  }

  @Test
  void itIsTheSameHoweverOftenSomebodyLooks() {
    Page watched = page(5, 2_000);
    Page unseen = page(5, 2_000);

    for (int number = 1; number <= 200; number++) {
      // four bytes of JSON, or twelve, for two of text
      String text = (number % 3 == 0 ? "\0\0" : "\"\"").repeat(number * 37 % 200);
      watched.addNewest(entry(number, text));
      unseen.addNewest(entry(number, text));
      numbers(watched);
      if (number % 7 == 0) {
        assertThat(unseen.entries()).isEqualTo(watched.entries());
        assertThat(unseen.json()).isEqualTo(watched.json());
        assertThat(unseen.heapBytes()).isEqualTo(watched.heapBytes());
      }
    }
  }

  @Test
  void itCountsAllThatItHolds() {
    Page page = page(50, 1_000_000);
    long empty = page.heapBytes();

    page.addNewest(entry(1, "x".repeat(10_000)));
    long one = page.heapBytes();
    for (int number = 2; number <= 60; number++) {
      page.addNewest(entry(number, "x".repeat(10_000)));
    }

    assertThat(empty).isLessThan(10);
    assertThat(one).isBetween(20_000L, 40_000L);
    assertThat(page.heapBytes()).isBetween(50 * (one - empty), 51 * one);
  }
}
