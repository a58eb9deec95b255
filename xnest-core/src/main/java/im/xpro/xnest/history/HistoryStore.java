package im.xpro.xnest.history;

import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the past of rooms is kept.
 *
 * <pre>{@code
 * HistoryStore history = HistoryStore.inMemory(10_000);
 * Xnest xnest = Xnest.builder().history(history).build();
 * }</pre>
 *
 * <p>May block: it is called on storage threads, never on a socket's, unless {@link
 * #answersAtOnce}. {@code append}, {@code erase} and {@code retain} are never called beside one
 * another or twice at once; {@code read} and {@code last} may run beside them and beside each
 * other. The testkit's {@code HistoryStoreContract} checks all this.
 */
public interface HistoryStore {
  /**
   * Keeps all of {@code batch}, in order, or nothing of it. The numbers of one room go up by one
   * from entry to entry, starting behind {@link #last}. Entries that are kept already, with the
   * same number and content, are accepted and kept once: a batch whose outcome was unknown comes
   * again. Those that were forgotten or erased since are accepted and do not come back.
   *
   * @param batch not empty; may hold entries of several rooms
   * @throws NotKeptException if it is sure that nothing of {@code batch} is kept, not by an earlier
   *     call with an unknown outcome either: its numbers go to other entries
   * @throws ConflictException if another writer has used one of its numbers, or one before them was
   *     never used; nothing was kept
   * @throws UnreachableException if this call did not get as far as the store, whatever the batch:
   *     the other batches that wait are then not tried one by one
   * @throws IOException in any other case of failure: the outcome is then taken as unknown, and the
   *     same batch is appended again until it is known
   */
  void append(List<HistoryEntry> batch) throws IOException;

  /**
   * The newest entries of a room that are numbered below {@code before}, oldest first.
   *
   * @param limit how many at most, 1 or more
   * @param maxLength counted from the newest back, no further entry is added once the sum of {@link
   *     HistoryEntry#length} has passed this; at least one entry comes if there is one
   * @return empty if there are none, never null
   */
  List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength) throws IOException;

  /**
   * The highest number ever given in {@code room}, 0 if none; forgetting entries never lowers it.
   * What has this number can be read from now on.
   */
  long last(RoomId room) throws IOException;

  /**
   * Erases the oldest entries that {@code what} names: at least one if there is one, at most {@link
   * Erasure#STEP}; durable once it returns. Their numbers are never given again, {@link #last}
   * stays, and a page is full although there are holes below its edge.
   *
   * @return what was erased, oldest first; empty if there was nothing (left) to erase
   * @throws IOException if perhaps not all of a step is erased; it may be asked again
   * @throws UnsupportedOperationException always, if this store cannot erase: so does the default
   */
  default List<HistoryEntry> erase(RoomId room, Erasure what) throws IOException {
    throw new UnsupportedOperationException(getClass().getName() + " cannot erase");
  }

  /**
   * Sets how long this room's past is kept, in place of what holds for all rooms. The default does
   * nothing, for stores that do not forget or know one rule only.
   *
   * @param retention null for what holds for all rooms
   */
  default void retain(RoomId room, @Nullable Retention retention) throws IOException {}

  /**
   * Does a step of housekeeping, such as forgetting what is too old. Called on a storage thread now
   * and then, never twice at once.
   *
   * @return true if there is more to do soon
   */
  default boolean tidy() throws IOException {
    return false;
  }

  /** What it promises of a batch once {@link #append} has returned. May block. */
  default Durability durability() {
    return Durability.UNKNOWN;
  }

  /**
   * True if no method ever waits: all are then called wherever the caller is, also side by side.
   */
  default boolean answersAtOnce() {
    return false;
  }

  /**
   * Keeps the newest {@code entriesPerRoom} of each room, and of them 16 MiB, in memory and forgets
   * the rest; all rooms together have an eighth of the heap, the room longest unused is forgotten
   * first.
   *
   * @throws IllegalArgumentException if {@code entriesPerRoom} is less than 1
   */
  static HistoryStore inMemory(int entriesPerRoom) {
    return new InMemoryHistory(entriesPerRoom, 16L << 20, Runtime.getRuntime().maxMemory() / 8);
  }

  /** It is sure that nothing of a batch was kept. */
  class NotKeptException extends IOException {
    private static final long serialVersionUID = 1;

    /** With a reason for the log. */
    public NotKeptException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The store was not reached: this call has kept nothing, whatever became of earlier ones, and
   * another batch would have fared the same.
   */
  class UnreachableException extends IOException {
    private static final long serialVersionUID = 1;

    /** With a reason for the log. */
    public UnreachableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Another writer uses the same store: its room refuses messages from now on. */
  class ConflictException extends NotKeptException {
    private static final long serialVersionUID = 1;

    /** With a reason for the log. */
    public ConflictException(String message) {
      super(message, null);
    }
  }
}
