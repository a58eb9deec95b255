package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.testkit.RoomKit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 xnest_id")
class RoomInPathTest {
  private static final String DOOR = "/xgate/websocket/";

  final Gateway gateway = Gateway.of(RoomKit.create().xnest());

  static Stream<Arguments> segmentsAndRooms() {
    return Stream.of(
        arguments("lobby", "lobby"),
        arguments("f45c6d7720375d90f660a7b7e3ae11bf", "f45c6d7720375d90f660a7b7e3ae11bf"),
        arguments("lobby/", "lobby"),
        arguments("lobby?", "lobby"),
        arguments("lobby/?a=b/c?d", "lobby"),
        arguments("Lobby", "Lobby"),
        arguments("%E5%B0%8F%E6%98%8E", "小明"),
        arguments("%e5%b0%8f%e6%98%8e", "小明"),
        arguments("小明", "小明"),
        arguments("%F0%9F%98%80", "😀"),
        arguments("%EF%BF%BD", "\uFFFD"),
        arguments("a+b", "a+b"),
        arguments("a%2Bb", "a+b"),
        arguments("a%20b", "a b"),
        arguments("%20a%20", " a "),
        arguments("100%25", "100%"),
        arguments("%2541", "%41"),
        arguments("%3F%23%26", "?#&"),
        arguments("a;b=c", "a;b=c"),
        arguments("...", "..."),
        arguments("%5C..%5C", "\\..\\"),
        arguments("e%CC%81", "e\u0301"),
        arguments("%C3%A9", "\u00e9"),
        arguments("%3Cscript%3E", "<script>"),
        arguments("x".repeat(128), "x".repeat(128)),
        arguments("%F0%9F%98%80".repeat(128), "😀".repeat(128)));
  }

  @ParameterizedTest
  @MethodSource("segmentsAndRooms")
  void segmentIsDecodedAsUtf8AndKeptAsItIs(String segment, String room) {
    assertThat(accepted(gateway, to(DOOR + segment)).entry().room().value()).isEqualTo(room);
  }

  static Stream<Arguments> badSegmentsAndReasons() {
    String bad = "room id has a bad percent-encoding";
    return Stream.of(
        arguments("", "room id is blank"),
        arguments("/", "room id is blank"),
        arguments("?nickname=Lin", "room id is blank"),
        arguments("%20", "room id is blank"),
        arguments("%E3%80%80", "room id is blank"),
        arguments("%", bad),
        arguments("%4", bad),
        arguments("a%", bad),
        arguments("%zz", bad),
        arguments("%4g", bad),
        arguments("%+1", bad),
        arguments("%-1", bad),
        arguments("%4-", bad),
        arguments("%u5C0F", bad),
        arguments("%EF%BC%90%", bad),
        arguments("%\uFF14\uFF11", bad),
        arguments("%FF", bad),
        arguments("%C0%AF", bad),
        arguments("%E5%B0", bad),
        arguments("%80", bad),
        arguments("%ED%A0%80", bad),
        arguments("%ED%A0%BD%ED%B8%80", bad),
        arguments("%F4%90%80%80", bad),
        arguments("\uFFFD", bad),
        arguments("\uD83D", bad),
        arguments("a%2Fb", "room id has a '/'"),
        arguments("%2F", "room id has a '/'"),
        arguments(".", "room id is '.' or '..'"),
        arguments("..", "room id is '.' or '..'"),
        arguments("%2e%2E", "room id is '.' or '..'"),
        arguments("a%00", "room id has a control character"),
        arguments("a%0d%0aSet-Cookie:x=y", "room id has a control character"),
        arguments("%7F", "room id has a control character"),
        arguments("%C2%85", "room id has a control character"),
        arguments("x".repeat(129), "the room id has more than 128 characters"),
        arguments("%F0%9F%98%80".repeat(129), "the room id has more than 128 characters"));
  }

  @ParameterizedTest
  @MethodSource("badSegmentsAndReasons")
  void badRoomIsRefusedWith400(String segment, String reason) {
    Answer.Refused refused = refused(gateway, to(DOOR + segment));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(gateway.serves(DOOR + segment)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "*",
        "lobby",
        "/lobby",
        "/xgate",
        "/xgate/",
        "/xgate/websocketlobby",
        "/xgate/websockets/lobby",
        "/XGATE/websocket/lobby",
        "/xgate/%77ebsocket/lobby",
        "//xgate/websocket/lobby",
        "/xgate//websocket/lobby",
        "/a/xgate/websocket/lobby",
        "/?/xgate/websocket/lobby",
        "http://",
        "http://chat.example.com",
        "http://chat.example.com/other",
        "ftp://chat.example.com/xgate/websocket/lobby"
      })
  void otherPathIsRefusedWith404(String target) {
    assertThat(refused(gateway, to(target)).status()).isEqualTo(404);
    assertThat(gateway.serves(target)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a//", "/a", "a/b/", "//", "../lobby", "lobby/..", "a/%2F"})
  void moreThanOneSegmentIsRefusedWith404(String below) {
    assertThat(refused(gateway, to(DOOR + below)).status()).isEqualTo(404);
    assertThat(gateway.serves(DOOR + below)).isTrue();
  }

  @Test
  void pathWithoutAnyRoomIsServedAndRefusedWith400() {
    String bare = "/xgate/websocket";

    assertThat(gateway.serves(bare)).isTrue();
    assertThat(gateway.serves(bare + "?nickname=Lin")).isTrue();
    assertThat(refused(gateway, to(bare)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://chat.example.com", "HTTPS://chat.example.com:8443", "http://[::1]:80"})
  void targetMayBeAWholeUrl(String origin) {
    String target = origin + DOOR + "lobby?nickname=Lin";

    assertThat(gateway.serves(target)).isTrue();
    assertThat(accepted(gateway, to(target)).entry().room().value()).isEqualTo("lobby");
    assertThat(accepted(gateway, to(target)).entry().nickname()).isEqualTo("Lin");
  }
}
