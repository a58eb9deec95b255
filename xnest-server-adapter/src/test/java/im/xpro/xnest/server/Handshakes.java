package im.xpro.xnest.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Handshakes as a server hands them to its gateway, and what comes of them. */
final class Handshakes {
  static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private Handshakes() {}

  /**
   * A good one for {@code target}; a line replaces what it names, and without a colon removes it.
   */
  static Handshake to(String target, String... lines) {
    return handshake("GET", target, lines);
  }

  static Handshake handshake(String method, String target, String... lines) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("host", List.of("chat.example.com"));
    headers.put("upgrade", List.of("websocket"));
    headers.put("connection", List.of("Upgrade"));
    headers.put("sec-websocket-version", List.of("13"));
    headers.put("sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ=="));
    headers.putAll(own(lines));
    headers.values().removeIf(List::isEmpty);
    return new Handshake(method, target, headers, PEER, false);
  }

  private static Map<String, List<String>> own(String... lines) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String line : lines) {
      String[] parts = line.split(":", 2);
      List<String> values = headers.computeIfAbsent(parts[0], none -> new ArrayList<>());
      values.addAll(Arrays.asList(parts).subList(1, parts.length));
    }
    return headers;
  }

  /** What {@code gateway} has answered by now. */
  static Answer answer(Gateway gateway, Handshake handshake) {
    Answer unanswered = new Answer.Refused(599, "unanswered", List.of());
    return gateway.answer(handshake).toCompletableFuture().getNow(unanswered);
  }

  static Answer.Accepted accepted(Gateway gateway, Handshake handshake) {
    Answer answer = answer(gateway, handshake);
    assertThat(answer).isInstanceOf(Answer.Accepted.class);
    return (Answer.Accepted) answer;
  }

  static Answer.Refused refused(Gateway gateway, Handshake handshake) {
    Answer answer = answer(gateway, handshake);
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    return (Answer.Refused) answer;
  }
}
