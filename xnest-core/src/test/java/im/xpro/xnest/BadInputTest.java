package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes in wrong gets the answer of the protocol, and nobody else notices. */
@DisplayName("§1, §3, §5 bad input and its answer")
class BadInputTest {
  private static final String BLANK_ID = "room id is blank";
  private static final String DOTS = "room id is '.' or '..'";
  private static final String SLASH = "room id has a '/'";
  private static final String CONTROL = "room id has a control character";
  private static final String NO_UNICODE = "room id is not valid Unicode";
  private static final String LONG_ID = "400 the room id has more than 128 characters";
  private static final String LONG_NAME = "the nickname has more than 64 characters";
  private static final String NO_NAME = "error: the nickname is empty";
  private static final String NO_BAR = "error: a private message is written @to:{pid}|{text}";
  private static final String NO_ID =
      "error: a private message needs the id of a member: @to:{pid}|{text}";
  private static final String NOBODY = "error: no member of this room has that id";
  private static final String CURSOR = "error: history Cursor error";
  private static final int MIB = 1 << 20;

  /** Small, so that the table can step over it. */
  private final RoomKit kit =
      RoomKit.create(b -> b.limits(Limits.builder().maxBinaryBytes(8).build()));

  private final Guest ming = kit.enter("lobby", "小明");
  private final Guest lin = kit.enter("lobby", "Lin");
  private final Guest elsewhere = kit.enter("garden", "Wei");

  static Stream<Arguments> table() {
    return Stream.of(
        arguments("room", "", BLANK_ID),
        arguments("room", " ", BLANK_ID),
        arguments("room", "\t\n", BLANK_ID),
        arguments("room", "\u00a0\u3000", BLANK_ID),
        arguments("room", ".", DOTS),
        arguments("room", "..", DOTS),
        arguments("room", "/", SLASH),
        arguments("room", "a/b", SLASH),
        arguments("room", "../lobby", SLASH),
        arguments("room", "lobby/", SLASH),
        arguments("room", "lob\u0000by", CONTROL),
        arguments("room", "lobby\r\n", CONTROL),
        arguments("room", "\u001blobby", CONTROL),
        arguments("room", "lobby\u007f", CONTROL),
        arguments("room", "lobby\u0085", CONTROL),
        arguments("room", "\ud83d", NO_UNICODE),
        arguments("room", "lobby\ude00", NO_UNICODE),
        arguments("room", "x".repeat(129), LONG_ID),
        arguments("room", "😀".repeat(129), LONG_ID),
        arguments("room", "x".repeat(MIB), LONG_ID),
        arguments("nickname", "x".repeat(65), "400 " + LONG_NAME),
        arguments("nickname", "😀".repeat(65), "400 " + LONG_NAME),
        arguments("nickname", " " + "明".repeat(65) + "\u0000", "400 " + LONG_NAME),
        arguments("nickname", "x".repeat(MIB), "400 " + LONG_NAME),
        arguments("text", "@to:", NO_BAR),
        arguments("text", "@to:m2", NO_BAR),
        arguments("text", "@to:m2 psst", NO_BAR),
        arguments("text", "@to:m2｜full width bar", NO_BAR),
        arguments("text", "@to:|", NO_ID),
        arguments("text", "@to:|psst", NO_ID),
        arguments("text", "@to: |psst", NO_ID),
        arguments("text", "@to:\u00a0\t|psst", NO_ID),
        arguments("text", "@to:||psst", NO_ID),
        arguments("text", "@to:m99|psst", NOBODY),
        arguments("text", "@to:M2|psst", NOBODY),
        arguments("text", "@to: m2|psst", NOBODY),
        arguments("text", "@to:m2 |psst", NOBODY),
        arguments("text", "@to:Lin|psst", NOBODY),
        arguments("text", "@to:m3|of another room", NOBODY),
        arguments("text", "@to:" + "m".repeat(MIB - 10) + "|psst", NOBODY),
        arguments("text", "@to:m2\u0000|psst", NOBODY),
        arguments("text", "@changename:", NO_NAME),
        arguments("text", "@changename:  ", NO_NAME),
        arguments("text", "@changename:\u0000\u0007\u009f", NO_NAME),
        arguments("text", "@changename:\u00a0\u3000\n", NO_NAME),
        arguments("text", "@changename:" + "x".repeat(65), "error: " + LONG_NAME),
        arguments("text", "@changename:" + "😀".repeat(65), "error: " + LONG_NAME),
        arguments("text", "@changename:" + "x".repeat(MIB - 20), "error: " + LONG_NAME),
        arguments("text", "@history:", CURSOR),
        arguments("text", "@history: ", CURSOR),
        arguments("text", "@history:-1", CURSOR),
        arguments("text", "@history:-0", CURSOR),
        arguments("text", "@history:+1", CURSOR),
        arguments("text", "@history:1.5", CURSOR),
        arguments("text", "@history:0x1", CURSOR),
        arguments("text", "@history:1e3", CURSOR),
        arguments("text", "@history: 0", CURSOR),
        arguments("text", "@history:0\n", CURSOR),
        arguments("text", "@history:０", CURSOR),
        arguments("text", "@history:٣", CURSOR),
        arguments("text", "@history:newest", CURSOR),
        arguments("text", "@history:" + "9".repeat(MIB - 20), "history: []"),
        arguments("text", "@history:9223372036854775808", "history: []"),
        arguments("text", "x".repeat(MIB + 1), "closed: 1009"),
        arguments("text", "明".repeat(MIB / 3 + 1), "closed: 1009"),
        arguments("text", "@history:" + "0".repeat(MIB), "closed: 1009"),
        arguments("binary", "", "error: the binary frame is empty"),
        arguments("binary", "01", "error: the binary frame has no content"),
        arguments("binary", "02", "error: the binary frame has no content"),
        arguments("binary", "ff", "error: the binary frame has no content"),
        arguments("binary", "020000000000000000", "closed: 1009"));
  }

