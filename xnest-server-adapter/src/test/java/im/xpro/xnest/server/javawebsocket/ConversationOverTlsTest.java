package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Xnest;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;

@DisplayName("What a server is for, over TLS")
class ConversationOverTlsTest extends ConversationTest {
  @Override
  Served serve(Xnest.Builder house) throws IOException {
    return Served.securely(house);
  }
}
