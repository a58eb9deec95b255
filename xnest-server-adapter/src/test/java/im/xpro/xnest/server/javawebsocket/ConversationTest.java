package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.close;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a server is for. */
class ConversationTest {
  Served serve(Limits.Builder limits) throws IOException {
    return serve(Xnest.builder().limits(limits.build()));
  }

  Served serve(Xnest.Builder house) throws IOException {
    return Served.with(house);
  }

  @Test
  void twoMembersHearEachOther() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming");
        RawClient lin = house.enter("lobby", "Lin")) {
      ming.hears("join", "Lin");
      ming.say("大家好");

      assertThat(lin.hears("normal")).contains("\"payload\":\"大家好\"");
      assertThat(ming.hears("normal")).contains("\"payload\":\"大家好\"");
    }
  }

  /** Collects whole texts of a good client. */
  private static final class Listener implements WebSocket.Listener {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return CompletableFuture.completedStage(null);
    }

    String next(String type) throws InterruptedException {
      String frame = heard.poll(30, TimeUnit.SECONDS);
      while (frame != null && !frame.contains("\"type\":\"" + type + "\"")) {
        frame = heard.poll(30, TimeUnit.SECONDS);
      }
      if (frame == null) {
        throw new AssertionError("no " + type + " was heard");
      }
      return frame;
    }
  }

  private static WebSocket join(Served house, Listener listener) {
    HttpClient.Builder client = HttpClient.newBuilder();
    if (house.tls != null) {
      client.sslContext(house.tls);
    }
    URI uri =
        URI.create(
            (house.tls == null ? "ws" : "wss")
                + "://localhost:"
                + house.port()
                + "/xgate/websocket/lobby?nickname=Wei");
    return client.build().newWebSocketBuilder().buildAsync(uri, listener).join();
  }

  @Test
  void largestMessagesPass() throws Exception {
    Listener listener = new Listener();
    try (Served house = serve(Limits.builder())) {
      WebSocket wei = join(house, listener);
      wei.sendText("x".repeat(1 << 20), true).join();
      assertThat(listener.next("normal")).contains("x".repeat(1 << 20));

      wei.sendBinary(ByteBuffer.allocate(8 << 20).put(0, (byte) 2), true).join();

      assertThat(listener.next("picture")).contains("http://localhost/lobby/");
    }
  }

  @Test
  void goodClientIsClosedOrderly() throws Exception {
    Listener listener = new Listener();
    try (Served house = serve(Limits.builder())) {
      WebSocket wei = join(house, listener);
      listener.next("join");
      wei.sendClose(4000, "bye").join();

      assertThat(listener.closed.get(30, TimeUnit.SECONDS)).isEqualTo(4000);
      Served.await("the leave", () -> house.left.contains("Wei"));
    }
  }

  @Test
  void textMayComeWithTheHandshake() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.connect()) {
      ming.write(request("/xgate/websocket/lobby"), text("early"), text("bird"));

      assertThat(ming.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(ming.hears("normal")).contains("early");
      assertThat(ming.hears("normal")).contains("bird");
    }
  }

  @Test
  void whatComesWhileAdmissionTakesItsTimeWaits() throws Exception {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    BlockingQueue<Decision> wish = new LinkedBlockingQueue<>();
    Xnest.Builder slow =
        Xnest.builder()
            .admission(
                entry -> {
                  wish.add(new Decision.Accepted(entry));
                  return decision;
                });
    try (Served house = serve(slow);
        RawClient ming = house.connect()) {
      ming.write(request("/xgate/websocket/lobby"), text("1"));
      Decision accepted = wish.poll(30, TimeUnit.SECONDS);
      for (int i = 2; i <= 1_000; i++) {
        ming.say(Integer.toString(i));
      }
      decision.complete(accepted);

      assertThat(ming.readHead()).startsWith("HTTP/1.1 101 ");
      for (int i = 1; i <= 1_000; i++) {
        assertThat(ming.hears("normal")).contains("\"payload\":\"" + i + "\"");
      }
    }
  }

  @Test
  void allIsHeardOfAMemberWhoSendsAndEnds() throws Exception {
    List<byte[]> last = new ArrayList<>();
    IntStream.range(0, 500).forEach(i -> last.add(text("last " + i)));
    try (Served house = serve(Limits.builder());
        RawClient lin = house.enter("lobby", "Lin")) {
      for (boolean closes : new boolean[] {false, true}) {
        try (RawClient ming = house.enter("lobby", "Ming")) {
          ming.write(last.toArray(byte[][]::new));
          if (closes) {
            ming.write(close(1000), text("after the end"));
          }
        }

        for (int i = 0; i < 500; i++) {
          assertThat(lin.hears("normal")).contains("\"payload\":\"last " + i + "\"");
        }
        assertThat(nextOf(lin)).contains("\"type\":\"leave\"");
      }
    }
  }

  private static String nextOf(RawClient client) throws IOException {
    RawClient.Frame next = client.read();
    return next == null ? "the end" : next.text();
  }

  @Test
  void messagesInFragmentsAreWhole() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming")) {
      byte[] bytes = "中文".getBytes(UTF_8);
      ming.write(
          frame(0x01, new byte[] {bytes[0], bytes[1]}),
          frame(RawClient.PING, new byte[] {7}),
          frame(0x00, new byte[0]),
          frame(0x80, new byte[] {bytes[2], bytes[3], bytes[4], bytes[5]}));

      assertThat(ming.hears("normal")).contains("\"payload\":\"中文\"");
    }
  }

  @Test
  void pingIsAnsweredWithItsPayload() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming")) {
      ming.write(frame(RawClient.PING, new byte[] {1, 2, 3}));
      RawClient.Frame pong = ming.read();

      assertThat(pong).isNotNull();
      assertThat(pong.opcode()).isEqualTo(10);
      assertThat(pong.payload()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void silentMemberIsPingedAndThenGone() throws Exception {
    Limits.Builder limits =
        Limits.builder().pingEvery(Duration.ofMillis(300)).silence(Duration.ofSeconds(1));
    try (Served house = serve(limits);
        RawClient ming = house.enter("lobby", "Ming")) {
      assertThat(ming.read()).matches(frame -> frame != null && frame.opcode() == 9);
      Served.await("the leave", () -> house.left.contains("Ming"));
      ming.hearsEnd();
    }
  }

  @Test
  void memberWhoAnswersPingsMayBeSilent() throws Exception {
    Limits.Builder limits =
        Limits.builder().pingEvery(Duration.ofMillis(400)).silence(Duration.ofSeconds(3));
    try (Served house = serve(limits);
        RawClient ming = house.enter("lobby", "Ming")) {
      for (int i = 0; i < 8; i++) {
        RawClient.Frame ping = ming.read();
        assertThat(ping).matches(frame -> frame != null && frame.opcode() == 9);
        ming.write(frame(RawClient.PONG, new byte[0]));
      }

      assertThat(house.left).isEmpty();
    }
  }

  @Test
  void silenceDoesNotCountWhileTheServerPausesReading() throws Exception {
    CountDownLatch stored = new CountDownLatch(1);
    Xnest.Builder slow =
        Xnest.builder()
            .history(new WaitingHistory(stored))
            .limits(
                Limits.builder()
                    .inletMessages(64)
                    .pingEvery(Duration.ofMillis(400))
                    .silence(Duration.ofSeconds(3))
                    .build());
    try (Served house = serve(slow);
        RawClient ming = house.enter("lobby", "Ming")) {
      ming.write(text("one"), text("two"), text("three"), text("four"), text("five"));
      for (int i = 0; i < 8; i++) {
        assertThat(ming.read()).matches(frame -> frame != null && frame.opcode() == 9);
      }

      stored.countDown();

      ming.hears("normal", "five");
      assertThat(house.left).isEmpty();
    }
  }

  /** Keeps in memory, once it may. */
  private record WaitingHistory(CountDownLatch mayStore, HistoryStore kept)
      implements HistoryStore {
    WaitingHistory(CountDownLatch mayStore) {
      this(mayStore, HistoryStore.inMemory(100));
    }

    @Override
    public void append(List<HistoryEntry> batch) throws IOException {
      try {
        mayStore.await();
      } catch (InterruptedException interrupted) {
        throw new IOException(interrupted);
      }
      kept.append(batch);
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
        throws IOException {
      return kept.read(room, before, limit, maxLength);
    }

    @Override
    public long last(RoomId room) throws IOException {
      return kept.last(room);
    }
  }

  @Test
  void uploadsAndWordsAlternateInTheirOrder() throws Exception {
    byte[] media = new byte[3 << 20];
    media[0] = 2;
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming")) {
      for (int i = 0; i < 6; i++) {
        ming.write(frame(BINARY, media), text("word " + i));
      }

      for (int i = 0; i < 6; i++) {
        ming.hears("picture");
        assertThat(nextOf(ming)).contains("word " + i);
      }
    }
  }
}
