package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.wire.Arrivals;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.FrameReader;
import im.xpro.xnest.server.wire.Holder;
import im.xpro.xnest.server.wire.Leaver;
import im.xpro.xnest.server.wire.Pings;
import im.xpro.xnest.server.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;

/**
 * A connection's life. It only goes forward:
 *
 * <pre>
 *   HANDSHAKE -> ADMITTING -> OPEN -> CLOSING -> GONE
 *       |            |                   ^        ^
 *       |            +---- refused ------+        |
 *       +---- bad head, or going away ---+        |
 *       +---- the application's own --------------+   and from everywhere, when the socket ends
 * </pre>
 *
 * HANDSHAKE reads a request's head, ADMITTING waits for the gateway's answer, OPEN reads frames for
 * the member's inlet. CLOSING has sent its last bytes and reads to the peer's end, hearing nothing,
 * so that the peer can read them too; it is cut after {@link Limits#closeTime}.
 *
 * <p>What comes from the peer is eaten by one thread at a time ({@link Intake}); {@link Outlet}'s
 * methods are called by rooms; {@link #tick} by the sweep. No lock is held around any of them.
 */
final class Connection implements Outlet, Intake.Eater, FrameReader.Sink, Holder, Leaver {
  private enum State {
    HANDSHAKE,
    ADMITTING,
    OPEN,
    CLOSING,
    GONE
  }

  private static final int GOING_AWAY = 1001;
  private static final int POLICY = 1008;
  private static final int FAILED = 1011;
  private static final int TRY_AGAIN_LATER = 1013;

  /** What a handshake that waits takes in memory, in its own size. */
  private static final int HEAD_COPIES = 3;

  private static final int FEW = 4 << 10;

  private static final String TOO_MANY_WAIT = "too many wait to be let in";

  private final Connections house;
  private final Limits limits;
  private final ChatSocket socket;
  private final Budget.Share unfinished;
  private final Link link;
  private final Intake intake;
  private final @Nullable InetSocketAddress remote;
  private final AtomicReference<State> state = new AtomicReference<>(State.HANDSHAKE);

  /** When it came to its state, or was last resumed in it, by the clock. */
  private volatile long since;

  private volatile long pingedAt;
  private volatile boolean paused;

  /** Others need what it holds while it waits for its admission. */
  private volatile boolean givesWay;

  private final Arrivals arrivals = new Arrivals();

  /** The number of the newest bytes that the selector has read here, among those of all. */
  private volatile long newest;

  /** Brings what the selector has read; the others that eat have more to do. */
  private volatile @Nullable Thread worker;

  /** When sending was found to be in vain; 0 if it is not. */
  private volatile long lostAt;

  private final AtomicInteger headBytes = new AtomicInteger();
  private volatile @Nullable Answer answer;
  private volatile @Nullable Inlet inlet;
  private volatile @Nullable FrameReader reader;

  // ---- only by whoever eats ----

  /** Null once it is read. */
  private @Nullable RequestHead head;

  private final Pings pings;
  private boolean ours;
  private @Nullable ByteBuffer foreign;

  Connection(Connections house, ChatSocket socket, SocketChannel channel, SelectionKey key)
      throws IOException {
    this.house = house;
    this.limits = house.limits();
    this.socket = socket;
    this.unfinished = house.unfinished().share();
    this.link = house.link(channel, key, this, unfinished);
    this.intake = new Intake(this, link, unfinished, house.executor());
    this.remote = (InetSocketAddress) channel.getRemoteAddress();
    this.since = house.now();
    this.head = new RequestHead(limits);
    this.pings = new Pings(limits);
    this.ours = !house.passesOn();
  }

  Link link() {
    return link;
  }

  /** The peer's; null if it is unknown. */
  @Nullable InetAddress address() {
    return remote == null ? null : remote.getAddress();
  }

  /** The server that accepted it. */
  Object server() {
    return socket.getWebSocketListener();
  }

  private boolean advance(State to) {
    State was = state.getAndUpdate(now -> now.compareTo(to) < 0 ? to : now);
    boolean advanced = was.compareTo(to) < 0;
    if (advanced) {
      since = house.now();
      if (was == State.HANDSHAKE) {
        house.handshakeEnded();
      }
      if (was.compareTo(State.OPEN) < 0 && to.compareTo(State.OPEN) >= 0) {
        releaseHead();
      }
    }
    return advanced;
  }

  // ---- in ----

  /** The selector has read bytes, which will arrive. */
  void announce() {
    newest = house.countRead();
    intake.announce();
  }

  /**
   * The selector has read to the end.
   *
   * @return whether that may be acted on now
   */
  boolean end() {
    return intake.end();
  }

