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
public record BlobResponse(int status, Map<String, String> headers, @Nullable Part body) {
  /** {@code length} bytes of a blob, 1 or more, from {@code offset} on. */
  public record Part(Blob blob, long offset, long length, FailureLog log) {
    /** Opens just these bytes, to be closed. Reading them throws if they are not all there. */
    public InputStream open() throws IOException {
      return new Bytes(blob.open(offset), length, log);
    }

    /** Writes all of them, or throws. */
    public void writeTo(OutputStream out) throws IOException {
      try (InputStream in = open()) {
        in.transferTo(out);
      }
    }
  }

  /** Ends where the part ends, not before. A failure to read is logged. */
  private static final class Bytes extends InputStream {
    private final InputStream whole;
    private final FailureLog log;
    private long left;

    Bytes(InputStream whole, long length, FailureLog log) {
      this.whole = whole;
      this.log = log;
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (left == 0 || length == 0) {
        return left == 0 ? -1 : 0;
      }
      try {
        int read = whole.read(to, offset, (int) Math.min(length, left));
        if (read < 0) {
          throw new EOFException("a blob is shorter than it says");
        }
        left -= read;
        return read;
      } catch (IOException | RuntimeException failure) {
        log.failed("reading media to their end", failure);
        throw failure;
      }
    }

    @Override
    public void close() throws IOException {
      whole.close();
    }
  }
}
