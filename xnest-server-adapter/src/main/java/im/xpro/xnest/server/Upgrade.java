package im.xpro.xnest.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What RFC 6455 asks of an opening handshake, and answers. */
final class Upgrade {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Upgrade() {}

  /** Why {@code handshake} opens no WebSocket (RFC 6455 section 4.2.1); null if it does. */
  static Answer.@Nullable Refused refusal(Handshake handshake) {
    if (!handshake.method().equals("GET")) {
      return new Answer.Refused(405, "the method must be GET", List.of("Allow: GET"));
    }
    String host = handshake.single("host");
    if (host == null || host.isEmpty()) {
      return bad("there must be one Host header");
    }
    if (!names(handshake.header("upgrade"), "websocket")) {
      return upgradeRequired("this is a WebSocket; Upgrade must name websocket");
    }
    if (!names(handshake.header("connection"), "upgrade")) {
      return bad("Connection must name Upgrade");
    }
    if (!"13".equals(handshake.single("sec-websocket-version"))) {
      return upgradeRequired("Sec-WebSocket-Version must be 13");
    }
    if (!isKey(handshake.single("sec-websocket-key"))) {
      return bad("Sec-WebSocket-Key must be 16 bytes in base64");
    }
    return null;
  }

  /** The value of {@code Sec-WebSocket-Accept} (RFC 6455 section 4.2.2) for what is not refused. */
  static String accept(Handshake handshake) {
    String both = handshake.single("sec-websocket-key") + GUID;
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(both.getBytes(US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-1", impossible);
    }
  }

  private static boolean names(List<String> values, String token) {
    return values.stream()
        .flatMap(value -> Stream.of(value.split(",")))
        .anyMatch(name -> name.strip().equalsIgnoreCase(token));
  }

  private static boolean isKey(@Nullable String key) {
    try {
      return key != null && key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private static Answer.Refused bad(String reason) {
    return new Answer.Refused(400, reason, List.of());
  }

  private static Answer.Refused upgradeRequired(String reason) {
    return new Answer.Refused(
        426,
        reason,
        List.of("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"));
  }
}
