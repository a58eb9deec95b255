package im.xpro.xnest.server.netty;

import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.server.wire.Arrivals;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.FrameReader;
import im.xpro.xnest.server.wire.Pings;
import im.xpro.xnest.server.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What comes in from one peer: bytes, which are held back and counted while they may not be read,
 * and the messages in them, for the member's inlet.
 *
 * <p>All happens on the event loop, but for what says so.
 */
final class Intake implements FrameReader.Sink {
  private final Connection connection;
  private final Outbox outbox;
  private final Loop loop;
  private final Channel channel;
  private final Limits limits;
  private final Budget.Share unfinished;
  private final Arrivals arrivals = new Arrivals();
  private volatile boolean paused;

  /** Null until the member is in. */
  private volatile @Nullable FrameReader frames;

  // ---- only on the event loop ----

  private final Pings pings;
  private @Nullable Inlet inlet;

  /** Nothing is heard any more. */
  private boolean stopped;

  private long readAt;

  /** What has come and was not read, as reading is paused. */
  private ByteBuf held = Unpooled.EMPTY_BUFFER;

  private int charged;

  /** An end that comes of what is being read must not let go of it. */
  private boolean reading;

  Intake(
      Connection connection,
      Outbox outbox,
      Loop loop,
      Channel channel,
      Limits limits,
      Budget.Share unfinished) {
    this.connection = connection;
    this.outbox = outbox;
    this.loop = loop;
    this.channel = channel;
    this.limits = limits;
    this.unfinished = unfinished;
    this.pings = new Pings(limits);
  }

  /** From now on what comes is for {@code member}; read by {@link #read}. */
  void open(Inlet member) {
    frames = new FrameReader(limits, unfinished, loop::now, this);
    readAt = loop.now();
    inlet = member;
  }

  /** Takes {@code bytes}, with their reference, and reads on. */
  void take(ByteBuf bytes, ByteBufAllocator alloc) {
    if (stopped) {
      bytes.release();
      return;
    }
    readAt = loop.now();
    held = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, held, bytes);
    read();
  }

  /** Reads what was held back, and goes on with what comes, as far as may be. */
  void read() {
    if (reading) {
      return;
    }
    reading = true;
    readFrames();
    reading = false;
    hold();
    if (channel.isActive()) {
      boolean waits = !stopped && (frames == null || paused);
      channel.config().setAutoRead(!waits);
    }
  }

  /** Counts what was not read, and lets go of it where it is too much, or is never heard. */
  private void hold() {
    if (!held.isReadable() || stopped) {
      held.release();
      held = Unpooled.EMPTY_BUFFER;
    }
    int more = held.capacity() - charged;
    charged += more;
    if (more != 0 && !unfinished.take(more)) {
      connection.overflowed();
      hold();
    }
  }

  private void readFrames() {
    FrameReader reader = frames;
    Inlet member = inlet;
    if (stopped || reader == null || member == null || !held.isReadable()) {
      return;
    }
    try {
      ByteBuffer bytes = held.nioBuffer();
      int before = bytes.remaining();
      member.batch(() -> parse(reader, bytes), false);
      held.skipBytes(before - bytes.remaining());
    } catch (Throwable failure) {
      connection.failed(failure);
    }
  }

  private void parse(FrameReader reader, ByteBuffer bytes) {
    FrameReader.Violation wrong = reader.read(bytes);
    if (wrong != null) {
      connection.end(Wire.close(wrong.code(), wrong.reason()), false);
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
      connection.end(Wire.close(Connection.POLICY, "too many pings"), false);
    }
  }

  @Override
  public void close(int code) {
    connection.end(Wire.close(code, ""), true);
  }

  /** Any thread: lets frames wait, or not. */
  void pause(boolean on) {
    paused = on;
  }

  /** Hears nothing more, and lets go of what was begun; {@link #read} lets go of the rest. */
  void stop() {
    stopped = true;
    FrameReader reader = frames;
    if (reader != null) {
      reader.drop();
    }
  }

  // ---- what it holds, any thread ----

  private int arrived() {
    FrameReader reader = frames;
    return reader == null ? 0 : reader.arrived();
  }

  /** {@link Arrivals#burden}. */
  double burden() {
    return arrivals.burden(unfinished.taken(), arrived());
  }

  // ---- times ----

  /** Called by the sweep, as {@link Arrivals#tick}. */
  void tick() {
    arrivals.tick(arrived());
  }

  /** Whether nothing has come for too long, counted from {@code since} at the earliest. */
  boolean isSilent(long since) {
    return !paused && isLate(Math.max(readAt, since), limits.silence());
  }

  /** Whether a message has not grown enough for too long, counted likewise. */
  boolean isStuck(long since) {
    FrameReader reader = frames;
    long stuck = reader == null ? 0 : reader.stuckSince();
    return !paused && stuck != 0 && isLate(Math.max(stuck, since), limits.messageTime());
  }

  private boolean isLate(long from, Duration most) {
    return loop.now() - from > most.toNanos();
  }
}
