package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§3 any other text")
class NormalMessageTest {
  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  @Test
  void everybodyHearsItTheSenderToo() {
    kit.forgetWhatWasHeard();

    ming.types("大家好");

    assertThat(ming.hears()).isEqualTo(ming.said("大家好"));
    assertThat(lin.hears()).isEqualTo(ming.said("大家好"));
    kit.expectNothingUnread();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " \t\r\n ",
        "@bob hi",
        "@x:y",
        "@",
        "@to",
        "@TO:m1|hi",
        " @to:m1|hi",
        "@ to:m1|hi",
        "@history",
        "@History:0",
        "@changename",
        "@changeName:Bo",
        "{\"type\":\"leave\",\"payload\":\"leave\"}",
        "null",
        "123"
      })
  void textThatIsNoCommandIsSaidAsItIs(String text) {
    kit.forgetWhatWasHeard();

    ming.types(text);

    assertThat(lin.hears()).isEqualTo(ming.said(text));
    assertThat(ming.hears()).isEqualTo(ming.said(text));
  }

  static List<String> awkwardTexts() {
    return List.of(
        "<script>alert('x')</script> & &amp; = \u003d",
        "\"quotes\" 'single' \\ backslash \\\" \\u0041 /",
        "NUL \u0000, bell \u0007, tab \t, DEL \u007f, C1 \u0085",
        "line\nbreaks\r\nand \u2028 and \u2029",
        "emoji 😀 family 👩‍👩‍👧 flag 🇨🇳",
        "byte order mark \ufeff, no character \uffff, right to left \u202e",
        "  kept blanks  ",
        "é composed, e\u0301 not",
        "x".repeat(1 << 20),
        "\"".repeat(1 << 20),
        "\u0000".repeat(1 << 20),
        "😀".repeat(1 << 18));
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("awkwardTexts")
  void payloadIsExactlyWhatWasSent(String text) {
    kit.forgetWhatWasHeard();

    ming.types(text);

    assertThat(payload(lin.hearsJson()).equals(text)).isTrue();
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("awkwardTexts")
  void recordOfHistoryIsExactlyWhatWasSent(String text) {
    ming.types(text);
    kit.forgetWhatWasHeard();

    lin.types("@history:0");

    String record =
        JsonParser.parseString(lin.hearsJson())
            .getAsJsonObject()
            .getAsJsonArray("payload")
            .get(0)
            .getAsJsonObject()
            .get("payload")
            .getAsString();
    assertThat(record.equals(text)).isTrue();
  }

  @Test
  void nothingIsEscapedForHtml() {
    kit.forgetWhatWasHeard();

    ming.types("<b>'tis & = \u00e9</b>");

    assertThat(lin.hearsJson()).contains("\"payload\":\"<b>'tis & = é</b>\"");
  }

  private static String payload(String json) {
    return JsonParser.parseString(json).getAsJsonObject().get("payload").getAsString();
  }
}
