package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.wire.Addresses;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.GoingAway;
import im.xpro.xnest.server.wire.Outboxes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** All connections of a filter, and what watches over them. Any thread. */
final class Connections {
  private static final long SWEEP_MILLIS = 250;

  /** Containers may block for a peer that does not read, when they ping or close. */
  private static final int THREADS = 8;

  /** Of the container's own threads; Tomcat has 200 if not told otherwise. */
  private static final int TOGETHER_AT_ONCE = 8;

  private final Xnest xnest;
  private final Set<Connection> all = ConcurrentHashMap.newKeySet();
  private final Addresses addresses;
  private final Budget unfinished;
  private final Outboxes outboxes;
  private final AtomicBoolean relieving = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor sweeps;
  private final ThreadPoolExecutor blocking;
  private final ThreadPoolExecutor pinging;
  private final Semaphore togetherNow = new Semaphore(TOGETHER_AT_ONCE);
  private volatile boolean closing;

  Connections(Xnest xnest) {
    this.xnest = xnest;
    Limits limits = xnest.limits();
    addresses = new Addresses(limits.connectionsPerAddress());
    long message = Math.max(limits.maxTextBytes(), limits.maxBinaryBytes());
    unfinished =
        new Budget(Math.max(limits.unfinishedBytes(), 2 * message), message, this::relieveSoon);
    long waiting = limits.allOutboxBytes();
    outboxes = new Outboxes(new Budget(waiting, waiting / 4, this::relieveSoon));
    sweeps =
        new ScheduledThreadPoolExecutor(
            1, named("xnest-sweep"), new ThreadPoolExecutor.DiscardPolicy());
    blocking = threads("xnest-close");
    pinging = threads("xnest-ping");
    sweeps.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static ThreadPoolExecutor threads(String name) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named(name),
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  Xnest xnest() {
    return xnest;
  }

  Limits limits() {
    return xnest.limits();
  }

  Budget unfinished() {
    return unfinished;
  }

  Outboxes outboxes() {
    return outboxes;
  }

  /** Runs what may block for a peer that does not read. */
  Executor blocking() {
    return blocking;
  }

  /** Runs what seldom blocks, apart from what does, so that nobody waits for a ping. */
  Executor pinging() {
    return pinging;
  }

  /** Taken by who may block a thread of the container's. */
  Semaphore togetherNow() {
    return togetherNow;
  }

  boolean isClosing() {
    return closing;
  }

  boolean isFull() {
    return closing || all.size() >= limits().connections();
  }

  /**
   * Counts one more in, also before it is open; one that is never opened goes after {@link
   * Limits#handshakeTime}.
   *
   * @return null if those are too many, or the server is going away
   */
  @Nullable Connection admit(Entry entry) {
    Connection connection = new Connection(this, entry);
    synchronized (all) {
      if (isFull() || !addresses.take(connection.address())) {
        return null;
      }
      all.add(connection);
      return connection;
    }
  }

  /** For one connection. */
  static ServerEndpointConfig endpoint(Connection connection) {
    return ServerEndpointConfig.Builder.create(Endpoint.class, "/xgate/websocket")
        .configurator(new OneConnection(connection))
        .build();
  }

  /** Negotiates nothing: who compresses may inflate without limit. */
  private static final class OneConnection extends ServerEndpointConfig.Configurator {
    private final Connection connection;

    OneConnection(Connection connection) {
      this.connection = connection;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
      return type.cast(connection);
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return "";
    }

    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return List.of();
    }

    @Override
    public boolean checkOrigin(String origin) {
      return true;
    }
  }

  void remove(Connection connection) {
    if (all.remove(connection)) {
      addresses.release(connection.address());
    }
  }

  private void relieveSoon() {
    if (!relieving.getAndSet(true)) {
      sweeps.execute(this::relieve);
    }
  }

  private void relieve() {
    relieving.set(false);
    unfinished.makeRoom(all.stream());
    outboxes.makeRoom(all.stream(), Connection::kept, Connection::cut);
  }

  private void sweep() {
    for (Connection connection : all) {
      try {
        connection.tick();
      } catch (Throwable failure) {
        xnest.listener().failed("watching over connections", failure);
      }
    }
    relieve();
  }

  synchronized void close() {
    if (!closing) {
      closing = true;
      GoingAway.of(all, xnest);
      sweeps.shutdown();
      pinging.shutdown();
      blocking.shutdown();
    }
  }
}
