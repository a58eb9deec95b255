package im.xpro.xnest.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import im.xpro.xnest.blob.BlobStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Serves blobs from the JDK's {@code HttpServer}, mounted at any path: {@code
 * {context}/{room}/{id}} (PROTOCOL section 4). Any thread.
 *
 * <pre>{@code
 * HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 8081), 0);
 * http.createContext("/blobs/", new BlobHandler(blobs));
 * http.setExecutor(Executors.newFixedThreadPool(16));
 * http.start();
 * }</pre>
 *
 * <p>A response is written on the thread that handles it, which a slow reader holds for as long as
 * it likes: give the server an executor with as many threads as it may have readers at once. Its
 * default has one.
 *
 * <p>On JDK 17 start the JVM with {@code -Dsun.net.httpserver.nodelay=true}: without it an answer
 * on a connection that was used before often waits 40 ms, for the client's acknowledgement of its
 * head.
 */
public final class BlobHandler implements HttpHandler {
  private final Blobs blobs;

  /** Serves what is in {@code blobs}. */
  public BlobHandler(BlobStore blobs) {
    this.blobs = new Blobs(Objects.requireNonNull(blobs, "blobs"));
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    BlobResponse response =
        blobs.answer(
            exchange.getRequestMethod(),
            exchange.getHttpContext().getPath(),
            exchange.getRequestURI().getRawPath(),
            exchange.getRequestHeaders());
    response.headers().forEach(exchange.getResponseHeaders()::set);
    BlobResponse.Part body = response.body();
    exchange.sendResponseHeaders(response.status(), body == null ? -1 : body.length());
    if (body == null) {
      return;
    }
    try (OutputStream out = exchange.getResponseBody()) {
      body.writeTo(out);
    }
  }
}
