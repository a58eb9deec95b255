package im.xpro.xnest.benchmarks;

import im.xpro.xnest.server.spring.ChatHandler;
import jakarta.servlet.ServletRegistration;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Bean;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.ConcurrentWebSocketSessionDecorator;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/** Spring MVC on Tomcat: with xnest, or with rooms written by hand. */
final class SpringServer {
  private static final int SEND_MILLIS = 10_000;
  private static final int SEND_BYTES = 1 << 20;

  private SpringServer() {}

  /** Takes {@link WebServer#WITH_XNEST}, or nothing. */
  public static void main(String[] args) throws LifecycleException {
    boolean isXnest = args.length > 0 && args[0].equals(WebServer.WITH_XNEST);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxConnections", "20000");
    connector.setPort(0);
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    AnnotationConfigWebApplicationContext spring = new AnnotationConfigWebApplicationContext();
    spring.register(isXnest ? WithXnest.class : HandWritten.class);
    // Tomcat's own WebSocket first, so that Spring finds it
    context.addServletContainerInitializer(new WsSci(), null);
    context.addServletContainerInitializer(
        (classes, servlets) -> {
          ServletRegistration.Dynamic servlet =
              servlets.addServlet("spring", new DispatcherServlet(spring));
          servlet.setLoadOnStartup(1);
          servlet.setAsyncSupported(true);
          servlet.addMapping("/");
        },
        null);
    tomcat.start();
    System.out.println(
        "listening on ws://127.0.0.1:"
            + connector.getLocalPort()
            + (isXnest ? "/xgate/websocket/" : "/"));
  }

  @EnableWebMvc
  static class WithXnest {
    @Bean
    ChatHandler chat() {
      return ChatHandler.on(WebServer.house());
    }

    @Bean
    HandlerMapping paths(ChatHandler chat) {
      return new SimpleUrlHandlerMapping(Map.of("/xgate/websocket/**", chat), -1);
    }
  }

  @EnableWebSocket
  static class HandWritten implements WebSocketConfigurer {
    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
      registry.addHandler(new Rooms(), "/**").setAllowedOrigins("*");
    }
  }

  /**
   * A map of rooms behind Spring's handler, its sessions wrapped as its manual asks for. No
   * history, no limits.
   */
  private static final class Rooms extends TextWebSocketHandler {
    private final Map<String, Set<WebSocketSession>> rooms = new ConcurrentHashMap<>();

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
      room(session).add(new ConcurrentWebSocketSessionDecorator(session, SEND_MILLIS, SEND_BYTES));
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage said)
        throws IOException {
      String name = session.getUri().getPath();
      TextMessage frame = new TextMessage(Said.json(session.getId(), name, said.getPayload()));
      for (WebSocketSession member : room(session)) {
        member.sendMessage(frame);
      }
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
      room(session).removeIf(member -> member.getId().equals(session.getId()));
    }

    private Set<WebSocketSession> room(WebSocketSession session) {
      return rooms.computeIfAbsent(
          session.getUri().getPath(), name -> ConcurrentHashMap.newKeySet());
    }
  }
}
