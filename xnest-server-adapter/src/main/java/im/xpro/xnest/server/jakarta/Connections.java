package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All connections of a filter, and what watches over them. Any thread. */
final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);
  private static final long SWEEP_MILLIS = 100;
  private static final long GOING_AWAY_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Containers may block for a peer that does not read, when they ping or close. */
  private static final int THREADS = 8;

  private final Xnest xnest;
  private final Set<Connection> all = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor sweeps;
  private final ThreadPoolExecutor blocking;
  private volatile boolean closing;

  Connections(Xnest xnest) {
    this.xnest = xnest;
    sweeps = new ScheduledThreadPoolExecutor(1, named("xnest-sweep"));
    blocking =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named("xnest-close"),
            new ThreadPoolExecutor.DiscardPolicy());
    blocking.allowCoreThreadTimeOut(true);
    sweeps.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
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

  /** Runs what may block. */
  Executor blocking() {
    return blocking;
  }

  boolean isFull() {
    return closing || all.size() >= limits().connections();
  }

  /** For one connection. */
  ServerEndpointConfig endpoint(Entry entry) {
    return ServerEndpointConfig.Builder.create(Endpoint.class, "/xgate/websocket")
        .configurator(new OneConnection(new Connection(this, entry)))
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

    @Override
    public void modifyHandshake(
        ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {}
  }

  void add(Connection connection) {
    all.add(connection);
    if (closing) {
      connection.goAway();
    }
  }

  void remove(Connection connection) {
    all.remove(connection);
    if (closing) {
      synchronized (all) {
        all.notifyAll();
      }
    }
  }

  private void sweep() {
    for (Connection connection : all) {
      try {
        connection.tick();
      } catch (Throwable failure) {
        log.error("watching over a connection", failure);
      }
    }
  }

  synchronized void close() {
    if (!closing) {
      closing = true;
      all.forEach(Connection::goAway);
      try {
        awaitEnds();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      all.forEach(Connection::cut);
      sweeps.shutdown();
      blocking.shutdown();
    }
  }

  private void awaitEnds() throws InterruptedException {
    long deadline = System.nanoTime() + Math.min(limits().closeTime().toNanos(), GOING_AWAY_NANOS);
    synchronized (all) {
      long left;
      while (!all.isEmpty() && (left = deadline - System.nanoTime()) > 0) {
        TimeUnit.NANOSECONDS.timedWait(all, left + 1_000_000);
      }
    }
  }
}
