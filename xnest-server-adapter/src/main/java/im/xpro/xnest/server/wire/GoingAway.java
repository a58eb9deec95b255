package im.xpro.xnest.server.wire;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** How the connections of a server end together. */
public final class GoingAway {
  /** How long peers may take at most to end their side. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How much longer than it says the house may take to let its members go. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private GoingAway() {}

  /**
   * Lets all members go, each once it has heard what became of its words, gives peers {@link
   * Limits#closeTime}, but 2 s at most, to end their side, then cuts who is left. Blocks until
   * then, or until its thread is interrupted, which then still is.
   *
   * @param all those that have not gone; who is added now is refused
   */
  public static void of(Collection<? extends Leaver> all, Xnest xnest) {
    long time = xnest.limits().closeTime().toNanos();
    try {
      xnest.dismiss(all.stream().map(Leaver::goAway).filter(Objects::nonNull).toList());
      await(() -> all.stream().noneMatch(Leaver::isOpen), time + GRACE_NANOS);
      all.forEach(Leaver::goAwayNow);
      await(all::isEmpty, Math.min(time, MOST_NANOS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      all.forEach(Leaver::cut);
    }
  }

  private static void await(BooleanSupplier done, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (!done.getAsBoolean() && System.nanoTime() < deadline) {
      TimeUnit.NANOSECONDS.sleep(LOOK_NANOS);
    }
  }
}
