package im.xpro.xnest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 xnest_id")
class RoomIdTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "f45c6d7720375d90f660a7b7e3ae11bf",
        "大厅",
        "😀",
        " inner and outer blanks ",
        "...",
        ".a",
        "a\\b",
        "%2F",
        "<script>",
        "a|b",
        "a?b=c#d"
      })
  void whatUsersChooseIsKeptAsGiven(String value) {
    assertThat(new RoomId(value).value()).isEqualTo(value);
  }

  static Stream<Arguments> badIds() {
    return Stream.of(
        arguments("", "blank"),
        arguments(" ", "blank"),
        arguments("\u00a0\u3000", "blank"),
        arguments("\t", "blank"),
        arguments(".", "'.' or '..'"),
        arguments("..", "'.' or '..'"),
        arguments("/", "'/'"),
        arguments("a/b", "'/'"),
        arguments("a/", "'/'"),
        arguments("a\u0000b", "control"),
        arguments("a\nb", "control"),
        arguments("a\u007f", "control"),
        arguments("a\u0085", "control"),
        arguments("\ud800", "Unicode"),
        arguments("a\udc00b", "Unicode"));
  }

  @ParameterizedTest
  @MethodSource("badIds")
  void whatNoIdMayBeIsRefusedNamingTheRule(String value, String rule) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RoomId(value))
        .withMessageContaining(rule);
  }

  @Test
  void idsAreComparedCodePointByCodePoint() {
    assertThat(new RoomId("lobby")).isEqualTo(new RoomId("lobby"));
    assertThat(new RoomId("Lobby")).isNotEqualTo(new RoomId("lobby"));
    assertThat(new RoomId("lobby ")).isNotEqualTo(new RoomId("lobby"));
    assertThat(new RoomId("\u00e9")).isNotEqualTo(new RoomId("e\u0301"));
    assertThat(new RoomId("ａ")).isNotEqualTo(new RoomId("a"));
  }

  @Test
  void emojiCountsAsOneCharacter() {
    assertThat(new RoomId("大厅😀").characters()).isEqualTo(3);
  }
}
