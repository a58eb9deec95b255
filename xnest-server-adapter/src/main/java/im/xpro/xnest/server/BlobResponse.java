package im.xpro.xnest.server;

import im.xpro.xnest.FailureLog;
import im.xpro.xnest.blob.Blob;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request for a blob is answered with, on any server.
 *
 * @param headers all that it needs, {@code Content-Length} for HEAD too
 * @param body null if there is none
 */
record BlobResponse(int status, Map<String, String> headers, @Nullable Part body) {
  /** {@code length} bytes of a blob, 1 or more, from {@code offset} on. */
  record Part(Blob blob, long offset, long length, FailureLog log) {
    private static final int CHUNK_BYTES = 16 << 10;

    /** Writes all of them, or throws. A failure to read them is logged. */
    void writeTo(OutputStream out) throws IOException {
      byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, length)];
      try (InputStream in = blob.open(offset)) {
        for (long left = length; left > 0; ) {
          int read = read(in, chunk, (int) Math.min(chunk.length, left));
          out.write(chunk, 0, read);
          left -= read;
        }
      }
    }

    private int read(InputStream in, byte[] chunk, int length) throws IOException {
      try {
        int read = in.read(chunk, 0, length);
        if (read < 0) {
          throw new EOFException("a blob is shorter than it says");
        }
        return read;
      } catch (IOException | RuntimeException failure) {
        log.failed("reading media to their end", failure);
        throw failure;
      }
    }
  }
}
