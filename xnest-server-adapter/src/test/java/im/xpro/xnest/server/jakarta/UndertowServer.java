package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.testkit.Deviation;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.api.ServletInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import java.net.InetSocketAddress;
import java.util.Set;

/** Undertow, embedded. */
final class UndertowServer implements JakartaServer {
  @Override
  public Running start(Setup setup, ChatFilter chat) throws Exception {
    ServletContainerInitializer adding =
        (Set<Class<?>> classes, ServletContext context) -> chat.addTo(context);
    DeploymentInfo application =
        Servlets.deployment()
            .setClassLoader(UndertowServer.class.getClassLoader())
            .setContextPath("/")
            .setDeploymentName("chat")
            .addServletContextAttribute(
                WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo())
            .addServletContainerInitializer(
                new ServletContainerInitializerInfo(
                    adding.getClass(), new ImmediateInstanceFactory<>(adding), Set.of()))
            .addServlet(
                new ServletInfo(
                        "blobs",
                        BlobServlet.class,
                        new ImmediateInstanceFactory<>(new BlobServlet(setup.blobs())))
                    .addMapping("/blobs/*"));
    DeploymentManager deployed = Servlets.newContainer().addDeployment(application);
    deployed.deploy();
    Undertow.Builder builder = Undertow.builder().setHandler(deployed.start());
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
        deployed.stop();
        deployed.undeploy();
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
