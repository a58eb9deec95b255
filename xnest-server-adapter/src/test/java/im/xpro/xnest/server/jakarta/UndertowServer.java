package im.xpro.xnest.server.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.testkit.Deviation;
import im.xpro.xnest.server.testkit.RawClient;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.InstanceFactory;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.jsr.UndertowSession;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Undertow, embedded. */
final class UndertowServer implements JakartaServer {
  private record Chat(ChatFilter filter, BlobStore blobs) implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent starting) {
      ServletContext application = starting.getServletContext();
      filter.addTo(application);
      application.addServlet("blobs", new BlobServlet(blobs)).addMapping("/blobs/*");
    }
  }

  @Override
  public Running start(Setup setup, ChatFilter chat) throws Exception {
    InstanceFactory<Chat> listener = new ImmediateInstanceFactory<>(new Chat(chat, setup.blobs()));
    DeploymentManager application = UndertowSite.deploy(Servlets.listener(Chat.class, listener));
    Undertow.Builder builder = Undertow.builder().setHandler(application.start());
    if (setup.tls() == null) {
      builder.addHttpListener(0, "127.0.0.1");
    } else {
      builder.addHttpsListener(0, "127.0.0.1", setup.tls());
    }
    Undertow undertow = builder.build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    return new Running() {
      @Override
      public int port() {
        return address.getPort();
      }

      @Override
      public void stop() throws Exception {
        application.stop();
        application.undeploy();
        undertow.stop();
      }
    };
  }

  @Override
  public Stream<DynamicTest> get() {
    return Stream.concat(
        JakartaServer.super.get(),
        Stream.of(
            DynamicTest.dynamicTest(
                "closeDuringABatchIsAnswered", this::closeDuringABatchIsAnswered)));
  }

  private void closeDuringABatchIsAnswered() throws Exception {
    CompletableFuture<Session> opened = new CompletableFuture<>();
    try (Xnest xnest = Xnest.builder().build()) {
      Gateway gateway = Gateway.of(xnest);
      ChatFilter chat =
          ChatFilter.on(
              xnest, gateway, (request, response, session) -> open(request, response, opened));
      Running running = start(new Setup(xnest, gateway, BlobStore.inMemory(), null), chat);
      RawClient client = RawClient.enter(running.port(), "lobby");
      Session session = opened.get(30, TimeUnit.SECONDS);
      WebSocketChannel channel = ((UndertowSession) session).getWebSocketChannel();
      channel.setRequireExplicitFlush(true); // a batch has begun
      client.write(RawClient.close(1000));
      DoorRules.soon(channel::isCloseFrameSent);

      UndertowBatch.add(session, "late", result -> {});

      assertThat(client.hearsClose()).isEqualTo(1000);
      client.disconnect();
      running.stop();
    }
  }

  /** A WebSocket of no member. */
  private static void open(
      HttpServletRequest request, HttpServletResponse response, CompletableFuture<Session> opened)
      throws IOException, ServletException {
    Endpoint endpoint =
        new Endpoint() {
          @Override
          public void onOpen(Session session, EndpointConfig config) {
            opened.complete(session);
          }
        };
    ServerEndpointConfig config =
        ServerEndpointConfig.Builder.create(Endpoint.class, "/")
            .configurator(
                new ServerEndpointConfig.Configurator() {
                  @Override
                  public <T> T getEndpointInstance(Class<T> type) {
                    return type.cast(endpoint);
                  }
                })
            .build();
    ServerContainer container =
        (ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName());
    try {
      container.upgradeHttpToWebSocket(request, response, config, Map.of());
    } catch (DeploymentException failure) {
      throw new ServletException(failure);
    }
  }

  @Override
  public Set<Deviation> deviations() {
    return Set.of(
        Deviation.NO_BACK_PRESSURE,
        Deviation.ANY_PINGS,
        Deviation.ANY_UPLOADS,
        Deviation.HANGS_UP,
        Deviation.OWN_HANDSHAKE_LIMIT,
        Deviation.ANY_FRAGMENTS,
        Deviation.OWN_CLOSE_CODES);
  }
}
