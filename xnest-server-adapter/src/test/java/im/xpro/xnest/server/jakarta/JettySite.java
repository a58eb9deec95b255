package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.blob.BlobStore;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;

final class JettySite {
  static void start(Server jetty, ChatFilter chat, BlobStore blobs) throws Exception {
    ServletContextHandler application = new ServletContextHandler();
    JakartaWebSocketServletContainerInitializer.configure(
        application, (context, container) -> chat.addTo(context));
    application.addServlet(new ServletHolder(new BlobServlet(blobs)), "/blobs/*");
    jetty.setHandler(application);
    jetty.start();
  }
}