  /**
   * @return all bytes so far, if the connection has turned out to be for the application
   */
  @Nullable ByteBuffer arrived(ByteBuffer bytes) {
    worker = Thread.currentThread();
    intake.arrived(bytes);
    return foreign;
  }

  @Override
  public boolean waits() {
    State at = state.get();
    return at == State.ADMITTING || at == State.OPEN && paused;
  }

  @Override
  public void eat(ByteBuffer bytes) {
    try {
      if (state.get() == State.HANDSHAKE) {
        readHead(bytes);
      }
      if (state.get() == State.ADMITTING) {
        takeAnswer();
      }
      Inlet member = inlet;
      if (state.get() == State.OPEN && member != null) {
        member.batch(() -> read(bytes), isAlone(bytes));
      }
    } catch (Throwable failure) {
      failed(failure);
    }
    if (state.get().compareTo(State.CLOSING) >= 0) {
      bytes.position(bytes.limit());
      FrameReader frames = reader;
      if (frames != null) {
        frames.drop();
      }
    }
  }

  /**
   * Whether these bytes are few, and nothing has been read after them, so that nobody waits for
   * this thread and it may do more than read.
   */
  private boolean isAlone(ByteBuffer bytes) {
    return bytes.remaining() <= FEW && newest == house.reads() && worker == Thread.currentThread();
  }

  private void read(ByteBuffer frames) {
    FrameReader.Violation wrong = Objects.requireNonNull(reader).read(frames);
    if (wrong != null) {
      end(Wire.close(wrong.code(), wrong.reason()), false);
    }
  }

  /** An Error too must stay here: the library would stop its server, or a worker. */
  void failed(Throwable failure) {
    try {
      end(Wire.close(FAILED, "the server failed"), false);
      house.xnest().listener().failed("serving a connection", failure);
    } catch (Throwable again) {
      cut();
    }
  }

  @Override
  public void ended() {
    cut();
  }

  @Override
  public void overflowed() {
    end(Wire.close(TRY_AGAIN_LATER, "too much at once"), false);
  }

  private void readHead(ByteBuffer bytes) {
    if (house.isClosing()) {
      refuse(503, "the server is going away");
      return;
    }
    RequestHead head = Objects.requireNonNull(this.head);
    RequestHead.Progress progress = head.read(bytes);
    String target = head.target();
    if (!ours && (target != null || progress != RequestHead.Progress.UNFINISHED)) {
      ours = target != null && house.gateway().serves(target);
      if (!ours) {
        passOn(head.withRest(bytes));
        return;
      }
    }
    switch (progress) {
      case UNFINISHED -> {}
      case BAD -> refuse(400, "this is no request of HTTP/1.1");
      case TOO_LARGE ->
          refuse(
              431,
              "a handshake may have "
                  + limits.handshakeBytes()
                  + " bytes and "
                  + limits.handshakeLines()
                  + " lines");
      case WHOLE -> ask(head);
    }
  }

  private void passOn(ByteBuffer all) {
    foreign = all;
    advance(State.GONE);
    house.remove(this);
    link.passOn();
  }

  private void ask(RequestHead whole) {
    head = null;
    int bytes = HEAD_COPIES * whole.size();
    headBytes.set(bytes);
    if (!unfinished.take(bytes)) {
      refuse(503, TOO_MANY_WAIT);
    } else if (advance(State.ADMITTING)) {
      house
          .gateway()
          .answer(whole.handshake(remote, house.isSecure()))
          .thenAccept(
              given -> {
                answer = given;
                intake.wake();
              });
      return;
    }
    releaseHead();
  }

  /** Whoever ends the waiting for an admission does this; it may be two at once. */
  private void releaseHead() {
    unfinished.take(-headBytes.getAndSet(0));
  }

  private void takeAnswer() {
    Answer given = answer;
    if (given instanceof Answer.Refused refused) {
      end(Wire.refusal(refused), false);
    } else if (house.isClosing()) {
      refuse(503, "the server is going away");
    } else if (givesWay) {
      refuse(503, TOO_MANY_WAIT);
    } else if (given instanceof Answer.Accepted accepted) {
      enter(accepted);
    }
  }

  private void refuse(int status, String reason) {
    house.xnest().listener().entryRefused(null, new Decision.Refused(status, reason));
    end(Wire.refusal(new Answer.Refused(status, reason, List.of())), false);
  }

  private void enter(Answer.Accepted accepted) {
    link.send(Wire.switchingProtocols(accepted.headerLines()));
    pingedAt = house.now();
    reader = new FrameReader(limits, unfinished, house::now, this);
    Inlet member = house.xnest().enter(accepted.entry(), this);
    inlet = member;
    answer = null;
    if (!advance(State.OPEN)) {
      member.leave();
    } else if (house.isClosing()) {
      house.xnest().dismiss(List.of(member));
    }
  }

