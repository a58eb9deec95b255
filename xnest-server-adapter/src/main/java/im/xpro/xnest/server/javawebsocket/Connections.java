package im.xpro.xnest.server.javawebsocket;

import com.sun.management.UnixOperatingSystemMXBean;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.wire.Addresses;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.GoingAway;
import im.xpro.xnest.server.wire.Outboxes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All chat connections of one server: how many there may be, what they share, and the sweep that
 * watches over their times. Any thread.
 */
final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  /** Descriptors that are left for the rest of the process, where there are many. */
  private static final long SPARE_DESCRIPTORS = 100;

  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** How long its threads may take at most to end what they are at when it closes. */
  private static final long LAST_TASK_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long a thread waits for more to compute. */
  private static final long SPARE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long TOLD_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Xnest xnest;
  private final Gateway gateway;
  private final boolean passesOn;
  private final @Nullable SSLContext tls;
  private final Budget unfinished;
  private final Outboxes outboxes;
  private final long most;
  private final Set<Connection> all = ConcurrentHashMap.newKeySet();
  private final Addresses addresses;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicLong toldAt = new AtomicLong(-TOLD_NANOS);
  private final AtomicBoolean relieving = new AtomicBoolean();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ScheduledThreadPoolExecutor threads;

  /** For handshakes of TLS: as many at once as leave half of the machine to those who chat. */
  private final ThreadPoolExecutor computing;

  private long sweptAt = System.nanoTime();
  private volatile long now = 1;

  /**
   * @param passesOn whether requests for other paths are the application's
   * @param tls null for connections in the clear
   */
  Connections(Xnest xnest, Gateway gateway, boolean passesOn, @Nullable SSLContext tls) {
    this.xnest = xnest;
    this.gateway = gateway;
    this.passesOn = passesOn;
    this.tls = tls;
    Limits limits = xnest.limits();
    long message = Math.max(limits.maxTextBytes(), limits.maxBinaryBytes());
    this.unfinished =
        new Budget(Math.max(limits.unfinishedBytes(), 2 * message), message, this::relieveSoon);
    long waiting = limits.allOutboxBytes();
    this.outboxes = new Outboxes(new Budget(waiting, waiting / 4, this::relieveSoon));
    this.most = Math.min(limits.connections(), connectionsWith(descriptors()));
    this.addresses = new Addresses(limits.connectionsPerAddress());
    this.threads =
        new ScheduledThreadPoolExecutor(
            2, named("xnest-sweep"), new ThreadPoolExecutor.DiscardPolicy());
    int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.computing =
        new ThreadPoolExecutor(
            half,
            half,
            SPARE_NANOS,
            TimeUnit.NANOSECONDS,
            new LinkedBlockingQueue<>(),
            named("xnest-tls"),
            new ThreadPoolExecutor.DiscardPolicy());
    computing.allowCoreThreadTimeOut(true);
    repeat(this::sweep, SWEEP_NANOS);
  }

  private static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? Math.min(unix.getMaxFileDescriptorCount(), Integer.MAX_VALUE)
        : Integer.MAX_VALUE;
  }

  /** Four fifths, but for some to spare; where there are few, a quarter. */
  static long connectionsWith(long descriptors) {
    return Math.max(descriptors * 8 / 10 - SPARE_DESCRIPTORS, descriptors / 4);
  }

  Xnest xnest() {
    return xnest;
  }

  Limits limits() {
    return xnest.limits();
  }

  Gateway gateway() {
    return gateway;
  }

  boolean passesOn() {
    return passesOn;
  }

  Stream<Connection> all() {
    return all.stream();
  }

  Budget unfinished() {
    return unfinished;
  }

  boolean isSecure() {
    return tls != null;
  }

  Link link(
      SocketChannel channel, SelectionKey key, Connection connection, Budget.Share unfinished) {
    Tls secure = tls == null ? null : new Tls(channel, tls, unfinished);
    return new Link(channel, secure, key, connection, limits(), outboxes, this::now, computing);
  }

  /** Goes on with what others have woken; its tasks are short. */
  Executor executor() {
    return threads;
  }

  boolean isClosing() {
    return closing.get();
  }

  /**
   * The time in nanoseconds, as the sweep has lived it: it stands still while the process does, so
   * that nobody is cut for a silence that was ours.
   */
  long now() {
    return now;
  }

  /** Does {@code task} again and again until this closes. */
  void repeat(Runnable task, long everyNanos) {
    Runnable shielded =
        () -> {
          try {
            task.run();
          } catch (Throwable failure) {
            xnest.listener().failed("watching over connections", failure);
          }
        };
    threads.scheduleWithFixedDelay(shielded, everyNanos, everyNanos, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    long read = System.nanoTime();
    now += Math.min(read - sweptAt, 4 * SWEEP_NANOS);
    sweptAt = read;
    all.forEach(Connection::tick);
    relieve();
  }

  private void relieveSoon() {
    if (!relieving.getAndSet(true)) {
      threads.execute(this::relieve);
    }
  }

  private synchronized void relieve() {
    relieving.set(false);
    unfinished.makeRoom(all.stream());
    outboxes.makeRoom(all.stream(), one -> one.link().kept(), Connection::shed);
  }

  /**
   * Takes a connection on.
   *
   * @throws IOException if there are too many; the library then closes this socket and no other
   */
  Connection accept(ChatSocket socket, SocketChannel channel, SelectionKey key) throws IOException {
    if (all.size() >= most || handshakes.get() >= limits().pendingHandshakes()) {
      tellOfRefusals();
      throw new IOException("too many connections");
    }
    Connection connection = new Connection(this, socket, channel, key);
    if (!addresses.take(connection.address())) {
      throw new IOException("too many connections of one address");
    }
    socket.serve(connection);
    handshakes.incrementAndGet();
    all.add(connection);
    if (isClosing()) {
      connection.gone();
      throw new IOException("the server is going away");
    }
    return connection;
  }

  /** Once a minute at most: whoever is refused may come again at once. */
  private void tellOfRefusals() {
    long last = toldAt.get();
    if (now - last > TOLD_NANOS && toldAt.compareAndSet(last, now)) {
      log.warn(
          "refuses connections: {} are open, of {}, and {} have not shaken hands",
          all.size(),
          most,
          handshakes);
    }
  }

  /** A selector has read bytes: the how manieth time that is. */
  long countRead() {
    return reads.incrementAndGet();
  }

  /** How often selectors have read bytes. */
  long reads() {
    return reads.get();
  }

  void handshakeEnded() {
    handshakes.decrementAndGet();
  }

  void remove(Connection connection) {
    if (all.remove(connection)) {
      addresses.release(connection.address());
    }
  }

  /** Whether none of them was accepted by {@code server}. */
  boolean noneOf(Object server) {
    return all.stream().noneMatch(connection -> connection.server() == server);
  }

  /**
   * Refuses who comes, lets all members go with 1001, each once it has heard what became of its
   * words, gives peers {@link Limits#closeTime}, but 2 s at most, to end their side, then cuts who
   * is left. Blocks until then, also when called again.
   *
   * @param first done when it is known that this closes
   */
  void close(Runnable first) {
    try {
      if (closing.compareAndSet(false, true)) {
        try {
          first.run();
          GoingAway.of(all, xnest);
        } finally {
          threads.shutdown();
          computing.shutdown();
          closed.countDown();
        }
        threads.awaitTermination(LAST_TASK_NANOS, TimeUnit.NANOSECONDS);
        computing.awaitTermination(LAST_TASK_NANOS, TimeUnit.NANOSECONDS);
      }
      closed.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
