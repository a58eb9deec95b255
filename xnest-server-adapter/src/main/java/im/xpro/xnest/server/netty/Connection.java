package im.xpro.xnest.server.netty;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.Holder;
import im.xpro.xnest.server.wire.Leaver;
import im.xpro.xnest.server.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's life, from its handshake on; the last handler that hears of it. What comes in is
 * {@link Intake}'s, what goes out {@link Outbox}'s. It only goes forward:
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
final class Connection extends ChannelInboundHandlerAdapter implements Outlet, Holder, Leaver {
  private enum State {
    ADMITTING,
    OPEN,
    CLOSING,
    GONE
  }

  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final int GOING_AWAY = 1001;
  static final int POLICY = 1008;
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
  private final Outbox outbox;
  private final Intake intake;

  /** As it counts among the connections of its address; null if it does not. */
  private final @Nullable InetAddress address;

  private volatile State state = State.ADMITTING;
  private volatile @Nullable Inlet inlet;

  // ---- only on the event loop ----

  /** When it came to its state, or was last resumed in it, by the loop's clock. */
  private long since;

  private long pingedAt;
  private int headBytes;

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
    this.intake = new Intake(this, outbox, loop, channel, limits, unfinished);
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
    advance(State.OPEN);
    pingedAt = loop.now();
    Inlet member = house.xnest().enter(accepted.entry(), this);
    inlet = member;
    intake.open(member);
    if (house.isClosing()) {
      house.xnest().dismiss(List.of(member));
    }
    intake.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof ByteBuf bytes) {
      intake.take(bytes, from.alloc());
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** More has come, and was not read, than may be held. */
  void overflowed() {
    if (state == State.ADMITTING) {
      refuse(new Answer.Refused(503, TOO_MANY_WAIT, List.of()), false);
    } else {
      end(Wire.close(TRY_AGAIN_LATER, "too much at once"), false);
    }
  }

  /** What came before the end still counts, also where reading was paused. */
  @Override
  public void channelInactive(ChannelHandlerContext from) {
    intake.read();
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
    intake.pause(true);
  }

  @Override
  public void resume() {
    intake.pause(false);
    execute(
        () -> {
          since = loop.now();
          intake.read();
        });
  }

  // ---- ends ----

  void failed(Throwable failure) {
    house.xnest().listener().failed("serving a connection", failure);
    end(Wire.close(FAILED, "the server failed"), false);
  }

  /** Nothing that the peer sends is heard any more; it may read to the end, and answer. */
  void end(ByteBuffer last, boolean hangUp) {
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
    if (member != null) {
      member.leave();
    }
    intake.stop();
  }

  private void gone() {
    if (state != State.GONE) {
      advance(State.GONE);
      leave();
      intake.read();
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

  @Override
  public double burden() {
    return intake.burden();
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
    intake.tick();
    if (outbox.stalls() || intake.isSilent(since)) {
      cut();
    } else if (intake.isStuck(since)) {
      end(Wire.close(POLICY, "a message takes too long"), false);
    } else {
      outbox.answerPing();
      if (isLate(pingedAt, limits.pingEvery())) {
        pingedAt = loop.now();
        outbox.send(Wire.ping());
      }
    }
  }

  private boolean isLate(long from, Duration most) {
    return loop.now() - from > most.toNanos();
  }
}
