package im.xpro.xnest;

import im.xpro.xnest.Seat.Request;
import im.xpro.xnest.protocol.Command;

/** How fast one member may send (PROTOCOL section 5). Belongs to its room's mailbox. */
final class Pace {
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60_000;

  private final Bucket messages;
  private final Bucket bytes;
  private final Bucket pages;
  private final Bucket uploads;
  private final long patience;

  Pace(Limits limits, long now) {
    messages = new Bucket(limits.messageRate(), SECOND, limits.messageBurst(), now);
    bytes = new Bucket(limits.byteRate(), SECOND, limits.byteBurst(), now);
    pages = new Bucket(limits.historyRate(), SECOND, limits.historyBurst(), now);
    uploads = new Bucket(limits.uploadRate(), MINUTE, limits.uploadRate(), now);
    patience = limits.rateTime().toMillis();
  }

  /**
   * Counts a request if it may be answered now.
   *
   * @return 0 if so; else for how many milliseconds it is to wait
   */
  long take(Request request, long now) {
    boolean isPage = request.command() instanceof Command.FetchHistory;
    long wait = Math.max(messages.waitFor(1, now), bytes.waitFor(request.bytes(), now));
    if (isPage) {
      wait = Math.max(wait, pages.waitFor(1, now));
    }
    if (wait == 0) {
      messages.spend(1);
      bytes.spend(request.bytes());
      if (isPage) {
        pages.spend(1);
      }
    }
    return wait;
  }

  /**
   * Whether its sender, of whom {@code request} has to wait, has been too fast for too long. Who
   * sends an album at the speed of a good line has not: its media are bounded by themselves.
   */
  boolean isTooMuch(Request request, long now) {
    return !(request.command() instanceof Command.Share)
        && (messages.waitFor(1, now) > 0 && messages.lacking() >= patience
            || bytes.waitFor(request.bytes(), now) > 0 && bytes.lacking() >= patience);
  }

  /** Counts an upload if it may be taken now. */
  boolean takeUpload(long now) {
    if (uploads.waitFor(1, now) > 0) {
      return false;
    }
    uploads.spend(1);
    return true;
  }
}
