package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§3 history")
class HistoryPagingTest {
  private static final int MIB = 1 << 20;

  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  private void givenNumbersTo(int last) {
    Pasts.count(ming, 1, last);
    kit.forgetWhatWasHeard();
  }

  @Test
  void pagesCountBackFromTheNewestOldestFirst() {
    givenNumbersTo(120);

    assertThat(Pasts.page(lin, 0)).isEqualTo(Pasts.numbers(71, 120));
    assertThat(Pasts.page(lin, 1)).isEqualTo(Pasts.numbers(21, 70));
    assertThat(Pasts.page(lin, 2)).isEqualTo(Pasts.numbers(1, 20));
  }

  @Test
  void cursorPastTheEndIsEmpty() {
    givenNumbersTo(50);

    assertThat(Pasts.page(lin, 0)).hasSize(50);
    assertThat(Pasts.page(lin, 1)).isEmpty();
    assertThat(Pasts.page(lin, 7)).isEmpty();
  }

  @Test
  void pageIsForTheAskerAlone() {
    givenNumbersTo(3);

    lin.types("@history:0");

    Event page = lin.hears().event();
    assertThat(page).isInstanceOf(Event.Past.class);
    kit.expectNothingUnread();
  }

  @Test
  void messagesAndMediaAreStoredAndNothingElse() {
    ming.types("words");
    ming.types("@changename:大明");
    ming.types("@to:m2|psst");
    ming.types("@to:nobody|psst");
    ming.sends((byte) 1, (byte) 42);
    ming.leaves();
    kit.forgetWhatWasHeard();

    lin.types("@history:0");

    assertThat(Pasts.entries(lin.hears()))
        .extracting(HistoryEntry::message)
        .containsExactly(new Event.Said("words"), new Event.Shared(BlobKind.AUDIO, "b1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
        "99999999999999999999999999999999",
        "184467440737095517"
      })
  void numberTooBigForAnyPageIsEmpty(String cursor) {
    givenNumbersTo(60);

    lin.types("@history:" + cursor);

    assertThat(Pasts.texts(lin.hears())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "x", "٣", "１", "1,2", "--1"
      })
  void cursorThatIsNoNumberIsAnError(String cursor) {
    kit.forgetWhatWasHeard();

    lin.types("@history:" + cursor);

    assertThat(lin.hears()).isEqualTo(lin.failed("history Cursor error"));
    kit.expectNothingUnread();
  }

  @Test
  void pagesNeitherRepeatNorSkipWhileOthersTalk() {
    givenNumbersTo(120);
    assertThat(Pasts.page(lin, 0)).isEqualTo(Pasts.numbers(71, 120));

    givenMoreFrom(121, 150);

    assertThat(Pasts.page(lin, 1)).isEqualTo(Pasts.numbers(21, 70));
    givenMoreFrom(151, 160);
    assertThat(Pasts.page(lin, 2)).isEqualTo(Pasts.numbers(1, 20));
  }

  @Test
  void welcomeIsPageZero() {
    givenNumbersTo(120);
    Guest wei = kit.enter("lobby", "Wei");
    wei.hears();
    wei.hears();
    wei.hears();
    assertThat(Pasts.texts(wei.hears())).isEqualTo(Pasts.numbers(71, 120));

    givenMoreFrom(121, 150);

    assertThat(Pasts.page(wei, 1)).isEqualTo(Pasts.numbers(21, 70));
  }

  @Test
  void cursorZeroStartsAnewFromTheNewest() {
    givenNumbersTo(120);
    Pasts.page(lin, 0);
    givenMoreFrom(121, 150);

    assertThat(Pasts.page(lin, 0)).isEqualTo(Pasts.numbers(101, 150));
    assertThat(Pasts.page(lin, 1)).isEqualTo(Pasts.numbers(51, 100));
  }

  @Test
  void eachConnectionCountsFromItsOwnPoint() {
    givenNumbersTo(120);
    Pasts.page(lin, 0);
    givenMoreFrom(121, 130);

    assertThat(Pasts.page(ming, 0)).isEqualTo(Pasts.numbers(81, 130));
    assertThat(Pasts.page(lin, 1)).isEqualTo(Pasts.numbers(21, 70));
    assertThat(Pasts.page(ming, 1)).isEqualTo(Pasts.numbers(31, 80));
  }

  @Test
  void jumpCountsFiftyForEachPage() {
    givenNumbersTo(200);

    assertThat(Pasts.page(lin, 0)).isEqualTo(Pasts.numbers(151, 200));
    assertThat(Pasts.page(lin, 2)).isEqualTo(Pasts.numbers(51, 100));
    assertThat(Pasts.page(lin, 3)).isEqualTo(Pasts.numbers(1, 50));
    assertThat(Pasts.page(lin, 1)).isEqualTo(Pasts.numbers(101, 150));
  }

  @Test
  void pageEndsEarlyAtOneMebibyteAndTheNextGoesOnThere() {
    for (int i = 0; i < 5; i++) {
      ming.types(i + "x".repeat(400_000));
    }
    kit.forgetWhatWasHeard();

    assertThat(firstLetters(lin, 0)).containsExactly("3", "4");
    assertThat(firstLetters(lin, 1)).containsExactly("1", "2");
    assertThat(firstLetters(lin, 2)).containsExactly("0");
    assertThat(firstLetters(lin, 3)).isEmpty();
  }

  @Test
  void jumpCountsFromTheLastKnownEnd() {
    Pasts.count(ming, 1, 200);
    ming.types("y" + "x".repeat(600_000));
    ming.types("z" + "x".repeat(600_000));
    kit.forgetWhatWasHeard();

    assertThat(firstLetters(lin, 0)).containsExactly("z");
    assertThat(Pasts.page(lin, 2)).isEqualTo(Pasts.numbers(102, 151));
  }

  @Test
  void welcomeEndsEarlyAtOneMebibyteToo() {
    for (int i = 0; i < 3; i++) {
      ming.types(i + "x".repeat(400_000));
    }

    Guest wei = kit.enter("lobby", "Wei");

    assertThat(Pasts.texts(wei.hearsAll().get(3))).hasSize(2);
    assertThat(firstLetters(wei, 1)).containsExactly("0");
  }

  @Test
  void pageOfExactlyOneMebibyteIsWholeAndOneByteMoreEndsIt() {
    ming.types("");
    ming.types("");
    lin.hearsAll();
    lin.types("@history:0");
    int frameOverhead = arrayBytes(lin.hearsJson());
    int first = 500_000;
    int second = MIB - frameOverhead - first;

    ming.types("a".repeat(first));
    ming.types("b".repeat(second));
    lin.hearsAll();
    lin.types("@history:0");
    String whole = lin.hearsJson();
    ming.types("a".repeat(first));
    ming.types("b".repeat(second + 1));
    lin.hearsAll();
    lin.types("@history:0");

    assertThat(arrayBytes(whole)).isEqualTo(MIB);
    assertThat(Pasts.texts(lin.hears())).hasSize(1);
  }

  @Test
  void pageHoldsAtLeastOneRecordHoweverLarge() {
    ming.types("\u0000".repeat(MIB));
    kit.forgetWhatWasHeard();

    lin.types("@history:0");

    String json = lin.hearsJson();
    assertThat(json.length()).isGreaterThan(6 * MIB);
    assertThat(JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("payload")).hasSize(1);
  }

  @Test
  void pageEndsThatAreTooManyAreForgottenLowestFirst() {
    RoomKit small =
        RoomKit.create(
            b -> b.limits(Limits.builder().withoutRates().pageEnds(2).pageBytes(1).build()));
    Guest bo = small.enter("lobby", "Bo");
    Pasts.count(bo, 1, 200);
    small.forgetWhatWasHeard();

    List<String> walked = new ArrayList<>();
    for (int cursor = 0; cursor < 10; cursor++) {
      walked.addAll(Pasts.page(bo, cursor));
    }

    List<String> newestFirst = new ArrayList<>(Pasts.numbers(191, 200));
    Collections.reverse(newestFirst);
    assertThat(walked).isEqualTo(newestFirst);
    assertThat(Pasts.page(bo, 9)).containsExactly("191");
    assertThat(Pasts.page(bo, 10)).containsExactly("190");
    assertThat(Pasts.page(bo, 1)).containsExactly("150");
  }

  static List<Long> seeds() {
    return Seeds.some(100);
  }

  /** The rules once more, in a few lines: every end that was sent counts, and none is forgotten. */
  private static final class Model {
    static final int ENTRIES = 5;
    static final int BYTES = 1_000;
    final FrameWriter writer =
        new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);
    final TreeMap<Long, Long> ends = new TreeMap<>();
    long anchor;

    List<HistoryEntry> page(long cursor, List<HistoryEntry> all) {
      if (cursor == 0) {
        ends.clear();
        anchor = all.size();
      }
      Map.Entry<Long, Long> known = ends.lowerEntry(cursor);
      long end =
          known == null
              ? anchor - cursor * ENTRIES
              : known.getValue() - (cursor - known.getKey() - 1) * ENTRIES;
      int to = (int) Math.max(0, end);
      int from = to;
      int bytes = 1;
      while (from > 0 && to - from < ENTRIES) {
        bytes += writer.write(all.get(from - 1)).getBytes(StandardCharsets.UTF_8).length + 1;
        if (from < to && bytes > BYTES) {
          break;
        }
        from--;
      }
      if (from < to) {
        ends.put(cursor, (long) from);
      }
      return all.subList(from, to);
    }
  }

