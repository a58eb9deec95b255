package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.testkit.Deviation;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.InstanceFactory;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.net.InetSocketAddress;
import java.util.Set;

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
