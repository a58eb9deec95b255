package im.xpro.xnest.blob;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Blobs in memory, the oldest first, up to a number of bytes. */
final class InMemoryBlobs implements BlobStore {
  /** What a blob costs beside its content: objects, references and its id, roughly. */
  private static final int BLOB_BYTES = 300;

  private final long maxBytes;

  // ---- guarded by this ----
  private final Map<Key, Bytes> blobs = new LinkedHashMap<>();
  private long held;

  private record Key(RoomId room, String id) {}

  private record Bytes(BlobKind kind, byte[] content) implements Blob {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public InputStream open(long offset) {
      int from = Math.toIntExact(offset);
      return new ByteArrayInputStream(content, from, content.length - from);
    }
  }

  InMemoryBlobs(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public synchronized void put(RoomId room, String id, BlobKind kind, ByteBuffer content)
      throws IOException {
    int size = content.remaining();
    long cost = cost(size);
    if (cost > maxBytes) {
      throw new IOException("a blob of " + size + " bytes is larger than all of " + maxBytes);
    }
    remove(room, id);
    makeSpaceFor(cost);
    byte[] own = new byte[size];
    content.get(content.position(), own);
    blobs.put(new Key(room, id), new Bytes(kind, own));
    held += cost;
  }

  private static long cost(long size) {
    return BLOB_BYTES + size;
  }

  private void makeSpaceFor(long cost) {
    Iterator<Bytes> oldest = blobs.values().iterator();
    while (held + cost > maxBytes) {
      held -= cost(oldest.next().size());
      oldest.remove();
    }
  }

  @Override
  public synchronized @Nullable Blob get(RoomId room, String id) {
    return blobs.get(new Key(room, id));
  }

  @Override
  public synchronized void remove(RoomId room, String id) {
    Bytes blob = blobs.remove(new Key(room, id));
    if (blob != null) {
      held -= cost(blob.size());
    }
  }
}
