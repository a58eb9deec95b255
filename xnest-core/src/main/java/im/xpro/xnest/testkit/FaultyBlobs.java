package im.xpro.xnest.testkit;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Does what the store behind it does, unless it is told to fail. One thread. To make it slow or to
 * pause it, see {@link RoomKit#storage}.
 *
 * <pre>{@code
 * kit.blobs().fails();
 *
 * lin.uploads(BlobKind.PICTURE, (byte) 1);
 *
 * lin.hears(lin.failed("the media could not be stored"));
 * }</pre>
 */
public final class FaultyBlobs implements BlobStore {
  private final BlobStore store;
  private boolean failing;

  private FaultyBlobs(BlobStore store) {
    this.store = store;
  }

  /** Works at first. */
  public static FaultyBlobs around(BlobStore store) {
    return new FaultyBlobs(Objects.requireNonNull(store, "store"));
  }

  /** Lets {@link #put}, {@link #get} and {@link #remove} fail until it {@link #works}. */
  public void fails() {
    failing = true;
  }

  /** Fails no more. */
  public void works() {
    failing = false;
  }

  @Override
  public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
      throws IOException {
    working().put(room, id, kind, isKept, content);
  }

  @Override
  public @Nullable Blob get(RoomId room, String id) throws IOException {
    return working().get(room, id);
  }

  @Override
  public void remove(RoomId room, String id) throws IOException {
    working().remove(room, id);
  }

  @Override
  public boolean tidy() throws IOException {
    return store.tidy();
  }

  private BlobStore working() throws IOException {
    if (failing) {
      throw new IOException("a fault: the blob store is down");
    }
    return store;
  }
}