  @ParameterizedTest(name = "[{index}] {0}: {2}")
  @MethodSource("table")
  void badInputGetsItsAnswerAndNobodyElseNotices(String door, String input, String answer) {
    kit.forgetWhatWasHeard();

    assertThat(answer(door, input)).isEqualTo(answer);

    assertThat(answer).hasSizeLessThan(100);
    elsewhere.hearsNothing();
    if (!answer.startsWith("closed")) {
      ming.types("still here");
      assertThat(lin.hearsAll()).containsExactly(ming.said("still here"));
      assertThat(ming.closeCode()).isNull();
    } else {
      assertThat(lin.hearsAll()).containsExactly(ming.left());
    }
  }

  private String answer(String door, String input) {
    switch (door) {
      case "room":
        try {
          return admit(Entry.of(new RoomId(input), "Lin"));
        } catch (IllegalArgumentException refused) {
          return refused.getMessage();
        }
      case "nickname":
        return admit(Entry.of(new RoomId("lobby"), input));
      case "text":
        ming.types(input);
        return heardByMing();
      case "binary":
        ming.sends(HexFormat.of().parseHex(input));
        return heardByMing();
      default:
        throw new AssertionError(door);
    }
  }

  private String admit(Entry entry) {
    Decision decision = kit.xnest().admit(entry).toCompletableFuture().join();
    return decision instanceof Decision.Refused refused
        ? refused.status() + " " + refused.reason()
        : "accepted";
  }

  private String heardByMing() {
    if (ming.closeCode() != null) {
      return "closed: " + ming.closeCode();
    }
    List<Frame> heard = ming.hearsAll();
    assertThat(heard).hasSize(1).allMatch(frame -> frame.from().equals(ming.id()));
    Event event = heard.get(0).event();
    return event instanceof Event.Failed failed
        ? "error: " + failed.why()
        : "history: " + Pasts.texts(heard.get(0));
  }
}
