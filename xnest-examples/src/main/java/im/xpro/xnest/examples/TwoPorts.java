package im.xpro.xnest.examples;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.BlobHandler;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Sockets on Java-WebSocket, the page and the blobs on the JDK's server. */
final class TwoPorts implements Front {
  /** Each serves one request of the page or of a blob at a time, or waits for it to arrive. */
  private static final int HTTP_THREADS = 512;

  private final InetAddress address;
  private final int port;
  private final Tls.@Nullable Loaded tls;
  private final HttpServer http;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          HTTP_THREADS, HTTP_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>());

  /**
   * @param port of the sockets, taken when they are served
   */
  TwoPorts(InetAddress address, int port, int httpPort, Tls.@Nullable Loaded tls)
      throws IOException {
    this.address = address;
    this.port = port;
    this.tls = tls;
    this.http = bind(new InetSocketAddress(address, httpPort), tls);
    threads.allowCoreThreadTimeOut(true);
    http.setExecutor(threads);
  }

  private static HttpServer bind(InetSocketAddress address, Tls.@Nullable Loaded tls)
      throws IOException {
    try {
      if (tls == null) {
        return HttpServer.create(address, 0);
      }
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(tls.configurator());
      return https;
    } catch (BindException failure) {
      throw new IOException(
          "cannot listen on port %d (--http-port) of %s (--host): %s"
              .formatted(
                  address.getPort(), ChatServer.nameOf(address.getAddress()), failure.getMessage()),
          failure);
    }
  }

  @Override
  public int httpPort() {
    return http.getAddress().getPort();
  }

  @Override
  public int serve(
      Xnest xnest,
      Gateway gateway,
      BlobStore blobs,
      IntFunction<Map<String, Resource>> resources,
      Opened opened)
      throws IOException {
    XnestServer server = opened.add(sockets(xnest, gateway));
    resources
        .apply(server.port())
        .forEach((path, resource) -> http.createContext(path, resource.asHandler()));
    http.createContext("/blobs/", new BlobHandler(blobs));
    http.start();
    return server.port();
  }

  private XnestServer sockets(Xnest xnest, Gateway gateway) throws IOException {
    try {
      XnestServer.Builder server =
          XnestServer.builder(xnest).host(address.getHostAddress()).port(port).gateway(gateway);
      if (tls != null) {
        server.tls(tls.context());
      }
      return server.start();
    } catch (BindException taken) {
      throw new IOException("cannot listen on port " + port + " (--port): taken", taken);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    http.stop(0);
  }
}
