package im.xpro.xnest.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts those who do not read what they asked for, as each holds a thread that writes: who has taken
 * nothing for a while, and of the slow ones of one address all but a few. A writing thread is
 * interrupted, which closes its channel. Time counts in looks, so it stands still while the process
 * does. Any thread.
 */
final class SlowReaders {
  private record Slow(Reader reader, int looks) {}

  private final long lookNanos;
  private final int slowAfter;
  private final int stalledAfter;
  private final int slowPerAddress;
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean watches = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor watching;

  /**
   * @param look time between two looks
   * @param slowAfter looks at the same write after which its reader is slow
   * @param stalledAfter looks at the same write after which its reader is cut
   */
  SlowReaders(Duration look, int slowAfter, int stalledAfter, int slowPerAddress) {
    this.lookNanos = look.toNanos();
    this.slowAfter = slowAfter;
    this.stalledAfter = stalledAfter;
    this.slowPerAddress = slowPerAddress;
    watching =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "xnest-slow-readers");
              thread.setDaemon(true);
              return thread;
            });
    watching.setKeepAliveTime(10, TimeUnit.SECONDS);
    watching.allowCoreThreadTimeOut(true);
  }

  /** One who is written to by this thread, until it is closed. */
  Reader watch(InetAddress address) {
    Reader reader = new Reader(address);
    readers.add(reader);
    try {
      goOn();
    } catch (Throwable noThread) {
      readers.remove(reader);
      throw noThread;
    }
    return reader;
  }

  /** Runs {@code task}, which is short, later on its thread. */
  void after(Duration delay, Runnable task) {
    watching.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void goOn() {
    if (!readers.isEmpty() && watches.compareAndSet(false, true)) {
      try {
        watching.schedule(this::look, lookNanos, TimeUnit.NANOSECONDS);
      } catch (Throwable noThread) {
        watches.set(false);
        throw noThread;
      }
    }
  }

  private void look() {
    try {
      cutWhoIsTooSlow();
    } finally {
      watches.set(false);
      goOn();
    }
  }

  private void cutWhoIsTooSlow() {
    Map<InetAddress, List<Slow>> slow = new HashMap<>();
    for (Reader reader : readers) {
      int looks = reader.look();
      if (looks >= stalledAfter) {
        reader.cut(stalledAfter);
      } else if (looks >= slowAfter) {
        slow.computeIfAbsent(reader.address, one -> new ArrayList<>()).add(new Slow(reader, looks));
      }
    }
    for (List<Slow> ofOneAddress : slow.values()) {
      ofOneAddress.stream()
          .sorted(Comparator.comparingInt(Slow::looks).reversed())
          .limit(Math.max(0, ofOneAddress.size() - slowPerAddress))
          .forEach(one -> one.reader.cut(slowAfter));
    }
  }

  /** Used by the thread that made it, but for what the watch does. */
  final class Reader implements AutoCloseable {
    private final InetAddress address;
    private final Thread writer = Thread.currentThread();

    // ---- guarded by this ----
    private boolean isWritten;
    private int looks;
    private boolean isCut;

    private Reader(InetAddress address) {
      this.address = address;
    }

    /** Something that writes, and may block. */
    interface Write {
      void run() throws IOException;
    }

    /** Writes, for as long as the reader reads. */
    void write(Write write) throws IOException {
      synchronized (this) {
        isWritten = true;
        looks = 0;
      }
      try {
        write.run();
      } finally {
        written();
      }
    }

    private synchronized void written() throws IOException {
      isWritten = false;
      if (isCut) {
        // for whatever this thread does next
        Thread.interrupted();
        throw new IOException("reads too slowly");
      }
    }

    private synchronized int look() {
      return isWritten ? ++looks : 0;
    }

    /** Unless it has read meanwhile. */
    private synchronized void cut(int least) {
      if (isWritten && looks >= least) {
        isCut = true;
        writer.interrupt();
      }
    }

    /** Writes to {@code out} so. */
    OutputStream over(OutputStream out) {
      return new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          Reader.this.write(() -> out.write(bytes, from, length));
        }

        @Override
        public void close() throws IOException {
          Reader.this.write(out::close);
        }
      };
    }

    @Override
    public void close() {
      readers.remove(this);
    }
  }
}
