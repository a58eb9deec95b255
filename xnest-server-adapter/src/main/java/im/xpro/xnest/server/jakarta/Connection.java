package im.xpro.xnest.server.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.server.wire.Arrivals;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.Holder;
import im.xpro.xnest.server.wire.Leaver;
import im.xpro.xnest.server.wire.Outboxes.Kept;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's connection. As a rule one frame at a time is with the container, as some refuse a
 * second; the others wait here, counted. Messages come in parts, so that no container keeps a
 * buffer for the largest of each connection. What may block is done elsewhere ({@link
 * Connections#blocking}).
 */
final class Connection extends Endpoint implements ChatSession, Outlet, Holder, Leaver {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

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
  private final Entry entry;
  private final AtomicBoolean left = new AtomicBoolean();
  private final Budget.Share unfinished;
  private final AtomicInteger charged = new AtomicInteger();
  private final Arrivals arrivals = new Arrivals();
  private volatile @Nullable Session session;
  private volatile @Nullable Inlet inlet;

  /** What has come of a message that is not whole; another once nothing is heard any more. */
  private volatile ByteArrayOutputStream arrived = new ByteArrayOutputStream(0);

  private volatile Container container = Container.OTHER;
  private volatile long heardAt = System.nanoTime();
  private volatile long pingedAt = heardAt;

  /** Before, a peer that has made a thread wait gets no other. */
  private volatile long togetherFrom = heardAt;

  // ---- only by the container, one call at a time ----

  private int emptyParts;

  /** How much had come of the message that is not whole when it last made progress. */
  private int progress;

  /** When that was, or it began; 0 if all is whole. */
  private volatile long begunAt;

  // ---- guarded by this ----

  private final Queue<Kept<Outgoing>> waiting = new ArrayDeque<>(1);
  private long backlog;

  /** Of the first that waits, how many are sent or with the container. */
  private int begun;

  private boolean sending;
  private long sendingSince;
  private @Nullable CloseReason last;
  private long endedAt;

  Connection(Connections house, Entry entry) {
    this.house = house;
    this.limits = house.limits();
    this.unfinished = house.unfinished().share();
    this.entry = entry;
  }

  // ---- in, called by the container ----

  @Override
  public void onOpen(Session opened, EndpointConfig config) {
    opened.addMessageHandler(String.class, (MessageHandler.Partial<String>) this::text);
    opened.addMessageHandler(ByteBuffer.class, (MessageHandler.Partial<ByteBuffer>) this::binary);
    opened.addMessageHandler(
        PongMessage.class, (MessageHandler.Whole<PongMessage>) message -> pong());
    open(opened);
  }

  @Override
  public void open(Session opened) {
    session = opened;
    heardAt = System.nanoTime();
    container = Container.of(opened);
    opened.setMaxIdleTimeout(0);
    boundBuffers(opened);
    for (String time : TOMCATS_CLOSE_TIMES) {
      opened.getUserProperties().put(time, limits.closeTime().toMillis());
    }
    opened.getUserProperties().put(TOMCATS_CLOSE_FRAME_TIME, CLOSE_FRAME_MILLIS);
    try {
      if (left.get() || house.isClosing()) {
        // whoever wanted it closed had no session, and threads that close may be gone
        gone();
        closeSession(new CloseReason(CloseCodes.GOING_AWAY, "going away"), Runnable::run);
        return;
      }
      Inlet member = house.xnest().enter(entry, this);
      inlet = member;
      if (left.get()) {
        member.leave();
      } else if (house.isClosing()) {
        house.xnest().dismiss(List.of(member));
      }
    } catch (Throwable failure) {
      house.xnest().listener().failed("serving a connection", failure);
      end(CloseCodes.UNEXPECTED_CONDITION.getCode(), "the server failed", Runnable::run);
    }
  }

  /** Undertow keeps a whole frame, and unless told otherwise one of any size. */
  private void boundBuffers(Session opened) {
    if (opened.getMaxTextMessageBufferSize() <= 0) {
      opened.setMaxTextMessageBufferSize(limits.maxTextBytes());
    }
    if (opened.getMaxBinaryMessageBufferSize() <= 0) {
      opened.setMaxBinaryMessageBufferSize(limits.maxBinaryBytes());
    }
  }

  @Override
  public void text(String part, boolean isLast) {
    Inlet member = inlet;
    if (isLast && arrived.size() == 0) {
      if (begins(part.length(), 0, limits.maxTextBytes(), true) && member != null) {
        hand(member, part);
      }
      return;
    }
    byte[] whole = add(part.getBytes(UTF_8), limits.maxTextBytes(), isLast);
    if (whole != null && member != null) {
      hand(member, new String(whole, UTF_8));
    }
  }

  /** Where frames are written together, the room's own thread makes more come together. */
  private void hand(Inlet member, String text) {
    member.batch(() -> member.text(text), !container.takesMore());
  }

  @Override
  public void binary(ByteBuffer part, boolean isLast) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    byte[] whole = add(bytes, limits.maxBinaryBytes(), isLast);
    Inlet member = inlet;
    if (whole != null && member != null) {
      member.binary(ByteBuffer.wrap(whole));
    }
  }

  /** The message that {@code part} makes whole; null if there is none, or it is not heard. */
  private byte @Nullable [] add(byte[] part, int most, boolean isLast) {
    ByteArrayOutputStream all = arrived;
    if (!begins(part.length, all.size(), most, isLast)) {
      return null;
    }
    if (isLast && all.size() == 0) {
      return part;
    }
    all.writeBytes(part);
    if (!isLast) {
      return null;
    }
    arrived = new ByteArrayOutputStream(0);
    return all.toByteArray();
  }

  /** Whether {@code size} bytes, or characters, are to be taken behind {@code before}. */
  private boolean begins(int size, int before, int most, boolean isLast) {
    heardAt = System.nanoTime();
    if (left.get()) {
      return false;
    }
    emptyParts = isLast ? 0 : size == 0 ? emptyParts + 1 : emptyParts;
    if (before + size > most || emptyParts > limits.fragments()) {
      end(CloseCodes.TOO_BIG.getCode(), "a message is too large", Runnable::run);
      return false;
    }
    if (isLast) {
      begunAt = 0;
      progress = 0;
    } else if (begunAt == 0 || before + size - progress >= limits.progressBytes()) {
      begunAt = heardAt;
      progress = before + size;
    }
    boolean fits = charge(isLast ? 0 : before + size);
    if (left.get()) {
      charge(0);
      return false;
    }
    if (!fits) {
      end(CloseCodes.TRY_AGAIN_LATER.getCode(), "too much at once", Runnable::run);
    }
    return fits;
  }

  private boolean charge(int bytes) {
    return unfinished.take(bytes - charged.getAndSet(bytes));
  }

  @Override
  public void pong() {
    heardAt = System.nanoTime();
  }

  @Override
  public void onClose(Session closed, CloseReason reason) {
    gone();
  }

  @Override
  public void closed() {
    gone();
  }

  @Override
  public void onError(Session broken, Throwable failure) {
    failed(failure);
  }

  @Override
  public void failed(Throwable failure) {
    log.debug("a connection failed", failure);
    boolean isText =
        failure instanceof CharacterCodingException
            || failure instanceof UnsupportedEncodingException;
    CloseCodes code = isText ? CloseCodes.NOT_CONSISTENT : CloseCodes.PROTOCOL_ERROR;
    end(code.getCode(), "not understood", Runnable::run);
  }

  /**
   * @return why it ends, as told first
   */
  private CloseReason gone() {
    house.remove(this);
    leave();
    synchronized (this) {
      waiting.forEach(house.outboxes()::release);
      waiting.clear();
      backlog = 0;
      if (last == null) {
        last = new CloseReason(CloseCodes.TRY_AGAIN_LATER, "");
      }
      return last;
    }
  }

  private void leave() {
    left.set(true);
    arrived = new ByteArrayOutputStream(0);
    charge(0);
    Inlet member = inlet;
    if (member != null) {
      member.leave();
    }
  }

  // ---- out, called by rooms ----

  @Override
  public boolean offer(Outgoing frames) {
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

  @Override
  public void close(int code, String reason) {
    end(code, reason, house.blocking());
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
        cut();
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
      end(CloseCodes.TRY_AGAIN_LATER.getCode(), "", house.blocking());
    }
    return result.isOK();
  }

  private Session session() {
    Session opened = session;
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened;
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
        closeSession(last, house.blocking());
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
      cut();
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

  // ---- ends, any thread ----

  @Override
  public @Nullable Inlet goAway() {
    return left.get() ? null : inlet;
  }

  @Override
  public boolean isOpen() {
    return goAway() != null;
  }

  @Override
  public void goAwayNow() {
    end(CloseCodes.GOING_AWAY.getCode(), "going away", house.blocking());
  }

  /** Nothing more is heard of the member; it is closed behind what waits. */
  private void end(int code, String reason, Executor closes) {
    leave();
    CloseReason told = new CloseReason(CloseCodes.getCloseCode(code), reason);
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
    closeSession(told, closes);
  }

  private void closeSession(CloseReason reason, Executor closes) {
    closes.execute(
        () -> {
          try {
            session().close(reason);
          } catch (IOException | RuntimeException gone) {
            log.debug("a connection was gone before it was closed", gone);
          }
        });
  }

  /** Ends the connection as fast as the container does: no container lets one do it at once. */
  @Override
  public void cut() {
    closeSession(gone(), this::hurry);
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

  // ---- what it holds, any thread ----

  @Nullable InetAddress address() {
    InetSocketAddress remote = entry.remote();
    return remote == null ? null : remote.getAddress();
  }

  synchronized long kept() {
    return waiting.stream().mapToLong(Kept::part).sum();
  }

  @Override
  public boolean isEnding() {
    return left.get();
  }

  @Override
  public long unfinished() {
    return unfinished.taken();
  }

  @Override
  public double burden() {
    return arrivals.burden(unfinished(), charged.get());
  }

  @Override
  public void giveWay() {
    end(CloseCodes.TRY_AGAIN_LATER.getCode(), "too much at once", house.blocking());
  }

  // ---- times ----

  /** Keeps those that {@link Limits} sets. Called by the sweep, four times a second. */
  void tick() {
    arrivals.tick(charged.get());
    long began = begunAt;
    boolean idle;
    synchronized (this) {
      idle = !sending && last == null;
      if (last != null && isLate(endedAt, limits.closeTime())
          || sending && isLate(sendingSince, limits.stall())) {
        idle = false;
        began = -1;
      }
    }
    Duration silence = session == null ? limits.handshakeTime() : limits.silence();
    if (began == -1 || isLate(heardAt, silence)) {
      cut();
    } else if (began != 0 && isLate(began, limits.messageTime())) {
      end(CloseCodes.VIOLATED_POLICY.getCode(), "a message takes too long", house.blocking());
    } else if (idle && isLate(pingedAt, limits.pingEvery())) {
      pingedAt = System.nanoTime();
      house.pinging().execute(this::ping);
    }
  }

  private void ping() {
    try {
      session().getAsyncRemote().sendPing(NOTHING.duplicate());
    } catch (IOException | RuntimeException gone) {
      log.debug("a connection could not be pinged", gone);
    }
  }

  private static boolean isLate(long from, Duration most) {
    return System.nanoTime() - from > most.toNanos();
  }
}
