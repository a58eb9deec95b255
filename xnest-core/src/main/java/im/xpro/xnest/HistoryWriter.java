package im.xpro.xnest;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
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
import org.jspecify.annotations.Nullable;

/**
 * Appends what rooms hand in, one append at a time: everything that waits, of all rooms, goes into
 * one (group commit). A room has one batch here at most, so what waits is bounded by the rooms' own
 * limits.
 *
 * <pre>
 *   append -> kept
 *          -> known not to be kept ------------------------------------> lost
 *          -> unknown: the same batch again, room by room, with pauses -> kept or lost
 * </pre>
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
    private final Consumer<Outcome> then;
    private int failures;

    /**
     * @param then called once, on a storage thread, or within {@link HistoryWriter#append} if the
     *     store answers at once
     */
    Batch(List<HistoryEntry> entries, Consumer<Outcome> then) {
      this.entries = entries;
      this.then = then;
    }
  }

  /** Entries in one append; more only if one room alone has more. */
  private static final int ENTRIES_PER_APPEND = 2_000;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int DOUBLINGS = 6;

  private final HistoryStore store;
  private final Executor executor;
  private final Timer timer;
  private final XnestListener listener;

  private final Queue<Batch> waiting = new ConcurrentLinkedQueue<>();

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
    waiting.add(batch);
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
    boolean isNeeded = !waiting.isEmpty() || !steps.isEmpty();
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
    while (entries.size() < ENTRIES_PER_APPEND) {
      Batch batch = waiting.poll();
      if (batch == null) {
        break;
      }
      batches.add(batch);
      entries.addAll(batch.entries);
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
    } catch (Throwable oneRoomsFaultPerhaps) {
      listener.failed("appending messages of " + batches.size() + " rooms", oneRoomsFaultPerhaps);
      batches.forEach(this::appendAlone);
      return;
    }
    batches.forEach(batch -> batch.then.accept(Outcome.KEPT));
  }

  private void appendAlone(Batch batch) {
    Outcome outcome;
    try {
      keep(batch.entries);
      outcome = Outcome.KEPT;
    } catch (Throwable failure) {
      listener.failed("appending messages of room '" + batch.entries.get(0).room() + "'", failure);
      outcome = outcomeOf(failure);
    }
    if (outcome != null) {
      batch.then.accept(outcome);
    } else {
      int doublings = Math.min(batch.failures++, DOUBLINGS);
      timer.after(FIRST_PAUSE.multipliedBy(1L << doublings), () -> append(batch));
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

  /** Null if it is not known. */
  private static @Nullable Outcome outcomeOf(Throwable failure) {
    if (failure instanceof ConflictException) {
      return Outcome.CONFLICT;
    }
    return failure instanceof NotKeptException ? Outcome.LOST : null;
  }
}
