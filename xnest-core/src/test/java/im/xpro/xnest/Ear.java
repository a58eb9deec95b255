package im.xpro.xnest;

import im.xpro.xnest.protocol.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An outlet that remembers what it takes, for tests with threads. Any thread. */
class Ear implements Outlet {
  private static final long PATIENCE_SECONDS = 30;

  // ---- guarded by this ----
  private final List<Frame> frames = new ArrayList<>();
  private int closeCode;
  private int closings;

  @Override
  public boolean offer(Outgoing more) {
    synchronized (this) {
      frames.addAll(more.frames());
      notifyAll();
      return true;
    }
  }

  @Override
  public synchronized void close(int code, String reason) {
    closeCode = code;
    closings++;
    notifyAll();
  }

  /** All that it took so far. */
  final synchronized List<Frame> frames() {
    return List.copyOf(frames);
  }

  /** 0 if it was not closed. */
  final synchronized int closeCode() {
    return closeCode;
  }

  /** How often it was closed. */
  final synchronized int closings() {
    return closings;
  }

  /** Waits until it has taken what {@code enough} asks for. */
  final synchronized List<Frame> await(Predicate<List<Frame>> enough) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!enough.test(frames)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(
            "not heard in " + PATIENCE_SECONDS + " s, but " + Heard.words(frames));
      }
      wait(left);
    }
    return List.copyOf(frames);
  }
}
