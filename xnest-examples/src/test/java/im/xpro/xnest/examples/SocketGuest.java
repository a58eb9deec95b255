package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A member without a browser. What is said has been heard by all of the room when the call returns.
 */
final class SocketGuest implements WebSocket.Listener, AutoCloseable {
  private final BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
  private final StringBuilder begun = new StringBuilder();
  private final WebSocket socket;
  private final String id;
  private final String nickname;

  /**
   * Joins.
   *
   * @param sockets what the URL of a room's socket begins with
   */
  SocketGuest(URI sockets, String room, String nickname) throws InterruptedException {
    this(URI.create(sockets + encoded(room) + "?nickname=" + encoded(nickname)));
  }

  /**
   * Joins.
   *
   * @param address the URL of a room's socket
   * @param headers of the handshake, names and values in turn
   */
  SocketGuest(URI address, String... headers) throws InterruptedException {
    this(HttpClient.newHttpClient(), address, headers);
  }

  /**
   * Joins.
   *
   * @param client trusts the server
   */
  SocketGuest(HttpClient client, URI address, String... headers) throws InterruptedException {
    WebSocket.Builder handshake = client.newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      handshake.header(headers[i], headers[i + 1]);
    }
    socket = handshake.buildAsync(address, this).join();
    id = next("self");
    nickname = next("join");
  }

  String id() {
    return id;
  }

  /** The one under which it has joined. */
  String nickname() {
    return nickname;
  }

  /** Asks for another name; the answer is what it hears of it, an error perhaps. */
  String asksToBe(String other, String answer) throws InterruptedException {
    socket.sendText("@changename:" + other, true).join();
    return next(answer);
  }

  void says(String text) throws InterruptedException {
    socket.sendText(text, true).join();
    assertThat(next("normal")).isEqualTo(text);
  }

  /** Not echoed; the room has it before the next thing said. */
  void whispers(String to, String text) {
    socket.sendText("@to:" + to + "|" + text, true).join();
  }

  /** What is sent comes back as a URL. */
  URI sends(int firstByte, byte[] content, String type) throws InterruptedException {
    ByteBuffer message = ByteBuffer.allocate(1 + content.length).put((byte) firstByte).put(content);
    socket.sendBinary(message.flip(), true).join();
    return URI.create(next(type));
  }

  /** The payload of the next frame of that type that is this guest's own. */
  private String next(String type) throws InterruptedException {
    while (true) {
      JsonObject frame = heard.poll(30, TimeUnit.SECONDS);
      assertThat(frame).as("next frame, wanted is %s", type).isNotNull();
      boolean own = id == null || frame.get("from").getAsString().equals(id);
      if (own && frame.get("type").getAsString().equals(type)) {
        return frame.get("payload").getAsString();
      }
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    begun.append(data);
    if (last) {
      heard.add(JsonParser.parseString(begun.toString()).getAsJsonObject());
      begun.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
