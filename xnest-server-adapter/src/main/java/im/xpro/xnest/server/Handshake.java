package im.xpro.xnest.server;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request to open a WebSocket, as a server received it over HTTP/1.1. Text is what its bytes are
 * as UTF-8, with U+FFFD for what is none.
 *
 * @param target of the request line, path and query, nothing decoded
 * @param headers names in lower case, values in their order
 * @param remote the peer's address, null if unknown
 * @param isSecure true if it came over TLS
 */
public record Handshake(
    String method,
    String target,
    Map<String, List<String>> headers,
    @Nullable InetSocketAddress remote,
    boolean isSecure) {
  /** Copies {@code headers}. */
  public Handshake {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(target, "target");
    headers = Map.copyOf(Objects.requireNonNull(headers, "headers"));
  }

  /** All values of the header {@code name}, which is in lower case; empty if there is none. */
  List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** The value of a header that may stand only once; null if it does not. */
  @Nullable String single(String name) {
    List<String> values = header(name);
    return values.size() == 1 ? values.get(0).strip() : null;
  }
}
