package im.xpro.xnest;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The application's own rule of who may enter: a login, a ban list. Asked once per handshake, on
 * the transport's thread, so it must not block; it may take its time by completing later, on any
 * thread, within {@link Limits#admissionTime}.
 */
@FunctionalInterface
public interface Admission {
  /**
   * Accepts or refuses {@code entry}, whose nickname is set. If this throws, fails or is too late,
   * the handshake is refused with 500 or 503, and reported.
   */
  CompletionStage<Decision> decide(Entry entry);

  /** Everybody may enter. */
  static Admission open() {
    return entry -> CompletableFuture.completedStage(new Decision.Accepted(entry));
  }
}
