package im.xpro.xnest.examples;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Answers operators with a text; for all others nothing is here. */
final class OperationsHandler implements HttpHandler {
  /**
   * What is answered.
   *
   * @param status of HTTP
   * @param type of the text
   */
  record Answer(int status, String type, String text) {}

  private final boolean isForAll;
  private final Supplier<Answer> answers;

  /**
   * @param isForAll whether peers on other machines are answered too
   */
  OperationsHandler(boolean isForAll, Supplier<Answer> answers) {
    this.isForAll = isForAll;
    this.answers = answers;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!path.equals(exchange.getHttpContext().getPath()) || !mayAsk(exchange)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else {
        send(exchange, answers.get());
      }
    }
  }

  private boolean mayAsk(HttpExchange exchange) {
    return isForAll
        || isLocal(exchange.getRemoteAddress().getAddress(), exchange.getRequestHeaders());
  }

  /** Whether who asks is on this machine, and no proxy on it asks for somebody else. */
  static boolean isLocal(InetAddress peer, Headers headers) {
    return peer.isLoopbackAddress()
        && !headers.containsKey("X-Forwarded-For")
        && !headers.containsKey("Forwarded");
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }
}
