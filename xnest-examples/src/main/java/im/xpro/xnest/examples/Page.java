package im.xpro.xnest.examples;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Serves the chat's page, and tells it where the sockets are. */
final class Page implements Resource {
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
  Page(URI base, boolean isProxied, boolean isSecure, int socketPort) {
    this.base = base;
    this.isProxied = isProxied;
    this.scheme = isSecure ? "wss://" : "ws://";
    this.socketPort = socketPort;
  }

  @Override
  public Reply answer(Ask ask) throws IOException {
    if (!ask.method().equals("GET") && !ask.method().equals("HEAD")) {
      return Reply.notAllowed("GET, HEAD");
    }
    if (ask.path().equals("/config.json")) {
      JsonObject config = new JsonObject();
      config.addProperty("socket", sockets(ask) + "/xgate/websocket/");
      return reply(ask, "application/json", config.toString().getBytes(StandardCharsets.UTF_8));
    }
    String name = ask.path().equals("/") ? "index.html" : ask.path().substring(1);
    byte[] content = resource(name);
    if (content == null) {
      return Reply.of(404);
    }
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    return reply(ask, Objects.requireNonNull(type), content);
  }

  /** Only files of the page's own folder have such names. */
  private static byte @Nullable [] resource(String name) throws IOException {
    if (!name.matches("[a-z]+\\.(html|css|js|svg)")) {
      return null;
    }
    try (InputStream file = Page.class.getResourceAsStream("page/" + name)) {
      return file == null ? null : file.readAllBytes();
    }
  }

  private Reply reply(Ask ask, String type, byte[] content) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", type);
    headers.put("Cache-Control", "no-cache");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)");
    headers.put(
        "Content-Security-Policy",
        String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' " + origin(base),
            // blob: for listening to one's own voice before it is sent
            "media-src 'self' blob: " + origin(base),
            "connect-src 'self' " + sockets(ask),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'"));
    return new Reply(200, headers, content);
  }

  /** The origin of the sockets: the proxy's, or this machine by the name that the browser used. */
  private String sockets(Ask ask) {
    if (isProxied) {
      return origin(base).replaceFirst("^http", "ws");
    }
    String asked = hostOf(ask.header().apply("Host"));
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
