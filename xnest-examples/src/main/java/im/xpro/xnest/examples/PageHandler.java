package im.xpro.xnest.examples;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Serves the chat's page, and tells it where the sockets are. */
final class PageHandler implements HttpHandler {
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private final URI base;
  private final boolean isProxied;
  private final String scheme;
  private final int socketPort;

  /**
   * @param base where the page and the blobs are served
   * @param isProxied whether the sockets are served there too
   * @param isSecure whether they are {@code wss} if they are not
   */
  PageHandler(URI base, boolean isProxied, boolean isSecure, int socketPort) {
    this.base = base;
    this.isProxied = isProxied;
    this.scheme = isSecure ? "wss://" : "ws://";
    this.socketPort = socketPort;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/config.json")) {
        JsonObject config = new JsonObject();
        config.addProperty("socket", sockets(exchange) + "/xgate/websocket/");
        send(exchange, "application/json", config.toString().getBytes(StandardCharsets.UTF_8));
        return;
      }
      String name = path.equals("/") ? "index.html" : path.substring(1);
      byte[] content = resource(name);
      if (content == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        send(exchange, Objects.requireNonNull(type), content);
      }
    }
  }

  /** Only files of the page's own folder have such names. */
  private static byte @Nullable [] resource(String name) throws IOException {
    if (!name.matches("[a-z]+\\.(html|css|js|svg)")) {
      return null;
    }
    try (InputStream file = PageHandler.class.getResourceAsStream("page/" + name)) {
      return file == null ? null : file.readAllBytes();
    }
  }

  private void send(HttpExchange exchange, String type, byte[] content) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-cache");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)");
    headers.set(
        "Content-Security-Policy",
        String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' " + origin(base),
            // blob: for listening to one's own voice before it is sent
            "media-src 'self' blob: " + origin(base),
            "connect-src 'self' " + sockets(exchange),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'"));
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(content.length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    }
  }

  /** The origin of the sockets: the proxy's, or this machine by the name that the browser used. */
  private String sockets(HttpExchange exchange) {
    if (isProxied) {
      return origin(base).replaceFirst("^http", "ws");
    }
    String asked = hostOf(exchange.getRequestHeaders().getFirst("Host"));
    return scheme + (asked == null ? base.getHost() : asked) + ":" + socketPort;
  }

  private static String origin(URI url) {
    return url.getScheme() + "://" + url.getRawAuthority();
  }

  /** Null if it is no host, so that nothing else gets into a header. */
  private static @Nullable String hostOf(@Nullable String authority) {
    try {
      return new URI("http://" + authority).getHost();
    } catch (URISyntaxException notAHost) {
      return null;
    }
  }
}
