package im.xpro.xnest.server.netty;

import im.xpro.xnest.server.LoneServer;
import im.xpro.xnest.server.ServersPage;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NettyContractTest {
  @TestFactory
  Stream<DynamicTest> keepsTheServerContract() throws Exception {
    return LoneServer.tests(NettyServer.class, LoneServer.Library.NETTY);
  }

  @Test
  void theTableOfServersSaysSo() throws IOException {
    ServersPage.says("Netty 4.2", Set.of());
  }

  private static final class NettyServer implements LoneServer {
    @Override
    public Running start(Setup setup) throws InterruptedException {
      return NettyPort.serve(setup);
    }
  }
}
