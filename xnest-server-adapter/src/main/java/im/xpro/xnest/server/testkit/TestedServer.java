package im.xpro.xnest.server.testkit;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.Gateway;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A kind of server with its adapter, to run the {@link ServerContract} on. Any thread. */
public interface TestedServer {
  /**
   * What to serve.
   *
   * @param xnest closed by the check, after the server; its limits are to be kept
   * @param gateway answers the handshakes
   * @param blobs to be served over HTTP at {@code /blobs/{room}/{id}}
   * @param tls to be spoken by the sockets, with {@link TestCertificate}; null for none
   */
  record Setup(Xnest xnest, Gateway gateway, BlobStore blobs, @Nullable SSLContext tls) {}

  /** A server that listens. */
  interface Running {
    /** Where it takes WebSockets, on the loopback interface. */
    int port();

    /** Where it serves blobs; only asked where there is no TLS. */
    default int blobPort() {
      return port();
    }

    /** Lets all members go with 1001 and ends all that was started, in 10 s at most. */
    void stop() throws Exception;
  }

  /** Starts a server on a free port of the loopback interface; several may run at once. */
  Running start(Setup setup) throws Exception;

  /** What it cannot do. Default: nothing. */
  default Set<Deviation> deviations() {
    return Set.of();
  }
}
