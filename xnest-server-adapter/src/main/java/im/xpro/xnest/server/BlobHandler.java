package im.xpro.xnest.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import im.xpro.xnest.FailureLog;
import im.xpro.xnest.blob.BlobStore;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;

/**
 * Serves blobs from the JDK's {@code HttpServer}, mounted at any path: {@code
 * {context}/{room}/{id}} (PROTOCOL section 4). Any thread.
 *
 * <pre>{@code
 * HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 8081), 0);
 * http.createContext("/blobs/", new BlobHandler(blobs));
 * http.setExecutor(Executors.newFixedThreadPool(64));
 * http.start();
 * }</pre>
 *
 * <p>A response is written on the thread that handles it, which a slow reader holds. Who takes
 * nothing for 10 s is cut, and of those of one address that take nothing for 2 s all but 8. So give
 * the server an executor with clearly more threads than that; its default has one. Behind a proxy
 * all readers have one address: let it buffer what it reads here, as nginx does unless told
 * otherwise. How long a request may take to arrive is the server's own business, for which the JDK
 * has {@code -Dsun.net.httpserver.maxReqTime=10}.
 *
 * <p>On JDK 17 start the JVM with {@code -Dsun.net.httpserver.nodelay=true}: without it an answer
 * on a connection that was used before often waits 40 ms, for the client's acknowledgement of its
 * head.
 */
public final class BlobHandler implements HttpHandler {
  private final Blobs blobs;
  private final SlowReaders readers;

  /** Serves what is in {@code blobs}. */
  public BlobHandler(BlobStore blobs) {
    this(blobs, new SlowReaders(Duration.ofMillis(500), 4, 20, 8));
  }

  BlobHandler(BlobStore blobs, SlowReaders readers) {
    FailureLog log = new FailureLog(BlobHandler.class, readers::after);
    this.blobs = new Blobs(Objects.requireNonNull(blobs, "blobs"), log);
    this.readers = readers;
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
    try (SlowReaders.Reader reader = readers.watch(exchange.getRemoteAddress().getAddress())) {
      long length = body == null ? -1 : body.length();
      reader.write(() -> exchange.sendResponseHeaders(response.status(), length));
      if (body != null) {
        try (OutputStream out = reader.over(exchange.getResponseBody())) {
          body.writeTo(out);
        }
      }
    }
  }
}
