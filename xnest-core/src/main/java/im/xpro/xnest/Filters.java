package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks the filters one after the other, and keeps their faults away from the room. Any thread. */
final class Filters {
  static final Verdict FAILED = new Verdict.Refused("the message could not be checked");

  private final List<Filter> filters;
  private final Limits limits;
  private final Timer timer;
  private final BiConsumer<String, Throwable> report;

  Filters(List<Filter> filters, Limits limits, Timer timer, BiConsumer<String, Throwable> report) {
    this.filters = List.copyOf(filters);
    this.limits = limits;
    this.timer = timer;
    this.report = report;
  }

  boolean isEmpty() {
    return filters.isEmpty();
  }

  /**
   * Judges within this call if all filters answer at once, else later in {@code mailbox}, where
   * {@code afterwards} follows. Filters behind one that answers later are asked in the mailbox too.
   */
  void judge(Draft draft, Executor mailbox, Consumer<Verdict> then, Runnable afterwards) {
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Verdict> verdict = judge(0, Verdict.PASSED, draft, mailbox, isOver);
    if (verdict.isDone()) {
      then.accept(verdict.join());
      return;
    }
    watch(verdict, isOver, draft.room());
    verdict.thenAccept(
        answer ->
            mailbox.execute(
                () -> {
                  then.accept(answer);
                  afterwards.run();
                }));
  }

  /** The timer holds on to this for its time, so there must be nothing of the draft in it. */
  private void watch(CompletableFuture<Verdict> verdict, AtomicBoolean isOver, RoomId room) {
    try {
      timer.after(
          limits.filterTime(),
          () -> {
            if (verdict.complete(FAILED)) {
              isOver.set(true);
              report.accept(
                  "asking the filters of room '" + room + "'",
                  new TimeoutException("no answer within " + limits.filterTime()));
            }
          });
    } catch (Throwable failure) {
      report.accept("watching over the filters", failure);
    }
  }

  /**
   * @param isOver the verdict is given already, and it is {@link #FAILED}
   */
  private CompletableFuture<Verdict> judge(
      int next, Verdict before, Draft draft, Executor mailbox, AtomicBoolean isOver) {
    if (next == filters.size()) {
      return CompletableFuture.completedFuture(before);
    }
    CompletableFuture<Verdict> answer = ask(filters.get(next), draft);
    Function<Verdict, CompletionStage<Verdict>> goOn =
        verdict -> {
          if (isOver.get()) {
            return CompletableFuture.completedFuture(FAILED);
          }
          if (verdict instanceof Verdict.Refused) {
            return CompletableFuture.completedFuture(verdict);
          }
          return verdict instanceof Verdict.Changed changed
              ? judge(
                  next + 1,
                  changed,
                  new Draft(draft.room(), draft.sender(), changed.command()),
                  mailbox,
                  isOver)
              : judge(next + 1, before, draft, mailbox, isOver);
        };
    return answer.isDone() ? answer.thenCompose(goOn) : answer.thenComposeAsync(goOn, mailbox);
  }

  /** Never fails. */
  private CompletableFuture<Verdict> ask(Filter filter, Draft draft) {
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    Draft own = new Draft(draft.room(), draft.sender(), readOnly(draft.command()));
    try {
      Objects.requireNonNull(filter.judge(own), "the filter's answer")
          .whenComplete((given, failure) -> verdict.complete(checked(given, failure, draft)));
    } catch (Throwable failure) {
      verdict.complete(checked(null, failure, draft));
    }
    return verdict;
  }

  /** So that no filter moves what others read, or changes it unseen. */
  private static Command readOnly(Command command) {
    return command instanceof Command.Share share
        ? new Command.Share(share.kind(), share.content().asReadOnlyBuffer())
        : command;
  }

  private Verdict checked(@Nullable Verdict given, @Nullable Throwable failure, Draft draft) {
    try {
      if (failure != null) {
        throw failure;
      }
      Objects.requireNonNull(given, "the filter's answer");
      return given instanceof Verdict.Changed changed
          ? new Verdict.Changed(readOnly(checked(changed.command(), draft.command())))
          : given;
    } catch (Throwable wrong) {
      report.accept("asking a filter of room '" + draft.room() + "'", Threads.cause(wrong));
      return FAILED;
    }
  }

  private Command checked(Command changed, Command from) {
    if (changed.getClass() != from.getClass()) {
      throw new IllegalArgumentException(
          "a filter has made a "
              + changed.getClass().getSimpleName()
              + " of a "
              + from.getClass().getSimpleName());
    }
    if (changed instanceof Command.Rename rename) {
      String cleaned = Nicknames.clean(rename.nickname());
      if (cleaned.isEmpty() || Nicknames.characters(cleaned) > limits.maxNicknameCharacters()) {
        throw new IllegalArgumentException("a filter has made the nickname blank or too long");
      }
      return new Command.Rename(cleaned);
    }
    int bytes = bytes(changed);
    if (changed instanceof Command.Share share) {
      Objects.requireNonNull(share.kind(), "the kind of the media");
      if (bytes == 0) {
        throw new IllegalArgumentException("a filter has left nothing of the media");
      }
    }
    int max = changed instanceof Command.Share ? limits.maxBinaryBytes() : limits.maxTextBytes();
    if (bytes > max) {
      throw new IllegalArgumentException("a filter has made " + bytes + " bytes, may have " + max);
    }
    return changed;
  }

  private static int bytes(Command command) {
    if (command instanceof Command.Share share) {
      return share.content().remaining();
    }
    String text =
        command instanceof Command.Say say ? say.text() : ((Command.Whisper) command).text();
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
