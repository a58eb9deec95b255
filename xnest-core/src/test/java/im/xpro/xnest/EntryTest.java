package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import im.xpro.xnest.protocol.RoomId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("what an admission rule reads from a handshake")
class EntryTest {
  private static Entry with(String header, String... values) {
    return new Entry(
        new RoomId("lobby"),
        "Lin",
        true,
        Map.of("token", List.of("a", "b")),
        Map.of(header, List.of(values)),
        null,
        true,
        Grant.plain());
  }

  @Test
  void cookiesOfAllLinesAreThereInTheirOrder() {
    Entry entry = with("cookie", "session=42; theme=dark;a=1", "b=2; session=43");

    assertThat(entry.cookies())
        .containsExactly(
            entry("session", List.of("42", "43")),
            entry("theme", List.of("dark")),
            entry("a", List.of("1")),
            entry("b", List.of("2")));
    assertThat(entry.cookie("session")).isEqualTo("42");
    assertThat(entry.cookie("SESSION")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "s=a=b==       | a=b==",
        "s=            | ``",
        "s=\"a b\"     | a b",
        "s=\"a        | \"a",
        "s=\"         | \"",
        "s=\"\"       | ``",
        "s=%41+b       | %41+b",
        "s=小明         | 小明",
        " s  = a       | a",
        ";;s=a;;       | a"
      })
  void cookieHasItsValueWithoutQuotesAndNothingDecoded(String line, String value) {
    assertThat(with("cookie", line).cookie("s")).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";", "=", "=a", "s", " ; =; s"})
  void whatIsNoPairIsNoCookie(String line) {
    assertThat(with("cookie", line).cookies()).isEmpty();
  }

  @Test
  void cookiesCannotBeChanged() {
    Map<String, List<String>> cookies = with("cookie", "a=1").cookies();

    assertThatThrownBy(cookies::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whoBringsNoCookieOrOriginHasNone() {
    Entry plain = Entry.of(new RoomId("lobby"), "Lin");

    assertThat(plain.cookies()).isEmpty();
    assertThat(plain.cookie("session")).isNull();
    assertThat(plain.origin()).isNull();
    assertThat(plain.isSecure()).isFalse();
  }

  @Test
  void originIsToldAsItStandsThere() {
    assertThat(with("origin", "https://www.example.com").origin())
        .isEqualTo("https://www.example.com");
    assertThat(with("origin", "null").origin()).isEqualTo("null");
  }

  @Test
  void firstParameterAndHeaderCount() {
    Entry entry = with("x-real-ip", "192.0.2.1", "192.0.2.2");

    assertThat(entry.parameter("token")).isEqualTo("a");
    assertThat(entry.parameter("Token")).isNull();
    assertThat(entry.header("X-Real-IP")).isEqualTo("192.0.2.1");
    assertThat(entry.header("x-other")).isNull();
  }

  @Test
  void whatIsVariedKeepsTheRest() {
    Grant known = Grant.plain().withIdentity("user:42");
    Entry entry = with("cookie", "a=1");

    Entry varied = entry.withNickname("林").withStoresHistory(false).with(known);

    assertThat(varied)
        .isEqualTo(
            new Entry(entry.room(), "林", false, entry.query(), entry.headers(), null, true, known));
  }
}
