package im.xpro.xnest.server;

import com.sun.net.httpserver.HttpServer;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A {@link BlobHandler} on the JDK's server, and a client for it that waits 30 s at most. */
final class BlobsAtWork implements Closeable {
  static final RoomId LOBBY = new RoomId("lobby");
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  static {
    System.setProperty("sun.net.httpserver.nodelay", "true"); // see BlobHandler
  }

  final BlobStore store;
  private final ExecutorService threads;
  private final HttpServer server;

  private BlobsAtWork(BlobStore store, String context, BlobHandler handler, ExecutorService threads)
      throws IOException {
    this.store = store;
    this.threads = threads;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(context, handler);
    server.start();
  }

  /** With blobs in memory, at {@code /media}. */
  static BlobsAtWork start() throws IOException {
    return start(BlobStore.inMemory(), "/media");
  }

  static BlobsAtWork start(BlobStore store, String context) throws IOException {
    return new BlobsAtWork(store, context, new BlobHandler(store), Executors.newCachedThreadPool());
  }

  /** At {@code /media}, with so many threads. */
  static BlobsAtWork start(BlobStore store, SlowReaders readers, int threads) throws IOException {
    return new BlobsAtWork(
        store, "/media", new BlobHandler(store, readers), Executors.newFixedThreadPool(threads));
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Puts a blob into the lobby. */
  void put(String id, BlobKind kind, byte[] content) throws IOException {
    store.put(LOBBY, id, kind, true, ByteBuffer.wrap(content));
  }

  /** Gets a blob of the lobby. */
  HttpResponse<byte[]> get(String id, String... headers) throws Exception {
    return request("GET", "/media/lobby/" + id, headers);
  }

  /** Sends {@code headers}, name and value in turn. */
  HttpResponse<byte[]> request(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .method(method, BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(30));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  URI uri(String path) {
    return URI.create("http://localhost:" + port() + path);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
