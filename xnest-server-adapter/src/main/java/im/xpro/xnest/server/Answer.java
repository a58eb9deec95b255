package im.xpro.xnest.server;

import im.xpro.xnest.Entry;
import java.util.List;
import java.util.Objects;

/** What a {@link Handshake} is answered with. */
public sealed interface Answer {
  /**
   * 101: the peer may enter.
   *
   * @param entry for {@code Xnest.enter}, once the answer is sent
   * @param accept value of {@code Sec-WebSocket-Accept} (RFC 6455 section 4.2.2)
   * @param setCookie value of {@code Set-Cookie}: the nickname, for the next visit (PROTOCOL
   *     section 1); all that is left to send for a server that upgrades by itself
   */
  record Accepted(Entry entry, String accept, String setCookie) implements Answer {
    /** Refuses null. */
    public Accepted {
      Objects.requireNonNull(entry, "entry");
      Objects.requireNonNull(accept, "accept");
      Objects.requireNonNull(setCookie, "setCookie");
    }

    /** All headers of the answer, a line each, without its end. */
    public List<String> headerLines() {
      return List.of(
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: " + accept,
          "Set-Cookie: " + setCookie);
    }
  }

  /**
   * The peer may not enter.
   *
   * @param status of HTTP, 400 to 599
   * @param reason one line, the body as {@code text/plain}
   * @param headerLines what this status needs besides a type and a length, a line each, without its
   *     end
   */
  record Refused(int status, String reason, List<String> headerLines) implements Answer {
    /** Copies {@code headerLines}. */
    public Refused {
      Objects.requireNonNull(reason, "reason");
      headerLines = List.copyOf(Objects.requireNonNull(headerLines, "headerLines"));
    }
  }
}
