package im.xpro.xnest.server.spring;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.jakarta.ChatFilter;
import im.xpro.xnest.server.jakarta.ChatSession;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.socket.WebSocketExtension;
import org.springframework.web.socket.server.HandshakeHandler;
import org.springframework.web.socket.server.standard.StandardWebSocketUpgradeStrategy;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * Serves chat at {@code /xgate/websocket/} of an application of Spring MVC (PROTOCOL section 1), on
 * the port, and behind the security, that the application has. A bean of it is to be mapped:
 *
 * <pre>{@code
 * Map<String, HttpRequestHandler> paths =
 *     Map.of(
 *         "/xgate/websocket/**", ChatHandler.on(xnest),
 *         "/blobs/**", new MediaHandler(blobs, "/blobs"));
 * HandlerMapping chat = new SimpleUrlHandlerMapping(paths, -1);
 * }</pre>
 *
 * <p>Refusals have their status and reason, and an {@code Admission} may take its time, unless a
 * filter in front supports no asynchronous requests. It is asked first on the request's own thread,
 * where Spring's context of the request is to be found. WebSockets are opened by Spring's {@link
 * DefaultHandshakeHandler}, as sessions of Jakarta WebSocket 2.1, which Tomcat, Jetty and Undertow
 * have. Any thread.
 */
@SuppressWarnings("exports") // modules that use this require Spring; others need not
public final class ChatHandler implements HttpRequestHandler, SmartLifecycle {
  /** Negotiates nothing: who compresses may inflate without limit. */
  private static final class Handshakes extends DefaultHandshakeHandler {
    Handshakes() {
      super(new StandardWebSocketUpgradeStrategy());
    }

    @Override
    protected List<WebSocketExtension> filterRequestedExtensions(
        ServerHttpRequest request,
        List<WebSocketExtension> requested,
        List<WebSocketExtension> supported) {
      return List.of();
    }
  }

  private final Xnest xnest;
  private final Gateway gateway;
  private final String path;
  private final HandshakeHandler handshakes = new Handshakes();
  private volatile ChatFilter chat;
  private volatile boolean running = true;

  private ChatHandler(Xnest xnest, Gateway gateway, String path) {
    this.xnest = xnest;
    this.gateway = gateway;
    this.path = path;
    this.chat = newChat();
  }

  /** For {@code xnest}, with a gateway of the defaults: pages of any site may connect. */
  public static ChatHandler on(Xnest xnest) {
    return on(xnest, Gateway.of(xnest), "");
  }

  /**
   * @param gateway one for {@code xnest}
   * @param path below which the paths of chat are, such as {@code /talk}; empty for the
   *     application's own root
   */
  public static ChatHandler on(Xnest xnest, Gateway gateway, String path) {
    return new ChatHandler(
        Objects.requireNonNull(xnest, "xnest"),
        Objects.requireNonNull(gateway, "gateway"),
        Objects.requireNonNull(path, "path"));
  }

  private ChatFilter newChat() {
    return ChatFilter.on(xnest, gateway, this::upgrade);
  }

  /** Called by Spring. */
  @Override
  public void handleRequest(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    request.setAttribute(LoginAdmission.LIMITS, xnest.limits());
    chat.doFilter(
        path.isEmpty() ? request : new Below(request),
        response,
        (other, answer) -> response.sendError(HttpServletResponse.SC_NOT_FOUND));
  }

  /** The path belongs to where the application is, so what is left is as everywhere. */
  private final class Below extends HttpServletRequestWrapper {
    Below(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getContextPath() {
      return super.getContextPath() + path;
    }
  }

  private void upgrade(
      HttpServletRequest request, HttpServletResponse response, ChatSession session) {
    try (ServletServerHttpResponse answer = new ServletServerHttpResponse(response)) {
      handshakes.doHandshake(
          new ServletServerHttpRequest(request), answer, new SessionHandler(session), Map.of());
    }
  }

  // ---- called by Spring, as for any bean: ends before the server does ----

  @Override
  public synchronized void start() {
    if (!running) {
      chat = newChat();
      running = true;
    }
  }

  /** As {@link ChatFilter#close}; {@link #start} opens again. */
  @Override
  public synchronized void stop() {
    if (running) {
      running = false;
      chat.close();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
