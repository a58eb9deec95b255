package im.xpro.xnest;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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

  /** What a message takes in memory beside its content, so that empty ones are bounded too. */
  static final int MESSAGE_BYTES = 200;

  private static final Duration TIDY_EVERY = Duration.ofMinutes(1);

  /** Between two steps, so that appends come in between. */
  private static final Duration TIDY_SOON = Duration.ofMillis(50);

  private final HistoryStore history;
  private final BlobStore blobs;
  private final Executor reads;
  private final Executor uploads;
  private final HistoryWriter writer;
  private final Limits limits;
  private final Timer timer;
  private final BiConsumer<String, Throwable> report;
  final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean tidying = new AtomicBoolean();

  Storage(
      HistoryStore history,
      BlobStore blobs,
      Executor reads,
      Executor uploads,
      HistoryWriter writer,
      Limits limits,
      Timer timer,
      BiConsumer<String, Throwable> report) {
    this.timer = timer;
    this.report = report;
    this.history = history;
    this.blobs = blobs;
    this.reads = reads;
    this.uploads = uploads;
    this.writer = writer;
    this.limits = limits;
  }

  void append(HistoryWriter.Batch batch) {
    writer.append(batch);
  }

  /** Tells the store how long this room's past is kept; null for as long as that of others. */
  void retain(RoomId room, @Nullable Retention retention) {
    writer.between(
        () -> {
          try {
            history.retain(room, retention);
          } catch (Throwable failure) {
            report.accept("setting the retention of room '" + room + "'", failure);
          }
        });
  }

  /**
   * Erases entries and their media; the answer is how many entries.
   *
   * @param erased told as soon as all that it covers is erased
   */
  void erase(
      RoomId room,
      Erasure what,
      Consumer<Erasure> erased,
      Executor mailbox,
      Answer<Integer> answer) {
    new Erasing(room, what, history, blobs, writer, uploads, mailbox, erased, answer).goOn();
  }

  /** The newest page of a room's past, up to {@code last}, or to its end if that is negative. */
  void newest(RoomId room, long last, int entries, Executor mailbox, Answer<Past> answer) {
    ask(
        reads(),
        () -> {
          long end = last < 0 ? history.last(room) : last;
          return new Past(end, read(room, end + 1, entries));
        },
        mailbox,
        answer);
  }

  /** Up to a page of what is numbered below {@code before}. */
  void page(
      RoomId room, long before, int entries, Executor mailbox, Answer<List<HistoryEntry>> answer) {
    Executor executor = reads();
    if (executor == null) {
      answer(() -> read(room, before, entries), answer);
    } else {
      askInTime(executor, () -> read(room, before, entries), mailbox, answer, () -> {}, () -> {});
    }
  }

  private List<HistoryEntry> read(RoomId room, long before, int entries) throws Exception {
    return before <= 1
        ? List.of()
        : Objects.requireNonNull(
            history.read(room, before, entries, limits.pageBytes()), "the history store's answer");
  }

  /**
   * Stores media for which {@code reserved} bytes were {@link #reserve}d; they are released when
   * the store is done with them. A blob that is stored too late is removed again.
   */
  void put(
      RoomId room,
      String blob,
      BlobKind kind,
      boolean isKept,
      ByteBuffer content,
      int reserved,
      Executor mailbox,
      Answer<Void> answer) {
    askInTime(
        uploads,
        () -> {
          blobs.put(room, blob, kind, isKept, content);
          return null;
        },
        mailbox,
        answer,
        () -> release(reserved),
        () -> removeLate(room, blob));
  }

  private void removeLate(RoomId room, String blob) {
    remove(
        room,
        blob,
        Runnable::run,
        (none, failure) -> {
          if (failure != null) {
            report.accept("removing media that were stored too late", failure);
          }
        });
  }

  void remove(RoomId room, String blob, Executor mailbox, Answer<Void> answer) {
    ask(
        uploads,
        () -> {
          blobs.remove(room, blob);
          return null;
        },
        mailbox,
        answer);
  }

  /**
   * Takes a message's share of what may wait for the stores in all; false if there is not enough
   * left. The last quarter is for small messages.
   *
   * @param bytes of its content
   */
  boolean reserve(int bytes) {
    long cost = (long) MESSAGE_BYTES + bytes;
    long most = limits.waitingBytes();
    long before = waitingBytes.getAndAdd(cost);
    if (before == 0 || before + cost <= (bytes <= Inlet.LITTLE ? most : most - most / 4)) {
      return true;
    }
    waitingBytes.addAndGet(-cost);
    return false;
  }

  void release(int bytes) {
    waitingBytes.addAndGet(-(long) MESSAGE_BYTES - bytes);
  }

  /** Lets the stores do their housekeeping from now on. */
  void keepTidy() {
    if (tidying.compareAndSet(false, true)) {
      tidyAfter(TIDY_EVERY);
    }
  }

  /** A timer or threads that break their word end the housekeeping, and nothing else. */
  private void tidyAfter(Duration pause) {
    try {
      timer.after(pause, this::tidyOnThread);
    } catch (Throwable failure) {
      report.accept("waiting for the next housekeeping", failure);
    }
  }

  private void tidyOnThread() {
    try {
      uploads.execute(this::tidy);
    } catch (Throwable refused) {
      report.accept("handing housekeeping to a storage thread", refused);
      tidyAfter(TIDY_EVERY);
    }
  }

  private void tidy() {
    boolean more = tidied(history::tidy) | tidied(blobs::tidy);
    tidyAfter(more ? TIDY_SOON : TIDY_EVERY);
  }

  private boolean tidied(Callable<Boolean> step) {
    try {
      return step.call();
    } catch (Throwable failure) {
      report.accept("housekeeping in the stores", failure);
      return false;
    }
  }

  private @Nullable Executor reads() {
    return history.answersAtOnce() ? null : reads;
  }

  /**
   * @param executor null to answer at once
   */
  private <T> void ask(
      @Nullable Executor executor,
      Callable<@Nullable T> question,
      Executor mailbox,
      Answer<T> answer) {
    if (executor == null) {
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

  /**
   * Answers within {@link Limits#storeTime}, with a {@link TimeoutException} if need be.
   *
   * @param done run when the store is done, however late
   * @param tooLate run in place of an answer that came later than that
   */
  private <T> void askInTime(
      Executor executor,
      Callable<@Nullable T> question,
      Executor mailbox,
      Answer<T> answer,
      Runnable done,
      Runnable tooLate) {
    AtomicBoolean answered = new AtomicBoolean();
    Answer<T> once =
        (value, failure) -> {
          if (answered.compareAndSet(false, true)) {
            answer.accept(value, failure);
          } else if (failure == null) {
            tooLate.run();
          }
        };
    ask(
        executor,
        question,
        mailbox,
        (value, failure) -> {
          done.run();
          once.accept(value, failure);
        });
    try {
      timer.after(
          limits.storeTime(),
          () -> {
            if (!answered.get()) {
              Throwable slow = new TimeoutException("no answer within " + limits.storeTime());
              mailbox.execute(() -> once.accept(null, slow));
            }
          });
    } catch (Throwable failure) {
      report.accept("watching over a store", failure);
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
