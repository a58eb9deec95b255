package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.server.wire.Outboxes.Kept;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes out to one peer. As a rule one frame at a time is with the container, as some refuse a
 * second; the others wait here, counted, and the close behind them. What may block is done
 * elsewhere ({@link Connections#blocking}).
 *
 * <p>Any thread. One at a time sends, the room that offers or a thread on which the container calls
 * back, until nothing waits; others only add to that. The container is called without the lock.
 */
final class Outbox {
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);

  /** Milliseconds that Tomcat lets a send block. */
  private static final String TOMCATS_SEND_TIME =
      "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

  /**
   * Milliseconds that Tomcat, which has no other way, gives a peer to take the close frame, and to
   * end its side.
   */
  private static final List<String> TOMCATS_CLOSE_TIMES =
      List.of(TOMCATS_SEND_TIME, "org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT");

  /** Milliseconds that Tomcat waits to write a close frame of any code but 1000; else it has 50. */
  private static final String TOMCATS_CLOSE_FRAME_TIME =
      "org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT";

  private static final long CLOSE_FRAME_MILLIS = 1_000;

  /** Of frames that go out together at most: Tomcat's buffer, less some for control frames. */
  private static final int TOGETHER_BYTES =
      Integer.getInteger("org.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE", 8_192) - 1_192;

  /** Longer than a write takes for which there is room. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Connections house;
  private final Limits limits;
  private final Connection connection;
  private volatile @Nullable Session session;
  private volatile Container container = Container.OTHER;

  /** Before, a peer that has made a thread wait gets no other. */
  private volatile long togetherFrom = System.nanoTime();

  // ---- guarded by this ----

  private final Queue<Kept<Outgoing>> waiting = new ArrayDeque<>(1);
  private long backlog;

  /** Of the first that waits, how many are sent or with the container. */
  private int begun;

  private boolean sending;
  private long sendingSince;
  private @Nullable CloseReason last;
  private long endedAt;

  Outbox(Connections house, Connection connection) {
    this.house = house;
    this.limits = house.limits();
    this.connection = connection;
  }

  /** Called by the container, before anything is offered: there is a session to send to. */
  void open(Session opened) {
    session = opened;
    container = Container.of(opened);
    opened.setMaxIdleTimeout(0);
    for (String time : TOMCATS_CLOSE_TIMES) {
      opened.getUserProperties().put(time, limits.closeTime().toMillis());
    }
    opened.getUserProperties().put(TOMCATS_CLOSE_FRAME_TIME, CLOSE_FRAME_MILLIS);
  }

  boolean isOpen() {
    return session != null;
  }

  private Session session() {
    Session opened = session;
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened;
  }

  /** Where frames are written together. */
  boolean takesMore() {
    return container.takesMore();
  }

  /** {@link Outlet#offer}, called by rooms. */
  boolean offer(Outgoing frames) {
    synchronized (this) {
      int bytes = (int) frames.bytes();
      if (last != null
          || !waiting.isEmpty() && backlog + bytes > limits.outboxBytes()
          || house.outboxes().refuses(bytes)) {
        return false;
      }
      waiting.add(house.outboxes().keep(frames, bytes, frames));
      backlog += bytes;
      if (sending) {
        return true;
      }
      sending = true;
      sendingSince = System.nanoTime();
    }
    send();
    return true;
  }

  /** Goes on until nothing waits, or the container calls back later. */
  private void send() {
    int room = TOGETHER_BYTES;
    for (String next = next(); next != null; next = next()) {
      try {
        int size = mostBytes(next);
        if (container.takesMore() && size <= room && areWaiting(1)) {
          room -= size;
          container.sendAhead(session(), next, this::isSent);
          continue;
        }
        Sent sent = new Sent();
        session().getAsyncRemote().sendText(next, sent);
        if (!sent.isSecond()) {
          return;
        }
        room = TOGETHER_BYTES;
      } catch (RuntimeException | LinkageError closed) {
        connection.cut();
        return;
      }
    }
  }

  /** Of a frame. */
  private static int mostBytes(String text) {
    return 4 + 3 * text.length();
  }

  private boolean isSent(SendResult result) {
    if (!result.isOK()) {
      // as a rule the container is about to close it, and knows the code
      connection.close(CloseCodes.TRY_AGAIN_LATER.getCode(), "");
    }
    return result.isOK();
  }

  private synchronized @Nullable String next() {
    Kept<Outgoing> first = waiting.peek();
    if (first != null && begun == first.what().texts().size()) {
      house.outboxes().release(waiting.remove());
      backlog -= first.size();
      begun = 0;
      first = waiting.peek();
    }
    if (first == null) {
      sending = false;
      if (last != null) {
        close(last, house.blocking());
      }
      return null;
    }
    sendingSince = System.nanoTime();
    return first.what().texts().get(begun++);
  }

  /**
   * Tomcat calls back on another thread for each frame, which costs as much as the frame. So what
   * has come to wait meanwhile goes out from there in one write, if it fits into Tomcat's buffer:
   * else a control frame could come between the parts of a frame. It blocks, so few threads of the
   * container's may be there at a time, and for a peer that was slow none for a while.
   */
  private void sendTogether() {
    if (container != Container.TOMCAT
        || System.nanoTime() - togetherFrom < 0
        || !areWaiting(2)
        || !house.togetherNow().tryAcquire()) {
      return;
    }
    long began = System.nanoTime();
    try {
      RemoteEndpoint.Basic peer = session().getBasicRemote();
      sendTime(limits.stall());
      peer.setBatchingAllowed(true);
      int room = TOGETHER_BYTES;
      for (String next = peek();
          next != null && mostBytes(next) <= room && System.nanoTime() - began < SLOW_NANOS;
          next = peek()) {
        room -= mostBytes(next);
        peer.sendText(Objects.requireNonNull(next(), "gone"));
      }
      // writes them; a control frame that comes before this one does not part a frame
      peer.setBatchingAllowed(false);
      sendTime(limits.closeTime());
    } catch (IOException | RuntimeException gone) {
      connection.cut();
    } finally {
      long took = System.nanoTime() - began;
      togetherFrom = took < SLOW_NANOS ? began : began + 10 * took;
      house.togetherNow().release();
    }
  }

  private void sendTime(Duration most) {
    session().getUserProperties().put(TOMCATS_SEND_TIME, most.toMillis());
  }

  /** What {@link #next} would take. */
  private synchronized @Nullable String peek() {
    int skipped = begun;
    for (Kept<Outgoing> one : waiting) {
      List<String> texts = one.what().texts();
      if (skipped < texts.size()) {
        return texts.get(skipped);
      }
      skipped = 0;
    }
    return null;
  }

  private synchronized boolean areWaiting(int frames) {
    int found = -begun;
    for (Kept<Outgoing> one : waiting) {
      found += one.what().texts().size();
      if (found >= frames) {
        return true;
      }
    }
    return false;
  }

  /** Whoever comes second, the container's callback or the return of its method, goes on. */
  private final class Sent implements SendHandler {
    private final AtomicBoolean first = new AtomicBoolean();

    boolean isSecond() {
      return first.getAndSet(true);
    }

    @Override
    public void onResult(SendResult result) {
      if (isSent(result) && isSecond()) {
        sendTogether();
        send();
      }
    }
  }

  /** Called on {@link Connections#pinging}. */
  void ping() {
    try {
      session().getAsyncRemote().sendPing(NOTHING.duplicate());
    } catch (IOException | RuntimeException gone) {
      log.debug("a connection could not be pinged", gone);
    }
  }

  // ---- ends ----

  /** Takes nothing more, and closes behind what waits, for the reason that is told first. */
  void end(CloseReason told, Executor closes) {
    synchronized (this) {
      if (last != null) {
        return;
      }
      last = told;
      endedAt = System.nanoTime();
      if (sending) {
        return;
      }
    }
    close(told, closes);
  }

  /** Closes whatever waits; {@code closes} runs what may block. */
  void close(CloseReason reason, Executor closes) {
    Session opened = session;
    if (opened == null) {
      // who opens it closes it then
      return;
    }
    closes.execute(
        () -> {
          try {
            opened.close(reason);
          } catch (IOException | RuntimeException gone) {
            log.debug("a connection was gone before it was closed", gone);
          }
        });
  }

  /** Closes as fast as the container does: no container lets one do it at once. */
  void cut(CloseReason reason) {
    close(reason, this::hurry);
  }

  private void hurry(Runnable close) {
    house
        .blocking()
        .execute(
            () -> {
              try {
                session().setMaxIdleTimeout(1);
                sendTime(limits.closeTime());
              } catch (RuntimeException closed) {
                log.debug("a connection was closed before it was cut", closed);
              }
              close.run();
            });
  }

  /**
   * Lets go of what waits, and takes nothing more.
   *
   * @return why it ends, as told first
   */
  synchronized CloseReason clear() {
    waiting.forEach(house.outboxes()::release);
    waiting.clear();
    backlog = 0;
    if (last == null) {
      last = new CloseReason(CloseCodes.TRY_AGAIN_LATER, "");
    }
    return last;
  }

  // ---- called by the sweep ----

  synchronized long kept() {
    return waiting.stream().mapToLong(Kept::part).sum();
  }

  /** Whether nothing waits, and more may be sent. */
  synchronized boolean isIdle() {
    return !sending && last == null;
  }

  /** Whether the container takes too long, to send or to close. */
  synchronized boolean stalls() {
    return last != null && Connection.isLate(endedAt, limits.closeTime())
        || sending && Connection.isLate(sendingSince, limits.stall());
  }
}
