package im.xpro.xnest.benchmarks;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;

/**
 * Rooms with no network: all happens within the call, and what members are offered is counted. One
 * thread.
 */
final class QuietHouse implements AutoCloseable {
  private final Xnest xnest =
      Xnest.builder()
          .limits(Limits.builder().withoutRates().build())
          .executor(Runnable::run)
          .storageExecutor(Runnable::run)
          .build();
  private long bytes;

  private final class Counting implements Outlet {
    @Override
    public boolean offer(Outgoing frames) {
      bytes += frames.framed().remaining();
      return true;
    }

    @Override
    public void close(int code, String reason) {}
  }

  Inlet enter(String room) {
    return xnest.enter(Entry.of(new RoomId(room), "Lin"), new Counting());
  }

  /** Offered to all members so far. */
  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    xnest.close();
  }
}
