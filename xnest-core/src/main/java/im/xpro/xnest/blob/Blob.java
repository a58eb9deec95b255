package im.xpro.xnest.blob;

import im.xpro.xnest.protocol.BlobKind;
import java.io.IOException;
import java.io.InputStream;

/** A stored blob. Any thread; each stream belongs to one. */
public interface Blob {
  /** What its sender said it is. */
  BlobKind kind();

  /** Its length in bytes, 1 or more. */
  long size();

  /**
   * Its bytes from {@code offset} on, to be closed by the caller.
   *
   * @param offset 0 to {@link #size}
   */
  InputStream open(long offset) throws IOException;
}
