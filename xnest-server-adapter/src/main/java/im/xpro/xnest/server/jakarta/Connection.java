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
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.ByteArrayOutputStream;
import java.io.UnsupportedEncodingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's connection: its life, and what comes in; what goes out is {@link Outbox}'s. Messages
 * come in parts, so that no container keeps a buffer for the largest of each connection.
 *
 * <p>The container tells what it reads, one call at a time; {@link Outlet}'s methods are called by
 * rooms; {@link #tick} by the sweep. No lock is held around any of them.
 */
final class Connection extends Endpoint implements ChatSession, Outlet, Holder, Leaver {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  private final Connections house;
  private final Limits limits;
  private final Entry entry;
  private final AtomicBoolean left = new AtomicBoolean();

  /** Closed in a hurry, or before it was really open: at once both would lose the close frame. */
  private final AtomicBoolean parted = new AtomicBoolean();

  private final Budget.Share unfinished;
  private final AtomicInteger charged = new AtomicInteger();
  private final Arrivals arrivals = new Arrivals();
  private final Outbox outbox;
  private volatile @Nullable Inlet inlet;

  /** What has come of a message that is not whole; another once nothing is heard any more. */
  private volatile ByteArrayOutputStream arrived = new ByteArrayOutputStream(0);

  private volatile long heardAt = System.nanoTime();
  private volatile long pingedAt = heardAt;

  // ---- only by the container, one call at a time ----

  private int emptyParts;

  /** How much had come of the message that is not whole when it last made progress. */
  private int progress;

  /** When that was, or it began; 0 if all is whole. */
  private volatile long begunAt;

  Connection(Connections house, Entry entry) {
    this.house = house;
    this.limits = house.limits();
    this.unfinished = house.unfinished().share();
    this.entry = entry;
    this.outbox = new Outbox(house, this);
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
    heardAt = System.nanoTime();
    outbox.open(opened);
    boundBuffers(opened);
    try {
      if (left.get() || house.isClosing()) {
        // whoever wanted it closed had no session, and threads that close may be gone
        gone();
        if (parted.compareAndSet(false, true)) {
          outbox.close(new CloseReason(CloseCodes.GOING_AWAY, "going away"), Runnable::run);
        }
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
    member.batch(() -> member.text(text), !outbox.takesMore());
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
    return outbox.clear();
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
    return outbox.offer(frames);
  }

  @Override
  public void close(int code, String reason) {
    end(code, reason, house.blocking());
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
    outbox.end(new CloseReason(CloseCodes.getCloseCode(code), reason), closes);
  }

  /** Ends it as fast as the container does. */
  @Override
  public void cut() {
    CloseReason reason = gone();
    if (outbox.isOpen() && parted.compareAndSet(false, true)) {
      outbox.cut(reason);
    }
  }

  // ---- what it holds, any thread ----

  @Nullable InetAddress address() {
    InetSocketAddress remote = entry.remote();
    return remote == null ? null : remote.getAddress();
  }

  long kept() {
    return outbox.kept();
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
    Duration silence = outbox.isOpen() ? limits.silence() : limits.handshakeTime();
    if (outbox.stalls() || isLate(heardAt, silence)) {
      cut();
    } else if (began != 0 && isLate(began, limits.messageTime())) {
      end(CloseCodes.VIOLATED_POLICY.getCode(), "a message takes too long", house.blocking());
    } else if (isLate(pingedAt, limits.pingEvery()) && outbox.isIdle()) {
      pingedAt = System.nanoTime();
      house.pinging().execute(outbox::ping);
    }
  }

  static boolean isLate(long from, Duration most) {
    return System.nanoTime() - from > most.toNanos();
  }
}
