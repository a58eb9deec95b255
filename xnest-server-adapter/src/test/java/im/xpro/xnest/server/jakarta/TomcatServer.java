package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.testkit.Deviation;
import im.xpro.xnest.server.testkit.TestCertificate;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.websocket.server.WsSci;
import org.apache.tomcat.websocket.server.WsServerContainer;

/** Tomcat, embedded. */
final class TomcatServer implements JakartaServer {
  @Override
  public Running start(Setup setup, ChatFilter chat) throws Exception {
    Path folder = Files.createTempDirectory("xnest-tomcat");
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    if (setup.tls() != null) {
      secure(connector);
    }
    tomcat.setConnector(connector);
    StandardContext application = (StandardContext) tomcat.addContext("", folder.toString());
    application.setParentClassLoader(TomcatServer.class.getClassLoader());
    application.addServletContainerInitializer(new WsSci(), null);
    application.addServletContainerInitializer(
        (classes, context) -> {
          chat.addTo(context);
          context.addServlet("blobs", new BlobServlet(setup.blobs())).addMapping("/blobs/*");
        },
        null);
    Tomcat.addServlet(application, "default", new org.apache.catalina.servlets.DefaultServlet());
    application.addServletMappingDecoded("/", "default");
    tomcat.start();
    lookEachSecond(application);
    int port = connector.getLocalPort();
    return new Running() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
        delete(folder);
      }
    };
  }

  /** For connections that are to end; it looks every 10 s by default. */
  private static void lookEachSecond(StandardContext application) {
    ((WsServerContainer)
            application.getServletContext().getAttribute(ServerContainer.class.getName()))
        .setProcessPeriod(1);
  }

  private static void secure(Connector connector) {
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    certificate.setCertificateKeystore(TestCertificate.keyStore());
    certificate.setCertificateKeystorePassword(TestCertificate.PASSWORD);
    host.addCertificate(certificate);
    connector.addSslHostConfig(host);
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("SSLEnabled", "true");
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public Set<Deviation> deviations() {
    return Set.of(
        Deviation.NO_BACK_PRESSURE,
        Deviation.ANY_PINGS,
        Deviation.HANGS_UP,
        Deviation.FRAGMENTS,
        Deviation.OWN_HANDSHAKE_LIMIT);
  }
}
