package im.xpro.xnest.server.netty;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What goes out to one peer. What rooms offer waits for the {@link Loop}, which writes it; what the
 * socket does not take then waits in the channel.
 *
 * <p>All happens on the event loop, but for {@link #offer}, which rooms call, and for what says so.
 */
final class Outbox {
  /** With more output waiting, a pong waits until there is none (RFC 6455 section 5.5.3). */
  private static final int PONG_WAITS_AT = 64 << 10;

  /** What waits for a peer takes in memory besides its bytes, about, for each message. */
  private static final int OVERHEAD = 100;

  /** What is larger waits for nobody once more waits for all than could be made room for. */
  private static final int LARGE = 2 << 20;

  private final NettyXnestHandler house;
  private final Connection connection;
  private final Loop loop;
  private final Channel channel;
  private final Limits limits;
  private final boolean isSecure;

  /** Bytes that were taken from rooms; each has one writer at a time, the room and the loop. */
  private final AtomicLong offered = new AtomicLong();

  /** Those of them that were written to the channel, which counts on. */
  private final AtomicLong written = new AtomicLong();

  /** Nothing that rooms say goes out any more. */
  private volatile boolean stopped;

  // ---- only on the event loop ----

  private @Nullable ChannelHandlerContext ctx;
  private boolean flushes;

  /** Answers the newest ping, once that may be and little waits (RFC 6455 section 5.5.3). */
  private @Nullable ByteBuffer pong;

  private @Nullable Object moving;
  private long moved;
  private long movedAt;

  Outbox(NettyXnestHandler house, Connection connection, Loop loop, Channel channel) {
    this.house = house;
    this.connection = connection;
    this.loop = loop;
    this.channel = channel;
    this.limits = house.xnest().limits();
    this.isSecure = channel.pipeline().get(SslHandler.class) != null;
  }

  /** Called before all else. */
  void writeTo(ChannelHandlerContext first) {
    ctx = first;
  }

  private ChannelHandlerContext ctx() {
    return Objects.requireNonNull(ctx);
  }

  // ---- called by rooms ----

  /** {@link Outlet#offer}. */
  boolean offer(Outgoing more) {
    long waiting = unsent();
    int bytes = (int) more.bytes();
    if (stopped
        || waiting > 0 && waiting + bytes > limits.outboxBytes()
        || bytes > LARGE && house.outboxes().isSpent()) {
      return false;
    }
    offered.setRelease(offered.getPlain() + bytes);
    loop.offer(this, more);
    return true;
  }

  /** Bytes that the socket has not taken, up to the limit. */
  private long unsent() {
    return queued() + Math.max(0, limits.outboxBytes() - channel.bytesBeforeUnwritable());
  }

  private long queued() {
    return offered.get() - written.get();
  }

  /** Any thread: what waits for this peer, were it not shared. */
  long waiting() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return queued() + (out == null ? 0 : out.totalPendingWriteBytes());
  }

  /** What waits for this peer alone takes in memory: under TLS its bytes too. */
  long ownBytes() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out == null || out.isEmpty()) {
      return 0;
    }
    return (isSecure ? out.totalPendingWriteBytes() : 0) + (long) OVERHEAD * out.size();
  }

  // ---- called by the loop ----

  ByteBuf copy(ByteBuffer bytes) {
    return ctx().alloc().directBuffer(bytes.remaining()).writeBytes(bytes);
  }

  /**
   * Writes {@code shared}, which stays the caller's.
   *
   * @return whether this is the first since a flush
   */
  boolean write(ByteBuf shared) {
    written.setRelease(written.getPlain() + shared.readableBytes());
    if (stopped) {
      return false;
    }
    ctx().write(shared.retainedDuplicate(), channel.voidPromise());
    boolean first = !flushes;
    flushes = true;
    return first;
  }

  void flush() {
    flushes = false;
    ctx().flush();
  }

  void failed(Throwable failure) {
    connection.failed(failure);
  }

  // ---- called by the connection ----

  /** Sends the answer to the handshake; what rooms say follows it. */
  void open(ByteBuffer answer) {
    int most = limits.outboxBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(most / 2, most));
    send(answer);
    movedAt = loop.now();
  }

  /** Sends {@code bytes} at once, before what waits for the loop. */
  void send(ByteBuffer bytes) {
    ctx().writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
  }

  /**
   * Has a pong sent when little waits, in place of those that have not been sent by then.
   *
   * @param now whether that may be before {@link #answerPing()} is called
   */
  void answerPing(ByteBuffer newest, boolean now) {
    pong = newest;
    if (now) {
      answerPing();
    }
  }

  /** Answers the newest ping, if one has no answer and little waits. */
  void answerPing() {
    ByteBuffer answer = pong;
    if (answer != null && unsent() < PONG_WAITS_AT) {
      pong = null;
      send(answer);
    }
  }

  /** Whether the socket has taken nothing for too long of what waits for it. */
  boolean stalls() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    Object first = out == null ? null : out.current();
    long progress = out == null || first == null ? 0 : out.currentProgress();
    if (first == null || first != moving || progress != moved) {
      moving = first;
      moved = progress;
      movedAt = loop.now();
    }
    return loop.now() - movedAt > limits.stall().toNanos();
  }

  /** Takes nothing more from rooms, and writes nothing more of what was taken. */
  void stop() {
    stopped = true;
  }

  /**
   * Sends the last bytes. Then ends the connection, or if not {@code hangUp} its way out, so that
   * the peer can read them all whatever it is sending itself.
   */
  void finish(ByteBuffer last, boolean hangUp) {
    ctx()
        .writeAndFlush(Unpooled.wrappedBuffer(last))
        .addListener(
            done -> {
              if (done.isSuccess()) {
                endOutput(hangUp);
              }
            });
  }

  private void endOutput(boolean hangUp) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (hangUp || !(channel instanceof DuplexChannel duplex)) {
      ctx().close();
    } else if (tls == null) {
      duplex.shutdownOutput();
    } else {
      tls.closeOutbound().addListener(done -> duplex.shutdownOutput());
    }
  }
}
