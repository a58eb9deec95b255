package im.xpro.xnest;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the stores on storage threads, and hands the answer to the mailbox of the room that asked.
 * Any thread; nothing here blocks.
 */
final class Storage {
  /** The newest entries of a room, and the number of the last one ever. */
  record Past(long last, List<HistoryEntry> newest) {}

  /** What comes back: exactly one of the two is null, unless the question has no value. */
  interface Answer<T> extends BiConsumer<@Nullable T, @Nullable Throwable> {}

  private final HistoryStore history;
  private final BlobStore blobs;
  private final Executor executor;
  private final HistoryWriter writer;
  private final Limits limits;
  private final AtomicLong waitingBytes = new AtomicLong();

  Storage(
      HistoryStore history,
      BlobStore blobs,
      Executor executor,
      HistoryWriter writer,
      Limits limits) {
    this.history = history;
    this.blobs = blobs;
    this.executor = executor;
    this.writer = writer;
    this.limits = limits;
  }

  void append(HistoryWriter.Batch batch) {
    writer.append(batch);
  }

  /** The newest page of a room's past, up to {@code last}, or to its end if that is negative. */
  void newest(RoomId room, long last, Executor mailbox, Answer<Past> answer) {
    ask(
        history.answersAtOnce(),
        () -> {
          long end = last < 0 ? history.last(room) : last;
          return new Past(end, read(room, end + 1));
        },
        mailbox,
        answer);
  }

  /** Up to a page of what is numbered below {@code before}. */
  void page(RoomId room, long before, Executor mailbox, Answer<List<HistoryEntry>> answer) {
    ask(history.answersAtOnce(), () -> read(room, before), mailbox, answer);
  }

  private List<HistoryEntry> read(RoomId room, long before) throws Exception {
    return before <= 1
        ? List.of()
        : Objects.requireNonNull(
            history.read(room, before, limits.pageEntries(), limits.pageBytes()),
            "the history store's answer");
  }

  void put(
      RoomId room,
      String blob,
      BlobKind kind,
      ByteBuffer content,
      Executor mailbox,
      Answer<Void> answer) {
    ask(
        false,
        () -> {
          blobs.put(room, blob, kind, content);
          return null;
        },
        mailbox,
        answer);
  }

  void remove(RoomId room, String blob, Executor mailbox, Answer<Void> answer) {
    ask(
        false,
        () -> {
          blobs.remove(room, blob);
          return null;
        },
        mailbox,
        answer);
  }

  /** Takes a share of what may wait for the stores in all; false if there is not enough left. */
  boolean reserve(int bytes) {
    long max = limits.waitingBytes();
    long before = waitingBytes.getAndAdd(bytes);
    if (before == 0 || before + bytes <= max) {
      return true;
    }
    waitingBytes.addAndGet(-bytes);
    return false;
  }

  void release(int bytes) {
    waitingBytes.addAndGet(-bytes);
  }

  private <T> void ask(
      boolean atOnce, Callable<@Nullable T> question, Executor mailbox, Answer<T> answer) {
    if (atOnce) {
      answer(question, answer);
      return;
    }
    try {
      executor.execute(
          () ->
              answer(
                  question,
                  (value, failure) -> mailbox.execute(() -> answer.accept(value, failure))));
    } catch (Throwable refused) {
      mailbox.execute(() -> answer.accept(null, refused));
    }
  }

  private static <T> void answer(Callable<@Nullable T> question, Answer<T> answer) {
    T value;
    try {
      value = question.call();
    } catch (Throwable failure) {
      answer.accept(null, failure);
      return;
    }
    answer.accept(value, null);
  }
}
