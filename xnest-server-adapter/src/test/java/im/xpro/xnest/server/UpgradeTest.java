package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.handshake;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.RoomKit;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("RFC 6455 §4.2")
class UpgradeTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  final Gateway gateway = Gateway.of(RoomKit.create().xnest());

  @Test
  void goodHandshakeIsAnsweredWithAllHeadersOfThe101() {
    Answer.Accepted accepted = accepted(gateway, to(LOBBY + "?nickname=Lin"));

    assertThat(accepted.headerLines())
        .containsExactly(
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "Set-Cookie: nickname=Lin; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "upgrade:WebSocket",
        "upgrade: h2c , websocket",
        "upgrade:WEBSOCKET,",
        "connection:upgrade",
        "connection:keep-alive, Upgrade",
        "connection:UPGRADE,keep-alive",
        "sec-websocket-version: 13 ",
        "sec-websocket-key: AQIDBAUGBwgJCgsMDQ4PEC== ",
        "sec-websocket-extensions:permessage-deflate",
        "origin:https://elsewhere.example.com",
        "host:127.0.0.1:8080"
      })
  void whatTheRfcAllowsIsAccepted(String line) {
    accepted(gateway, to(LOBBY, line));
  }

  @Test
  void tokensMayStandOnSeveralLines() {
    accepted(gateway, to(LOBBY, "connection:keep-alive", "connection:Upgrade"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "host:",
        "host: ",
        "connection",
        "connection:close",
        "connection:upgraded",
        "connection:keep-alive upgrade",
        "sec-websocket-key",
        "sec-websocket-key:",
        "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ",
        "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ=",
        "sec-websocket-key:dGhlIHNhbXBsZSBub25j",
        "sec-websocket-key:dGhlIHNhbXBsZSBub25jZSEh",
        "sec-websocket-key:dGhlIHNhbXBsZS#ub25jZQ==",
        "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="
      })
  void malformedHandshakeIsRefusedWith400(String line) {
    assertThat(refused(gateway, to(LOBBY, line)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host:chat.example.com", "sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ=="})
  void headerThatStandsTwiceIsRefusedWith400(String line) {
    assertThat(refused(gateway, to(LOBBY, line, line)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"upgrade", "upgrade:", "upgrade:h2c", "upgrade:websocket2"})
  void requestForNoWebSocketIsToldToUpgrade(String line) {
    Answer.Refused refused = refused(gateway, to(LOBBY, line));

    assertThat(refused.status()).isEqualTo(426);
    assertThat(refused.headerLines()).contains("Upgrade: websocket", "Connection: Upgrade");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sec-websocket-version",
        "sec-websocket-version:",
        "sec-websocket-version:0",
        "sec-websocket-version:8",
        "sec-websocket-version:14",
        "sec-websocket-version:013",
        "sec-websocket-version:13, 8"
      })
  void otherVersionIsToldTheRightOne(String line) {
    Answer.Refused refused = refused(gateway, to(LOBBY, line));

    assertThat(refused.status()).isEqualTo(426);
    assertThat(refused.headerLines()).contains("Sec-WebSocket-Version: 13");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "HEAD", "OPTIONS", "PUT", "get", ""})
  void otherMethodIsRefusedWith405(String method) {
    assertThat(refused(gateway, handshake(method, LOBBY)))
        .isEqualTo(new Answer.Refused(405, "the method must be GET", List.of("Allow: GET")));
  }

  @Test
  void pathIsJudgedBeforeTheHandshake() {
    assertThat(refused(gateway, handshake("POST", "/elsewhere", "host")).status()).isEqualTo(404);
  }
}
