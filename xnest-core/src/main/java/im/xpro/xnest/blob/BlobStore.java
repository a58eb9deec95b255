package im.xpro.xnest.blob;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Where uploaded media are kept. May block: it is called on storage and HTTP threads, never on a
 * socket's. All methods may run side by side. The testkit's {@code BlobStoreContract} checks it.
 *
 * <pre>{@code
 * BlobStore blobs = FileBlobStore.in(Path.of("blobs"), 1L << 30, Duration.ofDays(7));
 * URI base = URI.create("https://chat.example.com/blobs");
 * Xnest xnest = Xnest.builder().blobs(blobs).blobBase(base).build();
 * }</pre>
 */
public interface BlobStore {
  /**
   * Stores {@code content}; it can be read once this returns.
   *
   * @param id letters, digits, {@code -} and {@code _}; new, with at least 128 random bits
   *     (PROTOCOL section 4)
   * @param isKept false if its message is not kept in the history: it may then be forgotten after
   *     an hour
   * @param content from its position to its limit, which stay where they are; not changed by
   *     anybody meanwhile
   * @throws IOException if it could not be stored
   */
  void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
      throws IOException;

  /**
   * The blob that was put under this room and id.
   *
   * @param id anything at all, as it stood in a URL
   * @return null if there is none, or none any more
   */
  @Nullable Blob get(RoomId room, String id) throws IOException;

  /** Removes a blob. Does nothing if there is none. */
  void remove(RoomId room, String id) throws IOException;

  /**
   * Does a step of housekeeping, such as forgetting what is too old. Called on a storage thread now
   * and then.
   *
   * @return true if there is more to do soon
   */
  default boolean tidy() throws IOException {
    return false;
  }

  /**
   * Keeps blobs in memory, up to an eighth of the heap; beyond that the oldest are forgotten first.
   */
  static BlobStore inMemory() {
    return new InMemoryBlobs(Runtime.getRuntime().maxMemory() / 8, InstantSource.system());
  }
}
