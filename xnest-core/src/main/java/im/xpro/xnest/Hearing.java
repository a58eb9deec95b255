package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.MemberId;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bot's way out of a room: what it hears waits here, and is run on the bots' threads, one task at
 * a time. Costs the room an enqueue, whatever the bot does.
 *
 * <p>No {@link Mailbox}, which never leaves a task waiting: the calling thread would run it, and
 * here that is the room.
 */
final class Hearing implements Outlet, Executor {
  private static final int TASKS_PER_TURN = 64;

  private final MemberId own;
  private final String who;
  private final Executor threads;
  private final House house;

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** The threads have refused it, and that was reported. */
  private final AtomicBoolean refused = new AtomicBoolean();

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();

  /** Frames are missed, until none waits any more. */
  private final AtomicBoolean missing = new AtomicBoolean();

  private final AtomicReference<@Nullable CompletableFuture<List<Participant>>> asked =
      new AtomicReference<>();

  /** Belongs to the tasks. */
  private Consumer<Frame> bot = frame -> {};

  /**
   * @param who for reports
   */
  Hearing(MemberId own, String who, Executor threads, House house) {
    this.own = own;
    this.who = who;
    this.threads = threads;
    this.house = house;
  }

  void begin(Bot entering, Voice voice) {
    execute(() -> bot = Objects.requireNonNull(entering.enter(voice), "the bot's consumer"));
  }

  @Override
  public boolean offer(Outgoing frames) {
    for (int i = 0; i < frames.frames().size(); i++) {
      Frame frame = frames.frames().get(i);
      if (!frame.from().equals(own) || frame.event() instanceof Event.Failed) {
        hear(frame, frames.texts().get(i).length());
      }
    }
    return true;
  }

  @Override
  public void close(int code, String reason) {}

  private void hear(Frame frame, int size) {
    Limits limits = house.limits();
    int before = waiting.get();
    boolean isTooMuch =
        before >= limits.botBacklog()
            || before > 0 && waitingBytes.get() + size > limits.outboxBytes();
    if (isTooMuch) {
      if (missing.compareAndSet(false, true)) {
        report(
            "handing frames to",
            new IllegalStateException("it is too slow and misses some: " + before + " wait"));
      }
      return;
    }
    waiting.incrementAndGet();
    waitingBytes.addAndGet(size);
    execute(
        () -> {
          waitingBytes.addAndGet(-size);
          if (waiting.decrementAndGet() == 0) {
            missing.set(false);
          }
          bot.accept(frame);
        });
  }

  /** Asks the room once for all who ask before it answers. */
  CompletionStage<List<Participant>> participants(Room room, Seat seat) {
    CompletableFuture<List<Participant>> answer = new CompletableFuture<>();
    CompletableFuture<List<Participant>> before = asked.compareAndExchange(null, answer);
    if (before != null) {
      return before.minimalCompletionStage();
    }
    room.participants(
        seat,
        there -> {
          asked.set(null);
          execute(() -> answer.complete(there));
        });
    return answer.minimalCompletionStage();
  }

  /** Runs {@code task} behind all that waits. Any thread. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    schedule();
  }

  private void schedule() {
    if (!tasks.isEmpty() && scheduled.compareAndSet(false, true)) {
      try {
        threads.execute(this::turn);
        refused.set(false);
      } catch (Throwable refusal) {
        scheduled.set(false);
        if (refused.compareAndSet(false, true)) {
          report("handing frames to", refusal);
        }
      }
    }
  }

  private void turn() {
    Runnable task;
    for (int left = TASKS_PER_TURN; left > 0 && (task = tasks.poll()) != null; left--) {
      try {
        task.run();
      } catch (Throwable failure) {
        report("running", failure);
      }
    }
    scheduled.set(false);
    schedule();
  }

  /**
   * @param doing what was being done, up to {@code who}
   */
  void report(String doing, Throwable cause) {
    house.listener().failed(doing + " " + who, cause);
  }
}