  @Override
  public void text(String text) {
    Objects.requireNonNull(inlet).text(text);
  }

  @Override
  public void binary(ByteBuffer message) {
    Objects.requireNonNull(inlet).binary(message);
  }

  @Override
  public void ping(byte[] payload) {
    link.answerPing(Wire.pong(payload), pings.isInRate(house.now()));
    if (pings.areTooMany()) {
      end(Wire.close(POLICY, "too many pings"), false);
    }
  }

  @Override
  public void close(int code) {
    end(Wire.close(code, ""), true);
  }

  // ---- out, called by rooms ----

  @Override
  public boolean offer(Outgoing frames) {
    return link.offer(frames);
  }

  @Override
  public void close(int code, String reason) {
    end(Wire.close(code, reason), false);
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    since = house.now();
    paused = false;
    intake.wake();
  }

  // ---- ends, any thread ----

  /** Nothing that the peer sends is heard any more; it may read to the end, and answer. */
  private void end(ByteBuffer last, boolean hangUp) {
    if (advance(State.CLOSING)) {
      leave();
      link.finish(last, hangUp);
      intake.wake();
    }
  }

  private void leave() {
    Inlet member = inlet;
    if (member != null) {
      member.leave();
    }
  }

  @Override
  public @Nullable Inlet goAway() {
    if (isOpen()) {
      return inlet;
    }
    intake.wake();
    return null;
  }

  @Override
  public boolean isOpen() {
    return state.get() == State.OPEN;
  }

  @Override
  public void goAwayNow() {
    if (isOpen()) {
      end(Wire.close(GOING_AWAY, "going away"), false);
    }
  }

  /** Lets go of what waits for the peer, and of the peer. */
  void shed() {
    boolean isOpen = state.get() == State.OPEN;
    if (link.shed() && isOpen) {
      end(Wire.close(TRY_AGAIN_LATER, "reads too slowly"), false);
    } else {
      cut();
    }
  }

  @Override
  public void cut() {
    socket.closeConnection(CloseFrame.ABNORMAL_CLOSE, "", false);
  }

  /** The socket is closed. */
  void gone() {
    if (advance(State.GONE)) {
      house.remove(this);
      leave();
      intake.wake();
    }
  }

  /** Keeps the times that {@link Limits} sets. Called by the sweep, a few times a second. */
  void tick() {
    State at = state.get();
    if (at == State.HANDSHAKE && isLate(since, limits.handshakeTime())
        || at == State.CLOSING && isLate(since, limits.closeTime())) {
      cut();
    } else if (at == State.OPEN) {
      tickOpen();
      link.answerPing();
      arrivals.tick(arrived());
    }
  }

  private int arrived() {
    FrameReader frames = reader;
    return frames == null ? 0 : frames.arrived();
  }

  @Override
  public long unfinished() {
    return unfinished.taken();
  }

  @Override
  public double burden() {
    return arrivals.burden(unfinished(), arrived());
  }

  @Override
  public boolean isEnding() {
    return state.get().compareTo(State.CLOSING) >= 0;
  }

  @Override
  public void giveWay() {
    State at = state.get();
    if (at == State.ADMITTING) {
      givesWay = true;
      intake.wake();
    } else if (at == State.HANDSHAKE) {
      cut();
    } else {
      overflowed();
    }
  }

  private void tickOpen() {
    boolean stalls = link.stalledFor() > limits.stall().toNanos();
    boolean reads = !paused;
    if (stalls || isLost() || reads && isLate(Math.max(link.readAt(), since), limits.silence())) {
      cut();
      return;
    }
    FrameReader frames = reader;
    long stuck = frames == null ? 0 : frames.stuckSince();
    if (reads && stuck != 0 && isLate(Math.max(stuck, since), limits.messageTime())) {
      end(Wire.close(POLICY, "a message takes too long"), false);
    } else if (isLate(pingedAt, limits.pingEvery())) {
      pingedAt = house.now();
      link.send(Wire.ping());
    }
  }

  /**
   * Whether the peer is gone, and had the time to have its last words read at its pace. While
   * reading is paused, nobody else finds out.
   */
  private boolean isLost() {
    if (lostAt == 0 && link.isBroken()) {
      lostAt = house.now();
    }
    return lostAt != 0 && isLate(lostAt, limits.rateTime());
  }

  private boolean isLate(long from, Duration most) {
    return house.now() - from > most.toNanos();
  }
}
