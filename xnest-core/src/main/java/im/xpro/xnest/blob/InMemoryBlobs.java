package im.xpro.xnest.blob;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Blobs in memory, the oldest first, up to a number of bytes. */
final class InMemoryBlobs implements BlobStore {
  /** What a blob costs beside its content: objects, references, id, roughly. */
  private static final int BLOB_BYTES = 400;

  private static final Duration PASSING_LIFE = Duration.ofHours(1);

  private final long maxBytes;
  private final InstantSource clock;

  // ---- guarded by this ----
  private final Map<Key, Bytes> blobs = new LinkedHashMap<>();
  private long held;

  private record Key(RoomId room, String id) {}

  /**
   * @param end when it may be forgotten, null for never
   */
  private record Bytes(BlobKind kind, byte[] content, @Nullable Instant end) implements Blob {
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

  InMemoryBlobs(long maxBytes, InstantSource clock) {
    this.maxBytes = maxBytes;
    this.clock = clock;
  }

  @Override
  public synchronized void put(
      RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
      throws IOException {
    int size = content.remaining();
    if (cost(size) > maxBytes) {
      throw new IOException("a blob of " + size + " bytes is larger than all of " + maxBytes);
    }
    remove(room, id);
    makeSpaceFor(size);
    byte[] own = new byte[size];
    content.get(content.position(), own);
    Instant end = isKept ? null : clock.instant().plus(PASSING_LIFE);
    blobs.put(new Key(room, id), new Bytes(kind, own, end));
    held += cost(size);
  }

  private void makeSpaceFor(int size) {
    Iterator<Bytes> oldest = blobs.values().iterator();
    while (held + cost(size) > maxBytes) {
      held -= cost(oldest.next().size());
      oldest.remove();
    }
  }

  private static long cost(long size) {
    return BLOB_BYTES + size;
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

  @Override
  public synchronized boolean tidy() {
    Instant now = clock.instant();
    Iterator<Bytes> all = blobs.values().iterator();
    while (all.hasNext()) {
      Bytes blob = all.next();
      if (blob.end != null && blob.end.isBefore(now)) {
        all.remove();
        held -= cost(blob.size());
      }
    }
    return false;
  }
}
