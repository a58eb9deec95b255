package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Xnest;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;

@DisplayName("Nobody suffers from a bad client but itself, over TLS")
class BadClientOverTlsTest extends BadClientTest {
  @Override
  Served serve(Xnest.Builder house) throws IOException {
    return Served.securely(house);
  }
}
