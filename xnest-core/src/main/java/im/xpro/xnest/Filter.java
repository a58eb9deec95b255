package im.xpro.xnest;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The application's own rule of what may be published: a word filter, a spam check, an audit. Sees
 * each text, private, media and rename of every member and bot, in the order in which the member
 * sent them. Several are asked one after the other, each seeing what the one before has made of it.
 *
 * <pre>{@code
 * Filter polite = Filter.of(draft -> draft.text().contains("damn")
 *     ? draft.withText(draft.text().replace("damn", "****"))
 *     : draft.pass());
 * }</pre>
 */
@FunctionalInterface
public interface Filter {
  /**
   * Judges {@code draft}, whose media are read-only. Called within the room's turn, so it must not
   * block; those of other rooms are judged side by side. It may take its time by completing later,
   * on any thread, within {@link Limits#filterTime}: that holds up this member and nobody else. If
   * it throws, fails, is too late, or changes a draft into something of another kind or beyond the
   * limits, the draft is refused, and that is reported.
   */
  CompletionStage<Verdict> judge(Draft draft);

  /** One that answers at once. */
  static Filter of(Function<Draft, Verdict> rule) {
    Objects.requireNonNull(rule, "rule");
    return draft -> CompletableFuture.completedStage(rule.apply(draft));
  }

  /**
   * One that may block: it is asked on {@code executor}. One that is too late is not interrupted.
   */
  static Filter blocking(Function<Draft, Verdict> rule, Executor executor) {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(executor, "executor");
    return draft -> CompletableFuture.supplyAsync(() -> rule.apply(draft), executor);
  }
}
