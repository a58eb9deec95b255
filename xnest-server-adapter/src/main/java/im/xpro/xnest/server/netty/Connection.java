package im.xpro.xnest.server.netty;

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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's life, from its handshake on, and what comes in; the last handler that hears of it.
 * What goes out is {@link Outbox}'s. It only goes forward:
 *
 * <pre>
 *   ADMITTING -> OPEN -> CLOSING -> GONE
 * </pre>
 *
 * ADMITTING waits for the gateway's answer, OPEN reads frames for the member's inlet. CLOSING has
 * sent its last bytes and reads to the peer's end, hearing nothing, so that the peer can read them
 * too; it is cut after {@link Limits#closeTime}.
 *
 * <p>All happens on the event loop, but for what rooms call, {@link Outlet}'s methods, and for
 * those that say so.
 */
final class Connection extends ChannelInboundHandlerAdapter
    implements Outlet, FrameReader.Sink, Holder, Leaver {
  private enum State {
    ADMITTING,
    OPEN,
    CLOSING,
    GONE
  }

  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final int GOING_AWAY = 1001;
  private static final int POLICY = 1008;
  private static final int FAILED = 1011;
  private static final int TRY_AGAIN_LATER = 1013;

  /** What a handshake that waits takes in memory, in its own size. */
  private static final int HEAD_COPIES = 3;

  private static final String TOO_MANY_WAIT = "too many wait to be let in";

  private final NettyXnestHandler house;
  private final Loop loop;
  private final Channel channel;
  private final Limits limits;
  private final Budget.Share unfinished;
  private final Arrivals arrivals = new Arrivals();
  private final Outbox outbox;

  /** As it counts among the connections of its address; null if it does not. */
  private final @Nullable InetAddress address;

  private volatile State state = State.ADMITTING;
  private volatile boolean paused;
  private volatile @Nullable Inlet inlet;
  private volatile @Nullable FrameReader frames;

  // ---- only on the event loop ----

  /** When it came to its state, or was last resumed in it, by the loop's clock. */
  private long since;

  private long readAt;
  private long pingedAt;
  private int headBytes;

  /** What has come and was not read, as reading is paused. */
  private ByteBuf held = Unpooled.EMPTY_BUFFER;

  private int charged;

  /** An end that comes of what is being read must not let go of it. */
  private boolean reading;

  private final Pings pings;

  /**
   * @param address whose connection it counts as; null for nobody's
   */
  Connection(NettyXnestHandler house, Loop loop, Channel channel, @Nullable InetAddress address) {
    this.house = house;
    this.loop = loop;
    this.channel = channel;
    this.address = address;
    this.limits = house.xnest().limits();
    this.unfinished = house.unfinished().share();
    this.outbox = new Outbox(house, this, loop, channel);
    this.pings = new Pings(limits);
    this.since = loop.now();
  }

  @Nullable InetAddress address() {
    return address;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    outbox.writeTo(added);
  }

  private void advance(State to) {
    if (state == State.ADMITTING) {
      unfinished.take(-headBytes);
    }
    state = to;
    since = loop.now();
  }

  private void execute(Runnable task) {
    try {
      loop.executor().execute(task);
    } catch (RejectedExecutionException ended) {
      log.debug("the event loop has ended, and its connections with it", ended);
    }
  }

  // ---- in ----

  /**
   * @param full why there are too many already, null if there are not; then this one does not stay
   *     to hear it
   */
  void ask(HttpRequest request, @Nullable String full) {
    if (state != State.ADMITTING) {
      return;
    }
    Answer.Refused bad = Requests.refusal(request);
    if (full != null) {
      refuse(new Answer.Refused(503, full, List.of()), true);
      return;
    }
    if (house.isClosing()) {
      goingAway();
      return;
    }
    if (bad != null) {
      refuse(bad, false);
      return;
    }
    headBytes = HEAD_COPIES * Requests.size(request);
    if (!unfinished.take(headBytes)) {
      refuse(new Answer.Refused(503, TOO_MANY_WAIT, List.of()), false);
      return;
    }
    house
        .gateway()
        .answer(Requests.handshake(channel, request))
        .thenAccept(
            answer -> {
              if (loop.executor().inEventLoop()) {
                take(answer);
              } else {
                execute(() -> take(answer));
              }
            });
  }

  private void refuse(Answer.Refused refused, boolean hangUp) {
    Decision.Refused told = new Decision.Refused(refused.status(), refused.reason());
    house.xnest().listener().entryRefused(null, told);
    end(Wire.refusal(refused), hangUp);
  }

  private void goingAway() {
    refuse(new Answer.Refused(503, "the server is going away", List.of()), false);
  }

  private void take(Answer answer) {
    if (state != State.ADMITTING) {
      return;
    }
    try {
      if (answer instanceof Answer.Refused refused) {
        end(Wire.refusal(refused), false);
      } else if (house.isClosing()) {
        goingAway();
      } else if (answer instanceof Answer.Accepted accepted) {
        enter(accepted);
      }
    } catch (Throwable failure) {
      failed(failure);
    }
  }

  private void enter(Answer.Accepted accepted) {
    outbox.open(Wire.switchingProtocols(accepted.headerLines()));
    frames = new FrameReader(limits, unfinished, loop::now, this);
    advance(State.OPEN);
    readAt = loop.now();
    pingedAt = loop.now();
    Inlet member = house.xnest().enter(accepted.entry(), this);
    inlet = member;
    if (house.isClosing()) {
      house.xnest().dismiss(List.of(member));
    }
    read();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    boolean isHeard = state == State.ADMITTING || state == State.OPEN;
    if (!(message instanceof ByteBuf bytes) || !isHeard) {
      ReferenceCountUtil.release(message);
      return;
    }
    readAt = loop.now();
    held = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(from.alloc(), held, bytes);
    read();
  }

  /** Reads what was held back, and goes on with what comes, as far as may be. */
  private void read() {
    if (reading) {
      return;
    }
    reading = true;
    readFrames();
    reading = false;
    hold();
    if (channel.isActive()) {
      boolean waits = state == State.ADMITTING || state == State.OPEN && paused;
      channel.config().setAutoRead(!waits);
    }
  }

  /** Counts what was not read, and lets go of it where it is too much, or is never heard. */
  private void hold() {
    if (!held.isReadable() || state.compareTo(State.OPEN) > 0) {
      held.release();
      held = Unpooled.EMPTY_BUFFER;
    }
    int more = held.capacity() - charged;
    charged += more;
    if (more != 0 && !unfinished.take(more)) {
      overflowed();
      hold();
    }
  }

  private void overflowed() {
    if (state == State.ADMITTING) {
      refuse(new Answer.Refused(503, TOO_MANY_WAIT, List.of()), false);
    } else {
      end(Wire.close(TRY_AGAIN_LATER, "too much at once"), false);
    }
  }

  private void readFrames() {
    FrameReader reader = frames;
    Inlet member = inlet;
    if (state != State.OPEN || reader == null || member == null || !held.isReadable()) {
      return;
    }
    try {
      ByteBuffer bytes = held.nioBuffer();
      int before = bytes.remaining();
      member.batch(() -> parse(reader, bytes), false);
      held.skipBytes(before - bytes.remaining());
    } catch (Throwable failure) {
      failed(failure);
    }
  }

  private void parse(FrameReader reader, ByteBuffer bytes) {
    FrameReader.Violation wrong = reader.read(bytes);
    if (wrong != null) {
      end(Wire.close(wrong.code(), wrong.reason()), false);
    }
  }

  @Override
  public boolean waits() {
    return paused && channel.isActive();
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
    outbox.answerPing(Wire.pong(payload), pings.isInRate(loop.now()));
    if (pings.areTooMany()) {
      end(Wire.close(POLICY, "too many pings"), false);
    }
  }

  @Override
  public void close(int code) {
    end(Wire.close(code, ""), true);
  }

  /** What came before the end still counts, also where reading was paused. */
  @Override
  public void channelInactive(ChannelHandlerContext from) {
    read();
    gone();
    from.fireChannelInactive();
  }

  /** Where the application allows that a peer ends its side alone. */
  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      from.close();
    }
  }

  /** What is behind this hears of nothing but the end. */
  @Override
  public void channelReadComplete(ChannelHandlerContext from) {}

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {}

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof IOException || cause instanceof DecoderException) {
      log.debug("a connection broke", cause);
    } else {
      house.xnest().listener().failed("serving a connection", cause);
    }
    cut();
  }

  // ---- out, called by rooms ----

  @Override
  public boolean offer(Outgoing more) {
    return outbox.offer(more);
  }

  @Override
  public void close(int code, String reason) {
    execute(
        () -> {
          loop.drain();
          end(Wire.close(code, reason), false);
        });
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    execute(
        () -> {
          since = loop.now();
          read();
        });
  }

  // ---- ends ----

  void failed(Throwable failure) {
    house.xnest().listener().failed("serving a connection", failure);
    end(Wire.close(FAILED, "the server failed"), false);
  }

  /** Nothing that the peer sends is heard any more; it may read to the end, and answer. */
  private void end(ByteBuffer last, boolean hangUp) {
    if (state.compareTo(State.CLOSING) >= 0) {
      return;
    }
    advance(State.CLOSING);
    leave();
    channel.config().setAutoRead(true);
    outbox.finish(last, hangUp);
  }

  private void leave() {
    outbox.stop();
    Inlet member = inlet;
    FrameReader reader = frames;
    if (member != null) {
      member.leave();
    }
    if (reader != null) {
      reader.drop();
    }
  }

  private void gone() {
    if (state != State.GONE) {
      advance(State.GONE);
      leave();
      read();
      loop.remove(this);
      house.remove(this);
    }
  }

  @Override
  public @Nullable Inlet goAway() {
    if (isOpen()) {
      return inlet;
    }
    execute(
        () -> {
          if (state == State.ADMITTING) {
            goingAway();
          }
        });
    return null;
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public void goAwayNow() {
    execute(
        () -> {
          if (isOpen()) {
            end(Wire.close(GOING_AWAY, "going away"), false);
          }
        });
  }

  /** Waits for no goodbye of TLS. */
  @Override
  public void cut() {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first != null) {
      first.close();
    }
  }

  // ---- what it holds, any thread ----

  @Override
  public long unfinished() {
    return unfinished.taken();
  }

  /** What waits for this peer, were it not shared. */
  long waiting() {
    return outbox.waiting();
  }

  /** As {@link Outbox#ownBytes}. */
  long ownBytes() {
    return outbox.ownBytes();
  }

  private int arrived() {
    FrameReader reader = frames;
    return reader == null ? 0 : reader.arrived();
  }

  @Override
  public double burden() {
    return arrivals.burden(unfinished(), arrived());
  }

  @Override
  public boolean isEnding() {
    return state.compareTo(State.CLOSING) >= 0;
  }

  @Override
  public void giveWay() {
    execute(this::overflowed);
  }

  // ---- times ----

  /** Keeps those that {@link Limits} sets. Called by the sweep, a few times a second. */
  void tick() {
    if (state == State.CLOSING && isLate(since, limits.closeTime())) {
      cut();
    } else if (state == State.OPEN) {
      tickOpen();
    }
  }

  private void tickOpen() {
    boolean reads = !paused;
    arrivals.tick(arrived());
    if (outbox.stalls() || reads && isLate(Math.max(readAt, since), limits.silence())) {
      cut();
      return;
    }
    FrameReader reader = frames;
    long stuck = reader == null ? 0 : reader.stuckSince();
    if (reads && stuck != 0 && isLate(Math.max(stuck, since), limits.messageTime())) {
      end(Wire.close(POLICY, "a message takes too long"), false);
      return;
    }
    outbox.answerPing();
    if (isLate(pingedAt, limits.pingEvery())) {
      pingedAt = loop.now();
      outbox.send(Wire.ping());
    }
  }

  private boolean isLate(long from, Duration most) {
    return loop.now() - from > most.toNanos();
  }
}
