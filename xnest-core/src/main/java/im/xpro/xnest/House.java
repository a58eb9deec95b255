package im.xpro.xnest;

import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.MemberId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all rooms of one {@link Xnest} share.
 *
 * @param executor runs the rooms' turns
 * @param policy null if the same holds in all rooms
 * @param blobIds each new one with at least 128 random bits
 * @param takesMedia whether media have a URL
 * @param waiting bytes of messages that wait to be done with, of all members
 */
record House(
    Limits limits,
    CommandParser parser,
    FrameWriter writer,
    InstantSource clock,
    Timer timer,
    Executor executor,
    Storage storage,
    Filters filters,
    Bots bots,
    @Nullable RoomPolicy policy,
    Tails tails,
    Sanctions sanctions,
    Supplier<MemberId> memberIds,
    Supplier<String> blobIds,
    boolean takesMedia,
    AtomicLong waiting,
    ShieldedListener listener) {
  MemberId newMember() {
    return Objects.requireNonNull(memberIds.get(), "the id made for a member");
  }

  /** The time that is {@code time} from now, however long that is. */
  Instant after(Duration time) {
    Instant now = clock.instant();
    boolean isForEver = time.compareTo(Duration.between(now, Instant.MAX)) >= 0;
    return isForEver ? Instant.MAX : now.plus(time);
  }

  /** Answers the application, whose code runs outside of any room's turn. */
  <T> void complete(CompletableFuture<T> answer, T value) {
    aside(() -> answer.complete(value));
  }

  /** As {@link #complete}, where there is no answer. */
  void fail(CompletableFuture<?> answer, Throwable why) {
    aside(() -> answer.completeExceptionally(why));
  }

  private void aside(Runnable task) {
    try {
      executor.execute(task);
    } catch (Throwable refused) {
      listener.failed("handing an answer to the application", refused);
      task.run();
    }
  }
}
