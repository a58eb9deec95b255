package im.xpro.xnest.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.server.Answer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.List;
import java.util.Map;

/** What goes over the wire besides messages: answers to handshakes, and control frames. */
public final class Wire {
  /** Of an empty close frame: it never goes over the wire (RFC 6455 section 7.4.1). */
  private static final int NO_CODE = 1005;

  private static final int MAX_CONTROL_BYTES = 125;

  private static final Map<Integer, String> PHRASES =
      Map.of(
          400, "Bad Request",
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          405, "Method Not Allowed",
          426, "Upgrade Required",
          429, "Too Many Requests",
          431, "Request Header Fields Too Large",
          500, "Internal Server Error",
          503, "Service Unavailable");

  private Wire() {}

  /** An answer of 101. */
  public static ByteBuffer switchingProtocols(List<String> headerLines) {
    return head(101, "Switching Protocols", headerLines);
  }

  /** An answer with a text, the last on its connection. */
  public static ByteBuffer refusal(Answer.Refused refused) {
    byte[] body = (refused.reason() + "\n").getBytes(UTF_8);
    List<String> lines =
        List.of(
            "Content-Type: text/plain; charset=utf-8",
            "X-Content-Type-Options: nosniff",
            "Content-Length: " + body.length);
    // Connection has one of the two: Upgrade (426) or close
    boolean upgrades = refused.headerLines().stream().anyMatch(l -> l.startsWith("Connection:"));
    String phrase = PHRASES.getOrDefault(refused.status(), "Refused");
    ByteBuffer head =
        head(
            refused.status(),
            phrase,
            lines,
            upgrades ? List.of() : List.of("Connection: close"),
            refused.headerLines());
    return ByteBuffer.allocate(head.remaining() + body.length).put(head).put(body).flip();
  }

  @SafeVarargs
  private static ByteBuffer head(int status, String phrase, List<String>... headerLines) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " " + phrase + "\r\n");
    for (List<String> lines : headerLines) {
      lines.forEach(line -> head.append(line).append("\r\n"));
    }
    return UTF_8.encode(head.append("\r\n").toString());
  }

  /** A ping with no payload. */
  public static ByteBuffer ping() {
    return control(9, new byte[0]);
  }

  /** The answer to a ping. */
  public static ByteBuffer pong(byte[] payload) {
    return control(10, payload);
  }

  /** The reason is cut, between two characters, where a control frame ends. */
  public static ByteBuffer close(int code, String reason) {
    if (code == NO_CODE) {
      return control(8, new byte[0]);
    }
    ByteBuffer payload = ByteBuffer.allocate(MAX_CONTROL_BYTES).putShort((short) code);
    UTF_8.newEncoder().encode(CharBuffer.wrap(reason), payload, true);
    byte[] bytes = new byte[payload.flip().remaining()];
    payload.get(bytes);
    return control(8, bytes);
  }

  private static ByteBuffer control(int opcode, byte[] payload) {
    return ByteBuffer.allocate(2 + payload.length)
        .put((byte) (0x80 | opcode))
        .put((byte) payload.length)
        .put(payload)
        .flip();
  }
}
