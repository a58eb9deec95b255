package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.testkit.RawClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Chat within a server that an application has. */
class ChatSocketsTest {
  /** Says what it hears. */
  private static final class Echo extends WebSocketServer {
    final CountDownLatch started = new CountDownLatch(1);
    final Queue<String> events = new ConcurrentLinkedQueue<>();

    Echo() {
      super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      setDaemon(true);
    }

    @Override
    public void onOpen(WebSocket socket, ClientHandshake handshake) {
      events.add("open " + handshake.getResourceDescriptor());
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason, boolean remote) {
      events.add("close " + code);
    }

    @Override
    public void onMessage(WebSocket socket, String message) {
      if (message.equals("early")) {
        // an answer might follow while the library ends the write of the handshake's; see next
        events.add(message);
      } else {
        socket.send("echo " + message);
      }
    }

    @Override
    public void onError(WebSocket socket, Exception failure) {
      events.add("error " + failure);
    }

    @Override
    public void onStart() {
      started.countDown();
    }
  }

  private final Limits limits = Limits.builder().closeTime(Duration.ofMillis(500)).build();
  private final Xnest xnest = Xnest.builder().limits(limits).build();
  private final ChatSockets chat = ChatSockets.on(xnest);
  private final Echo server = new Echo();

  @BeforeEach
  void start() throws Exception {
    server.setWebSocketFactory(chat);
    server.start();
    assertThat(server.started.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    chat.close();
    server.stop(1_000);
    xnest.close();
  }

  @Test
  void chatAndTheApplicationShareAPort() throws Exception {
    try (RawClient ming = RawClient.enter(server.getPort(), "lobby?nickname=Ming");
        RawClient own = RawClient.connect(server.getPort())) {
      own.write(request("/own"), text("early"));
      assertThat(own.readHead()).startsWith("HTTP/1.1 101 ");
      Served.await("what came early", () -> server.events.contains("early"));
      ming.say("hello");
      ming.hears("normal", "hello");

      own.say("x".repeat(300_000));
      assertThat(next(own)).isEqualTo("echo " + "x".repeat(300_000));
      own.write(RawClient.close(1000));
      assertThat(own.hearsClose()).isEqualTo(1000);
      own.hearsEnd();
      Served.await("its end", () -> server.events.contains("close 1000"));
    }
    assertThat(server.events).containsExactly("open /own", "early", "close 1000");
  }

  /**
   * What the application answers. The library loses what it is to write while it ends a write, so
   * nothing may follow before that.
   */
  private String next(RawClient client) throws Exception {
    RawClient.Frame frame = client.read();
    Served.await(
        "the library has written",
        () ->
            server.getConnections().stream()
                .map(connection -> ((WebSocketImpl) connection).getSelectionKey())
                .allMatch(key -> !key.isValid() || key.interestOps() == SelectionKey.OP_READ));
    return frame == null ? "the end" : frame.text();
  }

  @Test
  void applicationReadsAHandshakeThatDrips() throws Exception {
    try (RawClient own = RawClient.connect(server.getPort())) {
      for (byte one : request("/own")) {
        own.write(new byte[] {one});
      }
      assertThat(own.readHead()).startsWith("HTTP/1.1 101 ");
      own.say("a");

      assertThat(next(own)).isEqualTo("echo a");
    }
  }

  @Test
  void whatIsNoRequestIsTheApplications() throws Exception {
    try (RawClient own = RawClient.connect(server.getPort());
        RawClient ours = RawClient.connect(server.getPort())) {
      own.write("hello\r\n\r\n".getBytes(UTF_8));
      ours.write(request("/xgate/websocket/lobby/more"));

      assertThat(own.readHead()).contains("Server: TooTallNate Java-WebSocket");
      assertThat(ours.readToEnd()).startsWith("HTTP/1.1 404 ").doesNotContain("TooTallNate");
    }
  }

  @Test
  void connectionThatOnlyEndsDisturbsNobody() throws Exception {
    for (int i = 0; i < 50; i++) {
      RawClient own = RawClient.connect(server.getPort());
      own.write("GET /own".getBytes(UTF_8));
      if (i % 2 == 0) {
        own.resetOnClose();
      }
      own.close();
    }
    chatAndTheApplicationShareAPort();
  }

  @Test
  void closeEndsChatAndNotTheApplication() throws Exception {
    try (RawClient ming = RawClient.enter(server.getPort(), "lobby?nickname=Ming");
        RawClient own = RawClient.connect(server.getPort())) {
      own.write(request("/own"));
      own.readHead();

      chat.close();

      assertThat(ming.hearsClose()).isEqualTo(1001);
      own.say("still here");
      assertThat(next(own)).isEqualTo("echo still here");
    }
  }

  @Test
  void applicationHearsOfAnAbruptEnd() throws Exception {
    try (RawClient own = RawClient.connect(server.getPort())) {
      own.write(request("/own"), text("early"));
      own.readHead();
      Served.await("what came early", () -> server.events.contains("early"));

      own.say("more");
      assertThat(next(own)).isEqualTo("echo more");

      own.disconnect();

      Served.await("its end", () -> server.events.contains("close 1006"));
    }
  }

  @Test
  void endOfWhatAnotherThreadHasClosedDoesNoHarm() {
    ChatSocket socket = new ChatSocket(server, server.getDraft());
    socket.closeConnection(1006, "", false);

    assertThatCode(socket::eot).doesNotThrowAnyException();
  }
}
