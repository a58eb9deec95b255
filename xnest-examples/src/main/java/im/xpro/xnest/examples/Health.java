package im.xpro.xnest.examples;

import im.xpro.xnest.XnestListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Whether the server can take members, as far as its history store has shown. Any thread. */
final class Health implements XnestListener {
  /** How long a failed append counts if no other shows that the store is well again. */
  private static final Duration FAILURE_COUNTS = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final Duration storeTime;
  private volatile @Nullable Instant appendingSince;
  private volatile @Nullable Instant failedAt;
  private volatile boolean closing;

  /**
   * @param storeTime how long an append may take
   */
  Health(InstantSource clock, Duration storeTime) {
    this.clock = clock;
    this.storeTime = storeTime;
  }

  @Override
  public void appending(int entries) {
    appendingSince = clock.instant();
  }

  @Override
  public void appended(int entries, Duration took, boolean kept) {
    appendingSince = null;
    failedAt = kept ? null : clock.instant();
  }

  /** The server is going away. */
  void close() {
    closing = true;
  }

  /** Why it should not be sent anybody, null if it is well. */
  @Nullable String problem() {
    if (closing) {
      return "the server is going away";
    }
    if (isOver(appendingSince, storeTime)) {
      return "an append to the history has been running for more than "
          + storeTime.toSeconds()
          + " s";
    }
    Instant failed = failedAt;
    return failed == null || isOver(failed, FAILURE_COUNTS)
        ? null
        : "the last append to the history has failed";
  }

  private boolean isOver(@Nullable Instant since, Duration time) {
    return since != null && since.plus(time).isBefore(clock.instant());
  }
}
