package im.xpro.xnest;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
import im.xpro.xnest.history.HistoryStore.UnreachableException;
import im.xpro.xnest.protocol.HistoryEntry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Appends what rooms hand in, one append at a time: what waits, of all rooms, goes into one (group
 * commit), as far as it is no longer a wait for rooms in which little is said. A room has one batch
 * here at most, so what waits is bounded by the rooms' own limits.
 *
 * <pre>
 *   append -> kept
 *          -> known not to be kept ------------------------------------> lost
 *          -> unknown: the same batch again, room by room, with pauses -> kept or lost
 * </pre>
 *
 * <p>Room by room, so that one room's fault stays there. Where the store is not reached at all,
 * that would only be a long wait: all that was never tried is then lost at once, and the rest comes
 * again after a pause.
 */
final class HistoryWriter {
  /** What became of a batch. */
  enum Outcome {
    KEPT,
    LOST,
    /** Lost, and so will be all that follows: another writer numbers the same room. */
    CONFLICT
  }

  /** One room's numbered entries, and who waits to hear what became of them. */
  static final class Batch {
    final List<HistoryEntry> entries;
    private final int bytes;
    private final Consumer<Outcome> then;

    /** After some earlier append it is perhaps kept. */
    private boolean isPerhapsKept;

    private int pauses;

    /**
     * @param bytes of what is said in the entries
     * @param then called once, on a storage thread, or within {@link HistoryWriter#append} if the
     *     store answers at once
     */
    Batch(List<HistoryEntry> entries, int bytes, Consumer<Outcome> then) {
      this.entries = entries;
      this.bytes = bytes;
      this.then = then;
    }
  }

  /** Entries in one append; more only by what one room has. */
  private static final int ENTRIES_PER_APPEND = 2_000;

  /** The same for bytes of those who say much: all others wait for it. */
  private static final int BYTES_PER_APPEND = 1 << 20;

  /** A batch of more lets smaller ones go first; in each append there is one of more, too. */
  private static final int LIGHT_BYTES = 16 << 10;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int DOUBLINGS = 6;

  private final HistoryStore store;
  private final Executor executor;
  private final Timer timer;
  private final XnestListener listener;

  private final Queue<Batch> light = new ConcurrentLinkedQueue<>();
  private final Queue<Batch> heavy = new ConcurrentLinkedQueue<>();

  /** Each is run between two appends. */
  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean scheduled = new AtomicBoolean();

  HistoryWriter(HistoryStore store, Executor executor, Timer timer, XnestListener listener) {
    this.store = store;
    this.executor = executor;
    this.timer = timer;
    this.listener = listener;
  }

  /** Any thread; never blocks. */
  void append(Batch batch) {
    if (store.answersAtOnce()) {
      appendAlone(batch);
      return;
    }
    (batch.bytes > LIGHT_BYTES ? heavy : light).add(batch);
    schedule();
  }

  /**
   * Runs {@code step}, which asks the store for something short, never beside an append or another
   * step. Any thread; blocks only if the store answers at once.
   */
  void between(Runnable step) {
    if (store.answersAtOnce()) {
      step.run();
      return;
    }
    steps.add(step);
    schedule();
  }

  private void schedule() {
    boolean isNeeded = !light.isEmpty() || !heavy.isEmpty() || !steps.isEmpty();
    if (isNeeded && scheduled.compareAndSet(false, true)) {
      try {
        executor.execute(this::turn);
      } catch (Throwable refused) {
        scheduled.set(false);
        listener.failed("handing messages to the storage thread", refused);
        timer.after(FIRST_PAUSE, this::schedule);
      }
    }
  }

  private void turn() {
    try {
      appendWhatWaits();
      Runnable step = steps.poll();
      if (step != null) {
        step.run();
      }
    } finally {
      scheduled.set(false);
      schedule();
    }
  }

  private void appendWhatWaits() {
    List<Batch> batches = new ArrayList<>();
    List<HistoryEntry> entries = new ArrayList<>();
    Batch next;
    while (entries.size() < ENTRIES_PER_APPEND && (next = light.poll()) != null) {
      batches.add(next);
      entries.addAll(next.entries);
    }
    int bytes = 0;
    boolean full = false;
    while (!full && (next = heavy.poll()) != null) {
      batches.add(next);
      entries.addAll(next.entries);
      bytes += next.bytes;
      full = bytes >= BYTES_PER_APPEND || entries.size() >= ENTRIES_PER_APPEND;
    }
    appendTogether(batches, entries);
  }

  private void appendTogether(List<Batch> batches, List<HistoryEntry> entries) {
    if (batches.size() <= 1) {
      batches.forEach(this::appendAlone);
      return;
    }
    try {
      keep(entries);
    } catch (Throwable failure) {
      listener.failed("appending messages of " + batches.size() + " rooms", failure);
      boolean isReached = note(failure, batches);
      for (Batch batch : batches) {
        if (isReached) {
          isReached = appendAlone(batch);
        } else {
          giveUp(batch);
        }
      }
      return;
    }
    batches.forEach(batch -> batch.then.accept(Outcome.KEPT));
  }

  /** False if the store was not reached. */
  private boolean appendAlone(Batch batch) {
    try {
      keep(batch.entries);
    } catch (Throwable failure) {
      listener.failed("appending messages of room '" + batch.entries.get(0).room() + "'", failure);
      boolean isReached = note(failure, List.of(batch));
      if (failure instanceof NotKeptException) {
        boolean conflict = failure instanceof ConflictException;
        batch.then.accept(conflict ? Outcome.CONFLICT : Outcome.LOST);
      } else {
        giveUp(batch);
      }
      return isReached;
    }
    batch.then.accept(Outcome.KEPT);
    return true;
  }

  /** False if the store was not reached; else the outcome is unknown, unless it says otherwise. */
  private static boolean note(Throwable failure, List<Batch> batches) {
    boolean isReached = !(failure instanceof UnreachableException);
    if (isReached && !(failure instanceof NotKeptException)) {
      batches.forEach(batch -> batch.isPerhapsKept = true);
    }
    return isReached;
  }

  /** Until after a pause, if the batch is perhaps kept. */
  private void giveUp(Batch batch) {
    if (batch.isPerhapsKept) {
      int doublings = Math.min(batch.pauses++, DOUBLINGS);
      timer.after(FIRST_PAUSE.multipliedBy(1L << doublings), () -> append(batch));
    } else {
      batch.then.accept(Outcome.LOST);
    }
  }

  private void keep(List<HistoryEntry> entries) throws IOException {
    listener.appending(entries.size());
    long began = System.nanoTime();
    boolean kept = false;
    try {
      store.append(entries);
      kept = true;
    } finally {
      listener.appended(entries.size(), Duration.ofNanos(System.nanoTime() - began), kept);
    }
  }
}
