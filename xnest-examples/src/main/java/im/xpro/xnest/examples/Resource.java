package im.xpro.xnest.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Something small to be had over HTTP, from any server. Any thread. */
interface Resource {
  /**
   * A request without a body.
   *
   * @param path decoded
   * @param header gives the first of the name in any case, null if there is none
   */
  record Ask(
      String method, String path, UnaryOperator<@Nullable String> header, InetAddress peer) {}

  /** What is answered; to HEAD without the body. */
  record Reply(int status, Map<String, String> headers, byte[] body) {
    static Reply of(int status) {
      return new Reply(status, Map.of(), new byte[0]);
    }

    static Reply notAllowed(String methods) {
      return new Reply(405, Map.of("Allow", methods), new byte[0]);
    }
  }

  /** Answers at once, or fails. */
  Reply answer(Ask ask) throws IOException;

  /** For the JDK's server. */
  default HttpHandler asHandler() {
    return exchange -> {
      try (exchange) {
        Reply reply =
            answer(
                new Ask(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders()::getFirst,
                    exchange.getRemoteAddress().getAddress()));
        send(exchange, reply);
      }
    };
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    int length = reply.body().length;
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
      exchange.sendResponseHeaders(reply.status(), -1);
    } else {
      exchange.sendResponseHeaders(reply.status(), length == 0 ? -1 : length);
      exchange.getResponseBody().write(reply.body());
    }
  }
}
