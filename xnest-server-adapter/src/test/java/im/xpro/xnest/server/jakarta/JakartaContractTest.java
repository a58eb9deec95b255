package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.LoneServer;
import im.xpro.xnest.server.LoneServer.Library;
import im.xpro.xnest.server.ServersPage;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class JakartaContractTest {
  @BeforeAll
  static void quietly() {
    Logger.getLogger("").setLevel(Level.OFF);
  }

  @TestFactory
  Stream<DynamicTest> tomcatKeepsTheServerContract() throws Exception {
    return LoneServer.tests(TomcatServer.class, Library.TOMCAT);
  }

  @TestFactory
  Stream<DynamicTest> jettyKeepsTheServerContract() throws Exception {
    return LoneServer.tests(JettyServer.class, Library.JETTY);
  }

  @TestFactory
  Stream<DynamicTest> undertowKeepsTheServerContract() throws Exception {
    return LoneServer.tests(UndertowServer.class, Library.UNDERTOW);
  }

  @Test
  void theTableOfServersSaysSo() throws IOException {
    ServersPage.says("Tomcat 10.1, 11", new TomcatServer().deviations());
    ServersPage.says("Jetty 12", new JettyServer().deviations());
    ServersPage.says("Undertow 2.3", new UndertowServer().deviations());
  }
}
