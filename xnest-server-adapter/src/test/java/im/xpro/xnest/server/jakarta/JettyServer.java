package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.testkit.Deviation;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty, embedded. */
final class JettyServer implements JakartaServer {
  @Override
  public Running start(Setup setup, ChatFilter chat) throws Exception {
    Server jetty = new Server();
    HttpConfiguration http = new HttpConfiguration();
    ServerConnector connector;
    if (setup.tls() == null) {
      connector = new ServerConnector(jetty, new HttpConnectionFactory(http));
    } else {
      http.addCustomizer(new SecureRequestCustomizer());
      SslContextFactory.Server tls = new SslContextFactory.Server();
      tls.setSslContext(setup.tls());
      connector = new ServerConnector(jetty, tls, new HttpConnectionFactory(http));
    }
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    JettySite.start(jetty, chat, setup.blobs());
    int port = connector.getLocalPort();
    return new Running() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void stop() throws Exception {
        chat.close();
        jetty.stop();
        jetty.destroy();
      }
    };
  }

  @Override
  public Set<Deviation> deviations() {
    return Set.of(
        Deviation.NO_BACK_PRESSURE, Deviation.ANY_PINGS, Deviation.HANGS_UP, Deviation.FRAGMENTS);
  }
}