  @ParameterizedTest(name = "-Dxnest.seed={0}")
  @MethodSource("seeds")
  void anyWalkFollowsTheRules(long seed) {
    Random random = new Random(seed);
    RoomKit small =
        RoomKit.create(
            builder ->
                builder.limits(
                    Limits.builder()
                        .withoutRates()
                        .pageEntries(Model.ENTRIES)
                        .pageBytes(Model.BYTES)
                        .build()));
    Guest talker = small.enter("lobby", "小明");
    Guest reader = small.enter("lobby", "Lin");
    Model model = new Model();
    List<HistoryEntry> all = new ArrayList<>();
    long highest = 0;
    for (int step = 0; step < 60; step++) {
      for (int i = random.nextInt(step == 0 ? 80 : 4); i > 0; i--) {
        String text = "好".repeat(random.nextInt(150));
        talker.types(text);
        all.add(
            new HistoryEntry(
                new RoomId("lobby"),
                all.size() + 1,
                talker.id(),
                "小明",
                new Event.Said(text),
                small.clock().instant()));
      }
      boolean goesOn = step > 0 && random.nextInt(10) > 0;
      long cursor = goesOn ? random.nextLong(highest + 3) : 0;
      highest = cursor == 0 ? 0 : Math.max(highest, cursor);
      small.forgetWhatWasHeard();

      reader.types("@history:" + cursor);

      assertThat(Pasts.entries(reader.hears()))
          .as("cursor %d in step %d", cursor, step)
          .isEqualTo(model.page(cursor, all));
    }
  }

  private void givenMoreFrom(int first, int last) {
    Pasts.count(ming, first, last);
    kit.forgetWhatWasHeard();
  }

  private static List<String> firstLetters(Guest guest, long cursor) {
    guest.hearsAll();
    return Pasts.page(guest, cursor).stream().map(text -> text.substring(0, 1)).toList();
  }

  private static int arrayBytes(String json) {
    String payload = "\"payload\":";
    String array =
        json.substring(
            json.indexOf(payload) + payload.length(), json.lastIndexOf(",\"send_time\""));
    return array.getBytes(StandardCharsets.UTF_8).length;
  }
}
