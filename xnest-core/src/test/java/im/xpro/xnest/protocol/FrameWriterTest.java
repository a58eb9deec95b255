package im.xpro.xnest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("§2 writing frames")
class FrameWriterTest {
  private static final Instant TIME = Instant.parse("2015-04-08T14:02:06Z");

  private final FrameWriter writer =
      new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);

  private static Frame frame(Event event, Instant time) {
    return new Frame(new MemberId("m1"), new RoomId("lobby"), event, time);
  }

  @ParameterizedTest
  @CsvSource({
    "2015-04-08T14:02:06Z,           UTC,           2015-4-8 14:2:6",
    "2015-12-31T23:59:59.999999999Z, UTC,           2015-12-31 23:59:59",
    "2015-12-31T16:00:00Z,           Asia/Shanghai, 2016-1-1 0:0:0",
    "2015-04-08T14:02:06Z,           America/Lima,  2015-4-8 9:2:6"
  })
  void sendTimeIsNotPaddedAndInTheChosenZone(Instant instant, ZoneId zone, String sendTime) {
    FrameWriter there = new FrameWriter(URI.create("http://chat.example.com"), zone);

    assertThat(there.write(frame(new Event.Said("hi"), instant)))
        .endsWith(",\"send_time\":\"" + sendTime + "\"}");
  }

  @Test
  void sendTimeDoesNotFollowTheMachinesLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-SA-u-nu-arab"));
      FrameWriter there = new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);
      assertThat(there.write(frame(new Event.Said("hi"), TIME))).contains("2015-4-8 14:2:6");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void nothingButWhatJsonNeedsIsEscaped() {
    assertThat(writer.write(frame(new Event.Said("<a href='x'>&=é😀/</a>"), TIME)))
        .contains("\"payload\":\"<a href='x'>&=é😀/</a>\"");
    assertThat(writer.write(frame(new Event.Said("\"\\\u0000\n"), TIME)))
        .contains("\"payload\":\"\\\"\\\\\\u0000\\n\"");
  }

  @Test
  void slashAtTheEndOfTheBaseIsNotDoubled() {
    FrameWriter slashed = new FrameWriter(URI.create("http://cdn.example.com/x/"), ZoneOffset.UTC);

    assertThat(slashed.url(new RoomId("lobby"), "b1"))
        .isEqualTo("http://cdn.example.com/x/lobby/b1");
  }

  @Test
  void recordsWrittenBeforeGiveTheSamePage() {
    HistoryEntry entry =
        new HistoryEntry(
            new RoomId("lobby"), 1, new MemberId("m2"), "Lin", new Event.Said("hi"), TIME);
    Frame page = frame(new Event.Past(List.of(entry, entry)), TIME);

    String record = writer.write(entry);

    assertThat(writer.write(page, List.of(record, record))).isEqualTo(writer.write(page));
  }
}
