package im.xpro.xnest.examples;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.Gateway;
import java.io.IOException;
import java.util.Map;
import java.util.function.IntFunction;

/** The chat server's ports. One thread at a time. */
interface Front extends AutoCloseable {
  /** On which the page and the blobs are, taken from the start. */
  int httpPort();

  /**
   * Serves all there is.
   *
   * @param resources by their path, for what is below it too, given the port of the sockets
   * @param opened gets what has to be closed before {@code xnest} is
   * @return the port of the sockets
   */
  int serve(
      Xnest xnest,
      Gateway gateway,
      BlobStore blobs,
      IntFunction<Map<String, Resource>> resources,
      Opened opened)
      throws IOException;

  @Override
  void close();
}
