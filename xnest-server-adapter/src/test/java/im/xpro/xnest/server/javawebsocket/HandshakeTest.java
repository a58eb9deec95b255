package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.Origins;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("§1 connecting, over sockets")
class HandshakeTest {
  private static final String ROOM = "/xgate/websocket/lobby";

  private static String good() {
    return new String(request(ROOM), UTF_8);
  }

  static Stream<Arguments> bad() {
    String x = "x".repeat(9_000);
    return Stream.of(
        Arguments.of("other path", new String(request("/other"), UTF_8), 404),
        Arguments.of("bad room", new String(request("/xgate/websocket/%zz"), UTF_8), 400),
        Arguments.of("plain HTTP", "GET " + ROOM + " HTTP/1.1\r\nHost: a\r\n\r\n", 426),
        Arguments.of("POST", good().replace("GET", "POST"), 405),
        Arguments.of("version 8", good().replace("Version: 13", "Version: 8"), 426),
        Arguments.of("HTTP/1.0", good().replace("HTTP/1.1", "HTTP/1.0"), 400),
        Arguments.of("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        Arguments.of("no version", "GET " + ROOM + "\r\n\r\n", 400),
        Arguments.of("two blanks", good().replace(ROOM, " " + ROOM), 400),
        Arguments.of("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001", 400),
        Arguments.of("empty first line", "\r\n" + good(), 400),
        Arguments.of("bare LF", good().replace("\r\n", "\n"), 400),
        Arguments.of("bare CR", good().replace("Host: ", "Host: a\rb"), 400),
        Arguments.of("NUL", good().replace("Host: ", "Host: \u0000"), 400),
        Arguments.of("folded header", good().replace("Upgrade: ", "X: a\r\n b\r\nUpgrade: "), 400),
        Arguments.of("blank before the colon", good().replace("Host:", "Host :"), 400),
        Arguments.of("no colon", good().replace("Host:", "Host"), 400),
        Arguments.of("large header", good().replace("Host:", "X: " + x + x + "\r\nHost:"), 431),
        Arguments.of("large target", good().replace(ROOM, ROOM + "?" + x + x), 431),
        Arguments.of("many lines", good().replace("Host:", "X: a\r\n".repeat(100) + "Host:"), 431));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void badHandshakeIsRefusedInWordsAndEnded(String name, String bytes, int status)
      throws Exception {
    try (Served house = Served.with(Limits.builder());
        RawClient client = RawClient.connect(house.port())) {
      client.write(bytes.getBytes(ISO_8859_1));

      String answer = client.readToEnd();
      assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\r\nConnection: ");
      String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      assertThat(body).endsWith("\n").hasSizeGreaterThan(10);
      assertThat(answer).contains("\r\nContent-Length: " + body.length() + "\r\n");
    }
  }

  @Test
  void refusalIsReadThoughTheClientSentFarMore() throws Exception {
    try (Served house = Served.with(Limits.builder().closeTime(Duration.ofMinutes(1)));
        RawClient client = RawClient.connect(house.port())) {
      client.write(("GET " + ROOM + " HTTP/1.1\r\nX: ").getBytes(UTF_8));
      client.write("x".repeat(20_000).getBytes(UTF_8));
      assertThat(client.readHead()).startsWith("HTTP/1.1 431 ");
      for (int i = 0; i < 50; i++) {
        client.write("x".repeat(100_000).getBytes(UTF_8));
      }

      assertThat(client.readToEnd()).startsWith("a handshake may have");
    }
  }

  @Test
  void handshakeMayDrip() throws Exception {
    try (Served house = Served.with(Limits.builder());
        RawClient client = RawClient.connect(house.port())) {
      for (byte one : request(ROOM)) {
        client.write(new byte[] {one});
      }

      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }
  }

  @Test
  void headersReachTheAdmissionAsTheyWereSent() throws Exception {
    Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    Xnest.Builder asks =
        Xnest.builder()
            .admission(
                entry -> {
                  entries.add(entry);
                  return CompletableFuture.completedStage(new Decision.Accepted(entry));
                });
    try (Served house = Served.with(asks);
        RawClient client = RawClient.connect(house.port())) {
      client.write(request(ROOM + "?token=t", "X-Name:  小明 \t", "x-name:b", "X-Empty:"));
      client.readHead();

      Entry entry = entries.remove();
      assertThat(entry.headers()).containsEntry("x-name", List.of("小明", "b"));
      assertThat(entry.headers()).containsEntry("x-empty", List.of(""));
      assertThat(entry.query()).containsEntry("token", List.of("t"));
      assertThat(entry.remote()).isNotNull();
      assertThat(entry.remote().getAddress().isLoopbackAddress()).isTrue();
    }
  }

  @Test
  void foreignPageIsRefusedWith403AndTheOwnOneServed() throws Exception {
    Origins origins = Origins.sameHost().or(Origins.only("https://www.example.com"));
    try (Served house =
        Served.with(
            Xnest.builder(),
            (xnest, server) -> server.gateway(Gateway.builder(xnest).origins(origins).build()))) {
      assertThat(answer(house, "Origin: https://evil.example.com"))
          .startsWith("HTTP/1.1 403 Forbidden\r\n")
          .endsWith("\r\n\r\npages of this origin may not connect\n");
      assertThat(answer(house, "Origin: null")).startsWith("HTTP/1.1 403 ");
      for (String origin :
          List.of("Origin: http://localhost:8081", "Origin: https://www.example.com", "X: none")) {
        try (RawClient client = RawClient.connect(house.port())) {
          client.write(request(ROOM, origin));
          assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
        }
      }
    }
  }

  private static String answer(Served house, String headerLine) throws IOException {
    try (RawClient client = RawClient.connect(house.port())) {
      client.write(request(ROOM, headerLine));
      return client.readToEnd();
    }
  }

  @Test
  void answerSetsTheCookie() throws Exception {
    try (Served house = Served.with(Limits.builder());
        RawClient client = RawClient.connect(house.port())) {
      client.write(request(ROOM + "?nickname=Lin"));

      assertThat(client.readHead())
          .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
          .contains("\r\nSet-Cookie: nickname=Lin;");
    }
  }

  @Test
  void connectionWithoutAHandshakeIsCut() throws Exception {
    Limits.Builder limits = Limits.builder().handshakeTime(Duration.ofMillis(500));
    try (Served house = Served.with(limits);
        RawClient silent = RawClient.connect(house.port());
        RawClient begun = RawClient.connect(house.port())) {
      begun.write("GET /xgate".getBytes(UTF_8));

      assertThat(silent.readToEnd()).isEmpty();
      assertThat(begun.readToEnd()).isEmpty();
    }
  }

  @Test
  void connectionsOverTheLimitAreClosedAndOthersServed() throws Exception {
    try (Served house = Served.with(Limits.builder().connections(3));
        RawClient ming = house.enter("lobby", "Ming");
        RawClient lin = house.enter("lobby", "Lin");
        RawClient wei = house.enter("lobby", "Wei");
        RawClient fourth = RawClient.connect(house.port())) {
      fourth.hearsEnd();
      wei.disconnect();
      lin.hears("leave");
      Served.await("a place is free", () -> enters(house));

      ming.say("all fine");
      lin.hears("normal", "all fine");
    }
  }

  @Test
  void connectionsOfOneAddressOverItsLimitAreClosedUntilOneGoes() throws Exception {
    try (Served house = Served.with(Limits.builder().connectionsPerAddress(2));
        RawClient ming = house.enter("lobby", "Ming");
        RawClient lin = house.enter("lobby", "Lin");
        RawClient third = RawClient.connect(house.port())) {
      third.hearsEnd();
      ming.say("all fine");
      lin.hears("normal", "all fine");

      ming.disconnect();
      lin.hears("leave");
      Served.await("a place is free", () -> enters(house));
    }
  }

  private static boolean enters(Served house) {
    try {
      house.enter("lobby", "Next").close();
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void handshakesOverTheLimitAreClosedUntilOthersAreDone() throws Exception {
    List<RawClient> pending = new ArrayList<>();
    try (Served house = Served.with(Limits.builder().pendingHandshakes(5));
        RawClient ming = house.enter("lobby", "Ming")) {
      for (int i = 0; i < 5; i++) {
        pending.add(RawClient.connect(house.port()));
      }
      try (RawClient sixth = RawClient.connect(house.port())) {
        sixth.hearsEnd();
      }

      ming.say("all fine");
      ming.hears("normal", "all fine");
      pending.get(0).shakeHands("lobby");
      Served.await("a place is free", () -> enters(house));
      for (RawClient one : pending) {
        one.close();
      }
    }
  }
}
