package im.xpro.xnest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Filter;
import im.xpro.xnest.Participant;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A chat server with an admission rule, and who knocks at it. */
final class Door implements AutoCloseable {
  private static final String ROOMS = "/xgate/websocket/";
  private static final int PATIENCE_MILLIS = 30_000;

  private final Queue<Participant> senders = new ConcurrentLinkedQueue<>();
  private final Xnest xnest;
  private final XnestServer server;

  Door(Admission rule) throws IOException {
    Filter noting =
        Filter.of(
            draft -> {
              senders.add(draft.sender());
              return draft.pass();
            });
    xnest = Xnest.builder().admission(rule).filter(noting).build();
    server = XnestServer.builder(xnest).host("127.0.0.1").port(0).start();
  }

  /**
   * Enters.
   *
   * @param target the room and its parameters
   * @param headers names and values in turn
   */
  SocketGuest enter(String target, String... headers) throws InterruptedException {
    return new SocketGuest(URI.create("ws://127.0.0.1:" + server.port() + ROOMS + target), headers);
  }

  /** Status and reason of a handshake that is refused, such as {@code 403 no}. */
  String refusal(String target, String... headers) throws IOException {
    StringBuilder head = new StringBuilder("GET " + ROOMS + target + " HTTP/1.1\r\n");
    head.append("Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    head.append("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(head.append("\r\n").toString().getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      String status = answer.split(" ")[1];
      return status + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
    }
  }

  /** As the application sees the one who sends this guest's messages. */
  Participant seen(SocketGuest guest) throws InterruptedException {
    guest.says("it is me");
    return senders.stream()
        .filter(sender -> sender.id().value().equals(guest.id()))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    server.close();
    xnest.close();
  }
}
