package im.xpro.xnest;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The application's own rule of who may enter, and as whom: a login, a ban list. Asked once per
 * handshake, of entries side by side.
 *
 * <pre>{@code
 * Admission guarded = Admission.of(entry -> "open sesame".equals(entry.parameter("word"))
 *     ? Decision.accept(entry)
 *     : Decision.refuse(403, "say the word"));
 * }</pre>
 */
@FunctionalInterface
public interface Admission {
  /**
   * Accepts or refuses {@code entry}, whose nickname is set; what it accepts may have another
   * nickname and a {@link Grant}. Called on the transport's thread, so it must not block; it may
   * take its time by completing later, on any thread, within {@link Limits#admissionTime}. If it is
   * too late the handshake is refused with 503; if it throws, fails, or gives a nickname beyond the
   * limits, with 500. Both are reported.
   */
  CompletionStage<Decision> decide(Entry entry);

  /** Asks {@code next} too, of what this accepts and as this has changed it. */
  default Admission and(Admission next) {
    Objects.requireNonNull(next, "next");
    return entry ->
        decide(entry)
            .thenCompose(
                decision ->
                    decision instanceof Decision.Accepted accepted
                        ? next.decide(accepted.entry())
                        : CompletableFuture.completedStage(decision));
  }

  /** Everybody may enter. */
  static Admission open() {
    return of(Decision::accept);
  }

  /** One that answers at once. */
  static Admission of(Function<Entry, Decision> rule) {
    Objects.requireNonNull(rule, "rule");
    return entry -> CompletableFuture.completedStage(rule.apply(entry));
  }

  /**
   * One that may block: it is asked on {@code executor}. One that is too late is not interrupted.
   */
  static Admission blocking(Function<Entry, Decision> rule, Executor executor) {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(executor, "executor");
    return entry -> CompletableFuture.supplyAsync(() -> rule.apply(entry), executor);
  }
}
