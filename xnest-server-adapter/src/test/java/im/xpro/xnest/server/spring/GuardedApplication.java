package im.xpro.xnest.server.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** An application on Tomcat that has its door in an interceptor, and pages at any path. */
final class GuardedApplication {
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application implements WebMvcConfigurer {
    @Override
    public void addInterceptors(InterceptorRegistry registry) {
      registry.addInterceptor(new Guard());
    }

    @Bean
    Pages pages() {
      return new Pages();
    }
  }

  /** Lets files pass, as such guards often do. */
  static final class Guard implements HandlerInterceptor {
    @Override
    public boolean preHandle(
        HttpServletRequest request, HttpServletResponse response, Object handler) {
      boolean passes =
          !(handler instanceof HandlerMethod) || "right".equals(request.getHeader("Key"));
      if (!passes) {
        response.setStatus(403);
      }
      return passes;
    }
  }

  @RestController
  static final class Pages {
    @GetMapping({"/**", "/{a}/{b}/{c}", "/{a}/{b}/{c}/{d}"})
    String any() {
      return "a page";
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();

  void interceptorsGuardChatAndMedia() throws Exception {
    try (ConfigurableApplicationContext application =
        SpringBootServer.start(Application.class, Map.of())) {
      byte[] content = {1, 2, 3};
      application
          .getBean(BlobStore.class)
          .put(new RoomId("lobby"), "some-id", BlobKind.FILE, true, ByteBuffer.wrap(content));
      String address =
          "127.0.0.1:" + application.getEnvironment().getRequiredProperty("local.server.port");
      URI room = URI.create("ws://" + address + "/xgate/websocket/lobby");
      URI file = URI.create("http://" + address + "/xgate/media/lobby/some-id");

      assertThat(enters(room, "wrong")).isEqualTo(403);
      assertThat(enters(room, "right")).isEqualTo(101);
      assertThat(get(file, "wrong").statusCode()).isEqualTo(403);
      assertThat(get(file, "right").body()).isEqualTo(content);
    }
  }

  /** The status of a handshake. */
  private int enters(URI room, String key) {
    Throwable failure =
        catchThrowable(
            () ->
                http.newWebSocketBuilder()
                    .header("Key", key)
                    .buildAsync(room, new WebSocket.Listener() {})
                    .join()
                    .abort());
    if (failure == null) {
      return 101;
    }
    assertThat(failure)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
  }

  private HttpResponse<byte[]> get(URI file, String key) throws Exception {
    return http.send(
        HttpRequest.newBuilder(file).header("Key", key).build(), BodyHandlers.ofByteArray());
  }
}
