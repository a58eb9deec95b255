package im.xpro.xnest.server.netty;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.server.testkit.TestedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chat, blobs and an application on one port of Netty. */
@DisplayName("PROTOCOL sections 1 and 4")
class SharedPortTest {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final int PATIENCE_MILLIS = 30_000;

  private final BlobStore blobs = BlobStore.inMemory();
  private final HttpClient http = HttpClient.newHttpClient();
  private Xnest xnest = serving(Limits.defaults());
  private NettyPort port = portOf(xnest);

  private Xnest serving(Limits limits) {
    return Xnest.builder().limits(limits).blobs(blobs).blobBase(URI.create("http://h/b/")).build();
  }

  private NettyPort portOf(Xnest house) {
    try {
      return NettyPort.serve(new TestedServer.Setup(house, Gateway.of(house), blobs, null));
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @AfterEach
  void end() throws Exception {
    port.stop();
    xnest.close();
  }

  private void restart(Limits limits) throws Exception {
    end();
    xnest = serving(limits);
    port = portOf(xnest);
  }

  private URI url(String path) {
    return URI.create("http://localhost:" + port.port() + path);
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(url(path)).timeout(Duration.ofSeconds(30));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private byte[] keep(String id, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    blobs.put(LOBBY, id, BlobKind.FILE, true, ByteBuffer.wrap(content.clone()));
    return content;
  }

  @Test
  void chatAndTheApplicationShareThePort() throws Exception {
    try (RawClient lin = RawClient.enter(port.port(), "lobby?nickname=Lin")) {
      HttpRequest post =
          HttpRequest.newBuilder(url("/page/1")).POST(BodyPublishers.ofString("body")).build();
      for (int i = 0; i < 2; i++) {
        assertThat(http.send(post, BodyHandlers.ofString()).body()).isEqualTo("/page/1 body");
      }
      lin.say("still here");
      lin.hears("normal", "still here");
    }
  }

  @Test
  void connectionThatWasUsedForPagesMayTurnToChat() throws Exception {
    try (RawClient lin = RawClient.connect(port.port())) {
      String get = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
      lin.write(get.getBytes(UTF_8));
      assertThat(lin.readHead()).startsWith("HTTP/1.1 200 ").contains("content-length: 6");
      lin.readText(6);
      lin.write(request("/xgate/websocket/lobby?nickname=Lin"), text("with the handshake"));
      assertThat(lin.readHead()).startsWith("HTTP/1.1 101 ");
      lin.hears("normal", "with the handshake");
    }
  }

  @Test
  void oneConnectionTooManyIsToldSoAndOthersStay() throws Exception {
    restart(Limits.builder().connections(1).build());
    try (RawClient lin = RawClient.enter(port.port(), "lobby?nickname=Lin");
        RawClient ming = RawClient.connect(port.port())) {
      ming.write(request("/xgate/websocket/lobby?nickname=Ming"));
      assertThat(ming.readToEnd()).startsWith("HTTP/1.1 503 ").contains("too many connections");
      lin.say("still here");
      lin.hears("normal", "still here");
    }
  }

  @Test
  void handshakeOfAnOldVersionOfHttpIsRefused() throws Exception {
    try (RawClient lin = RawClient.connect(port.port())) {
      String request = new String(request("/xgate/websocket/lobby"), UTF_8);
      lin.write(request.replace("HTTP/1.1", "HTTP/1.0").getBytes(UTF_8));
      assertThat(lin.readToEnd()).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void headThatIsTooLargeForTheCodecIsRefused() throws Exception {
    try (RawClient lin = RawClient.connect(port.port())) {
      lin.write(request("/xgate/websocket/lobby", "X-Large: " + "x".repeat(10_000)));
      assertThat(lin.readToEnd()).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void blobIsServedWholeInPartAndAsAHead() throws Exception {
    byte[] content = keep("blob", 1_000_000);

    HttpResponse<byte[]> whole = get("/blobs/lobby/blob");
    HttpResponse<byte[]> part = get("/blobs/lobby/blob", "Range", "bytes=500000-599999");
    HttpResponse<byte[]> head =
        http.send(
            HttpRequest.newBuilder(url("/blobs/lobby/blob"))
                .method("HEAD", BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofByteArray());

    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(content);
    assertThat(whole.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 500_000, 600_000));
    assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 500000-599999/1000000");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).hasValue("1000000");
    assertThat(get("/blobs/lobby/none").statusCode()).isEqualTo(404);
    assertThat(get("/blobs/lobby/blob", "If-None-Match", "\"blob\"").statusCode()).isEqualTo(304);
  }

  @Test
  void requestsSentAheadAreAnsweredInTheirOrder() throws Exception {
    byte[] large = keep("large", 300_000);
    byte[] small = keep("small", 10);
    String get = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String last = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", port.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String ahead =
          get.formatted("/blobs/lobby/large")
              + get.formatted("/page/late")
              + last.formatted("/blobs/lobby/small");
      socket.getOutputStream().write(ahead.getBytes(UTF_8));

      byte[] answers = socket.getInputStream().readAllBytes();

      int first = indexOf(answers, large, 0);
      int second = indexOf(answers, "/page/late".getBytes(UTF_8), first + large.length);
      int third = indexOf(answers, small, second);
      assertThat(first).isPositive();
      assertThat(second).isGreaterThan(first);
      assertThat(third).isEqualTo(answers.length - small.length);
    }
  }

  @Test
  void handshakeSentAheadWaitsForTheAnswerBefore() throws Exception {
    try (RawClient lin = RawClient.connect(port.port())) {
      String get = "GET /page/late HTTP/1.1\r\nHost: localhost\r\n\r\n";
      lin.write(get.getBytes(UTF_8), request("/xgate/websocket/lobby?nickname=Lin"));
      assertThat(lin.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(lin.readText(11)).isEqualTo("/page/late ");
      assertThat(lin.readHead()).startsWith("HTTP/1.1 101 ");
      lin.say("in turn");
      lin.hears("normal", "in turn");
    }
  }

  private static int indexOf(byte[] all, byte[] part, int from) {
    for (int i = from; i <= all.length - part.length; i++) {
      if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void blobOfAReaderThatWaitsIsNotReadAhead() throws Exception {
    byte[] content = keep("large", 8 << 20);
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(8 << 10);
      slow.setSoTimeout(PATIENCE_MILLIS);
      slow.connect(new InetSocketAddress("127.0.0.1", port.port()));
      String get = "GET /blobs/lobby/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      slow.getOutputStream().write(get.getBytes(UTF_8));
      InputStream in = slow.getInputStream();
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      got.write(in.readNBytes(1_000));

      assertThat(get("/blobs/lobby/large").body()).isEqualTo(content);

      in.transferTo(got);
      byte[] all = got.toByteArray();
      assertThat(Arrays.copyOfRange(all, all.length - content.length, all.length))
          .isEqualTo(content);
    }
  }
}
