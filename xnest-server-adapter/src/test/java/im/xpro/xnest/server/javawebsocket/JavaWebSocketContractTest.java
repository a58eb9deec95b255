package im.xpro.xnest.server.javawebsocket;

import com.sun.net.httpserver.HttpServer;
import im.xpro.xnest.server.BlobHandler;
import im.xpro.xnest.server.LoneServer;
import im.xpro.xnest.server.ServersPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class JavaWebSocketContractTest {
  @TestFactory
  Stream<DynamicTest> keepsTheServerContract() throws Exception {
    return LoneServer.tests(JavaWebSocketServer.class, LoneServer.Library.JAVA_WEBSOCKET);
  }

  @Test
  void theTableOfServersSaysSo() throws IOException {
    ServersPage.says("Java-WebSocket", Set.of());
  }

  private static final class JavaWebSocketServer implements LoneServer {
    @Override
    public Running start(Setup setup) throws IOException {
      XnestServer.Builder builder =
          XnestServer.builder(setup.xnest()).host("127.0.0.1").port(0).gateway(setup.gateway());
      if (setup.tls() != null) {
        builder.tls(setup.tls());
      }
      XnestServer server = builder.start();
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext("/blobs/", new BlobHandler(setup.blobs()));
      http.start();
      return new Running() {
        @Override
        public int port() {
          return server.port();
        }

        @Override
        public int blobPort() {
          return http.getAddress().getPort();
        }

        @Override
        public void stop() {
          server.close();
          http.stop(0);
        }
      };
    }
  }
}
