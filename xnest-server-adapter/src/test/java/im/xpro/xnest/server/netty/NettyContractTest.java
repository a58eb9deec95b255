package im.xpro.xnest.server.netty;

import im.xpro.xnest.server.ServersPage;
import im.xpro.xnest.server.testkit.ServerContract;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NettyContractTest {
  @TestFactory
  Stream<DynamicTest> keepsTheServerContract() {
    return ServerContract.checks(NettyPort::serve)
        .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
  }

  @Test
  void theTableOfServersSaysSo() throws IOException {
    ServersPage.says("Netty 4.2", Set.of());
  }
}
