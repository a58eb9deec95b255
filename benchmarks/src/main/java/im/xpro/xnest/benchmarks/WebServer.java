package im.xpro.xnest.benchmarks;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.jakarta.ChatFilter;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.jsr.UndertowSession;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A web application on an embedded container: with xnest, or with rooms written by hand. */
enum WebServer {
  TOMCAT {
    @Override
    int start(Consumer<ServletContext> application) throws LifecycleException {
      Tomcat tomcat = new Tomcat();
      tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
      Connector connector = new Connector();
      connector.setProperty("address", "127.0.0.1");
      connector.setPort(0);
      tomcat.setConnector(connector);
      StandardContext context = (StandardContext) tomcat.addContext("", null);
      context.addServletContainerInitializer(new WsSci(), null);
      context.addServletContainerInitializer(
          (classes, starting) -> application.accept(starting), null);
      Tomcat.addServlet(context, "default", new org.apache.catalina.servlets.DefaultServlet());
      context.addServletMappingDecoded("/", "default");
      tomcat.start();
      return connector.getLocalPort();
    }
  },

  JETTY {
    @Override
    int start(Consumer<ServletContext> application) throws Exception {
      Server jetty = new Server();
      ServerConnector connector = new ServerConnector(jetty);
      connector.setHost("127.0.0.1");
      jetty.addConnector(connector);
      ServletContextHandler context = new ServletContextHandler();
      JakartaWebSocketServletContainerInitializer.configure(
          context, (starting, container) -> application.accept(starting));
      jetty.setHandler(context);
      jetty.start();
      return connector.getLocalPort();
    }
  },

  UNDERTOW {
    @Override
    int start(Consumer<ServletContext> application) throws ServletException {
      ServletContainerInitializer starts = (classes, starting) -> application.accept(starting);
      DeploymentInfo deployment =
          Servlets.deployment()
              .setClassLoader(WebServer.class.getClassLoader())
              .setContextPath("/")
              .setDeploymentName("rooms")
              .addServletContextAttribute(
                  WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo())
              .addServletContainerInitializer(
                  new ServletContainerInitializerInfo(
                      starts.getClass(), new ImmediateInstanceFactory<>(starts), Set.of()));
      DeploymentManager deployed = Servlets.newContainer().addDeployment(deployment);
      deployed.deploy();
      Undertow undertow =
          Undertow.builder().setHandler(deployed.start()).addHttpListener(0, "127.0.0.1").build();
      undertow.start();
      return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }
  };

  /** Stands for xnest among the arguments; without it the rooms are written by hand. */
  static final String WITH_XNEST = "xnest";

  /**
   * @return the port
   */
  abstract int start(Consumer<ServletContext> application) throws Exception;

  /** Takes the name of a container, and perhaps {@link #WITH_XNEST}. */
  public static void main(String[] args) throws Exception {
    WebServer container = WebServer.valueOf(args[0].toUpperCase(Locale.ROOT));
    boolean isXnest = args.length > 1 && args[1].equals(WITH_XNEST);
    int port = container.start(isXnest ? ChatFilter.on(house())::addTo : WebServer::addRooms);
    System.out.println(
        "listening on ws://127.0.0.1:" + port + (isXnest ? "/xgate/websocket/" : "/rooms/"));
  }

  /** In memory, and without the limits that the members of a benchmark would meet. */
  static Xnest house() {
    return Xnest.builder().limits(Limits.builder().withoutRates().build()).build();
  }

  private static void addRooms(ServletContext application) {
    ServerContainer container =
        (ServerContainer) application.getAttribute(ServerContainer.class.getName());
    try {
      container.addEndpoint(
          ServerEndpointConfig.Builder.create(Member.class, "/rooms/{room}").build());
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /**
   * A map of rooms and a loop over it, as one writes it with the API: one who sends to a session at
   * a time, for Tomcat refuses a second; on Undertow, where many rooms that block each other's
   * threads come to a stop, without waiting. No history, no limits.
   */
  public static final class Member extends Endpoint {
    private static final Map<String, Set<Session>> ROOMS = new ConcurrentHashMap<>();

    /** Called by the container. */
    public Member() {}

    @Override
    public void onOpen(Session session, EndpointConfig config) {
      String name = session.getPathParameters().get("room");
      Set<Session> room = ROOMS.computeIfAbsent(name, key -> ConcurrentHashMap.newKeySet());
      room.add(session);
      session.addMessageHandler(
          String.class,
          (MessageHandler.Whole<String>)
              said -> tell(room, Said.json("<0." + session.getId() + ".0>", name, said)));
    }

    private static void tell(Set<Session> room, String frame) {
      for (Session member : room) {
        try {
          if (member instanceof UndertowSession) {
            member.getAsyncRemote().sendText(frame);
          } else {
            sendAlone(member, frame);
          }
        } catch (IOException | IllegalStateException gone) {
          room.remove(member);
        }
      }
    }

    private static void sendAlone(Session member, String frame) throws IOException {
      synchronized (member) {
        member.getBasicRemote().sendText(frame);
      }
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
      ROOMS.get(session.getPathParameters().get("room")).remove(session);
    }

    /** A connection that was reset. */
    @Override
    public void onError(Session session, Throwable failure) {
      ROOMS.get(session.getPathParameters().get("room")).remove(session);
    }
  }
}
