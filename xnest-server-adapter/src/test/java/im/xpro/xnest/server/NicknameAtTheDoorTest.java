package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.testkit.RoomKit;
import java.net.HttpCookie;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 nickname, cookie")
class NicknameAtTheDoorTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  final RoomKit kit = RoomKit.create();
  final Gateway gateway = Gateway.of(kit.xnest());

  private String nickname(Handshake handshake) {
    return accepted(gateway, handshake).entry().nickname();
  }

  static Stream<Arguments> queriesAndNicknames() {
    return Stream.of(
        arguments("nickname=Lin", "Lin"),
        arguments("nickname=%E5%B0%8F%E6%98%8E", "小明"),
        arguments("nickname=小明", "小明"),
        arguments("nickname=a+b", "a b"),
        arguments("nickname=a%2Bb", "a+b"),
        arguments("nickname=a%20b", "a b"),
        arguments("nickname=+Lin+", "Lin"),
        arguments("nickname=%0D%0ASet-Cookie:x%00", "Set-Cookie:x"),
        arguments("nickname=a=b", "a=b"),
        arguments("nickname=a;b", "a;b"),
        arguments("nickname=a%26b", "a&b"),
        arguments("nickname=a?b/c", "a?b/c"),
        arguments("nickname=%2541", "%41"),
        arguments("%6eickname=Lin", "Lin"),
        arguments("nickname=Lin&nickname=Wei", "Lin"),
        arguments("nickname=Lin&nickname=%zz", "Lin"),
        arguments("&&nickname=Lin&", "Lin"),
        arguments("x=%zz&%zz=x&nickname=Lin&=&%FF", "Lin"),
        arguments("is_store_history=%zz&nickname=Lin", "Lin"),
        arguments("nickname=" + "x".repeat(64), "x".repeat(64)),
        arguments("nickname=" + "%F0%9F%98%80".repeat(64), "😀".repeat(64)),
        arguments("nickname=%00" + "x".repeat(64) + "+", "x".repeat(64)));
  }

  @ParameterizedTest
  @MethodSource("queriesAndNicknames")
  void parameterIsFormDecodedAndCleanedAndTheFirstCounts(String query, String nickname) {
    assertThat(nickname(to(LOBBY + "?" + query, "cookie:nickname=Wei"))).isEqualTo(nickname);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nickname=%",
        "nickname=%4",
        "nickname=%zz",
        "nickname=%FF",
        "nickname=%C0%80",
        "nickname=%ED%A0%BD%ED%B8%80",
        "nickname=\uFFFD",
        "nickname=%zz&nickname=Lin",
        "%6eickname=%zz"
      })
  void badEncodingOfTheParameterIsRefused(String query) {
    Answer.Refused refused = refused(gateway, to(LOBBY + "?" + query, "cookie:nickname=Wei"));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.reason()).isEqualTo("nickname has a bad percent-encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%E5%B0%8F", "%F0%9F%98%80"})
  void sixtyFiveCharactersAreRefused(String character) {
    String target = LOBBY + "?nickname=" + character.repeat(65);

    assertThat(refused(gateway, to(target)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "?nickname",
        "?nickname=",
        "?nickname=+",
        "?nickname=%00%0a",
        "?nickname=%E3%80%80",
        "?nickname=&nickname=Lin",
        "?Nickname=Lin",
        "?nick=Lin"
      })
  void blankOrAbsentParameterLeavesItToTheCookie(String query) {
    assertThat(nickname(to(LOBBY + query, "cookie:nickname=Wei"))).isEqualTo("Wei");
    assertThat(nickname(to(LOBBY + query))).isEqualTo("guest1");
  }

  static Stream<Arguments> cookiesAndNicknames() {
    return Stream.of(
        arguments("nickname=Wei", "Wei"),
        arguments("nickname=%E5%B0%8F%E6%98%8E", "小明"),
        arguments("nickname=小明", "小明"),
        arguments("nickname=a+b", "a+b"),
        arguments("nickname=a%20b", "a b"),
        arguments("nickname=a b", "a b"),
        arguments("nickname=a=b", "a=b"),
        arguments("nickname=\"Wei\"", "Wei"),
        arguments("nickname=\"", "\""),
        arguments("nickname=%22Wei%22", "\"Wei\""),
        arguments("nickname=We%0D%0Ai", "Wei"),
        arguments("a=b; nickname=Wei; c=d", "Wei"),
        arguments("a=b;nickname=Wei;", "Wei"),
        arguments(" nickname = Wei ", "Wei"),
        arguments("nickname=Wei; nickname=Lin", "Wei"),
        arguments("nickname=%zz; nickname=Lin", "Lin"),
        arguments("nickname=; nickname=Lin", "Lin"),
        arguments("nickname; nickname=Lin", "Lin"),
        arguments("nickname=" + "x".repeat(65) + "; nickname=Lin", "Lin"),
        arguments("nickname=" + "%F0%9F%98%80".repeat(64), "😀".repeat(64)));
  }

  @ParameterizedTest
  @MethodSource("cookiesAndNicknames")
  void firstUsableCookieCounts(String cookie, String nickname) {
    assertThat(nickname(to(LOBBY, "cookie:" + cookie))).isEqualTo(nickname);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "=",
        "nickname",
        "nickname=",
        "nickname=%20",
        "nickname=%00",
        "nickname=\"\"",
        "nickname=%",
        "nickname=100%",
        "nickname=%zz",
        "nickname=%FF",
        "nickname=%ED%A0%80",
        "nickname=\uFFFD",
        "Nickname=Wei",
        "xnickname=Wei",
        "nick name=Wei"
      })
  void unusableCookieIsIgnored(String cookie) {
    assertThat(nickname(to(LOBBY, "cookie:" + cookie))).isEqualTo("guest1");
  }

  @Test
  void cookiesMayStandOnSeveralLines() {
    assertThat(nickname(to(LOBBY, "cookie:a=b", "cookie:nickname=Wei"))).isEqualTo("Wei");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Lin",
        "小明",
        "😀",
        "a;b",
        "a; Path=/evil; b",
        "a, b=c",
        "\"Lin\"",
        "\\",
        "100%",
        "%41",
        "a+b c",
        "~*'()!-._",
        "Lin\r\nSet-Cookie: x=y",
        "\u2028é\u0301\u202e"
      })
  void cookieBringsTheNicknameBackAndNothingElse(String nickname) {
    String encoded = URLEncoder.encode(nickname, StandardCharsets.UTF_8);
    Answer.Accepted first = accepted(gateway, to(LOBBY + "?nickname=" + encoded));

    assertThat(first.setCookie())
        .matches(
            "nickname=([A-Za-z0-9._~-]|%[0-9A-F]{2})+; Max-Age=86400; Path=/; HttpOnly;"
                + " SameSite=Lax");
    HttpCookie cookie = HttpCookie.parse("Set-Cookie: " + first.setCookie()).get(0);
    assertThat(nickname(to(LOBBY, "cookie:nickname=" + cookie.getValue())))
        .isEqualTo(first.entry().nickname());
  }

  @Test
  void nameThatWasGivenIsRemembered() {
    assertThat(accepted(gateway, to(LOBBY)).setCookie()).startsWith("nickname=guest1; ");
  }

  @Test
  void cookieGoesToOtherSitesWhereThatIsAskedFor() {
    Gateway forWidgets = Gateway.builder(kit.xnest()).crossSiteCookie(true).build();

    assertThat(accepted(forWidgets, to(LOBBY + "?nickname=Lin")).setCookie())
        .isEqualTo("nickname=Lin; Max-Age=86400; Path=/; HttpOnly; SameSite=None; Secure");
  }
}
