package im.xpro.xnest.server.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.Gateway;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Serves chat at {@code /xgate/websocket/} of a web application (PROTOCOL section 1), on the port,
 * and with the TLS, that the application has; all else goes on to the application.
 *
 * <pre>{@code
 * ChatFilter chat = ChatFilter.on(xnest);
 * chat.addTo(servletContext);
 * }</pre>
 *
 * <p>Needs a container with WebSockets ({@code ServerContainer}, 2.1 or later). Where several
 * filters are in front of it each must support asynchronous requests. Limits on connections and on
 * what is on the wire: see docs/servers.md. Starts a few daemon threads, which {@link #close} ends.
 * Any thread.
 */
public final class ChatFilter implements Filter, AutoCloseable {
  private static final String PATHS = "/xgate/*";
  private static final String ANSWER = ChatFilter.class.getName() + ".answer";
  private static final String CONTAINER = "jakarta.websocket.server.ServerContainer";

  private final Xnest xnest;
  private final Gateway gateway;
  private final Upgrader upgrader;
  private final Connections connections;

  /** Opens WebSockets, by the container or by what an application has above it. Any thread. */
  @FunctionalInterface
  public interface Upgrader {
    /**
     * Answers an accepted {@code request} with 101; the cookie is in {@code response} already. No
     * extension may be negotiated: who compresses may inflate without limit. Where no WebSocket is
     * opened this throws, or leaves a status of 400 or more.
     *
     * @param session told of what the WebSocket reads, from its opening to its end
     */
    void upgrade(HttpServletRequest request, HttpServletResponse response, ChatSession session)
        throws IOException, ServletException;
  }

  private ChatFilter(Xnest xnest, Gateway gateway, Upgrader upgrader) {
    this.xnest = xnest;
    this.gateway = gateway;
    this.upgrader = upgrader;
    this.connections = new Connections(xnest);
  }

  /** For {@code xnest}, with a gateway of the defaults. */
  public static ChatFilter on(Xnest xnest) {
    return on(xnest, Gateway.of(xnest));
  }

  /**
   * @param gateway one for {@code xnest}
   */
  public static ChatFilter on(Xnest xnest, Gateway gateway) {
    return on(xnest, gateway, ChatFilter::upgrade);
  }

  /**
   * @param gateway one for {@code xnest}
   * @param upgrader opens the WebSockets in place of the container
   */
  public static ChatFilter on(Xnest xnest, Gateway gateway, Upgrader upgrader) {
    return new ChatFilter(
        Objects.requireNonNull(xnest, "xnest"),
        Objects.requireNonNull(gateway, "gateway"),
        Objects.requireNonNull(upgrader, "upgrader"));
  }

  /**
   * Maps this to the paths of chat, before all filters mapped later.
   *
   * @throws IllegalStateException if the application has started, or has such a filter
   */
  public void addTo(ServletContext application) {
    FilterRegistration.Dynamic added = application.addFilter(ChatFilter.class.getName(), this);
    if (added == null) {
      throw new IllegalStateException("the application has a ChatFilter already");
    }
    added.setAsyncSupported(true);
    added.addMappingForUrlPatterns(
        EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, PATHS);
  }

  /** Called by the container. */
  @Override
  public void doFilter(ServletRequest any, ServletResponse response, FilterChain rest)
      throws IOException, ServletException {
    HttpServletRequest request = (HttpServletRequest) any;
    if (!gateway.serves(Requests.target(request))) {
      rest.doFilter(request, response);
      return;
    }
    Answer answer = (Answer) request.getAttribute(ANSWER);
    if (answer == null) {
      CompletableFuture<Answer> asked = ask(request);
      if (!asked.isDone()) {
        awaitAnswer(request, asked);
        return;
      }
      answer = asked.join();
    }
    if (answer instanceof Answer.Accepted accepted) {
      open(accepted, request, (HttpServletResponse) response);
    } else {
      refuse((Answer.Refused) answer, (HttpServletResponse) response);
    }
  }

  private CompletableFuture<Answer> ask(HttpServletRequest request) {
    return connections.isFull()
        ? CompletableFuture.completedFuture(unavailable())
        : gateway.answer(Requests.handshake(request)).toCompletableFuture();
  }

  private Answer.Refused unavailable() {
    String reason = "there are too many connections, or the server is going away";
    xnest.listener().entryRefused(null, new Decision.Refused(503, reason));
    return new Answer.Refused(503, reason, List.of());
  }

  /** It counts from here on: others may have come while the admission took its time. */
  private void open(
      Answer.Accepted accepted, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    Connection connection = connections.admit(accepted.entry());
    if (connection == null) {
      refuse(unavailable(), response);
      return;
    }
    boolean isRefused = true;
    try {
      response.addHeader("Set-Cookie", accepted.setCookie());
      upgrader.upgrade(request, response, connection);
      isRefused = response.getStatus() >= 400;
    } finally {
      if (isRefused) {
        connection.closed();
      }
    }
  }

  /** Comes back here once there is one, which xnest's {@code admissionTime} sees to. */
  private static void awaitAnswer(HttpServletRequest request, CompletableFuture<Answer> asked) {
    AsyncContext waiting = request.startAsync();
    waiting.setTimeout(0);
    asked.thenAccept(
        answer -> {
          request.setAttribute(ANSWER, answer);
          waiting.dispatch();
        });
  }

  static void upgrade(HttpServletRequest request, HttpServletResponse response, ChatSession session)
      throws IOException, ServletException {
    ServerContainer container =
        (ServerContainer) request.getServletContext().getAttribute(CONTAINER);
    if (container == null) {
      throw new ServletException("this container has no WebSockets, or they were not started");
    }
    try {
      container.upgradeHttpToWebSocket(
          request, response, Connections.endpoint((Connection) session), Map.of());
    } catch (DeploymentException failure) {
      throw new ServletException(failure);
    }
  }

  private static void refuse(Answer.Refused refused, HttpServletResponse response)
      throws IOException {
    byte[] body = (refused.reason() + "\n").getBytes(UTF_8);
    response.setStatus(refused.status());
    for (String line : refused.headerLines()) {
      int colon = line.indexOf(':');
      response.setHeader(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setContentType("text/plain; charset=utf-8");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** Called by the container, when the application ends: as {@link #close}. */
  @Override
  public void destroy() {
    close();
  }

  /**
   * Refuses who comes with 503, lets all members go with a close frame of 1001, each once it has
   * heard what became of its words, gives peers {@code closeTime}, but 2 s at most, to end their
   * side, then cuts who is left. The {@link Xnest} stays open. Called again it does nothing.
   */
  @Override
  public void close() {
    connections.close();
  }
}
