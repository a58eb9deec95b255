package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.server.wire.Outboxes;
import im.xpro.xnest.server.wire.Outboxes.Kept;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.java_websocket.WrappedByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection's socket. Writes at once, on whatever thread has something to write; what the socket
 * does not take waits here, counted, for the library's selector to find it writable. Reads on the
 * selector's thread as long as it may. Under TLS bytes are sealed when the socket takes them, for
 * each peer anew; until then they wait in the clear, shared by all to whom they go.
 *
 * <p>The library sets a key's interest back to reading after each write that its channel calls
 * complete, whatever has been asked for meanwhile. So this channel never calls one complete ({@link
 * #isNeedWrite}), and the interest changes here alone, under the lock. Nothing is called with the
 * lock held.
 */
final class Link implements WrappedByteChannel {
  /** Bytes in one write: the JDK copies all that it is given, however little the socket takes. */
  private static final int PIECE = 128 << 10;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Connection connection;
  private final Limits limits;
  private final Outboxes outboxes;
  private final LongSupplier clock;
  private final Executor executor;
  private volatile boolean passesOn;
  private volatile long readAt;

  // ---- guarded by this ----

  /** Null for a connection in the clear. */
  private final @Nullable Tls tls;

  private final Deque<Kept<ByteBuffer>> waiting = new ArrayDeque<>(1);
  private long backlog;

  /** When the socket last took something of what waits. */
  private long movedAt;

  /** Answers the newest ping, once that may be and nothing waits (RFC 6455 section 5.5.3). */
  private @Nullable ByteBuffer pong;

  /** Written under the lock only. */
  private volatile boolean reads = true;

  /** TLS computes on another thread. Written under the lock only. */
  private volatile boolean computes;

  /** Some of what waited was let go, so nothing may follow but the last bytes. */
  private boolean shed;

  /** The last bytes are in. */
  private boolean finished;

  private boolean hangsUp;

  /** The socket takes no more; the reading side finds out why. */
  private boolean broken;

  /**
   * @param outboxes what waits for all peers
   * @param executor runs what TLS computes, a millisecond or more
   */
  Link(
      SocketChannel channel,
      @Nullable Tls tls,
      SelectionKey key,
      Connection connection,
      Limits limits,
      Outboxes outboxes,
      LongSupplier clock,
      Executor executor) {
    this.channel = channel;
    this.tls = tls;
    this.key = key;
    this.connection = connection;
    this.limits = limits;
    this.outboxes = outboxes;
    this.clock = clock;
    this.executor = executor;
    this.readAt = clock.getAsLong();
  }

  /**
   * Sends them behind all that waits.
   *
   * @return false if they are too much together with what waits, here or for all peers
   */
  synchronized boolean offer(Outgoing outgoing) {
    ByteBuffer frames = outgoing.framed();
    boolean isTooMuch = !waiting.isEmpty() && backlog + frames.remaining() > limits.outboxBytes();
    if (finished || shed || isTooMuch || outboxes.refuses(frames.remaining())) {
      return false;
    }
    send(frames, outgoing);
    return true;
  }

  /** Sends {@code bytes} behind all that waits, however much that is. */
  synchronized void send(ByteBuffer bytes) {
    send(bytes, null);
  }

  private void send(ByteBuffer bytes, @Nullable Outgoing of) {
    if (broken || finished) {
      return;
    }
    boolean first = isDrained();
    if (first) {
      put(bytes);
      movedAt = clock.getAsLong();
    }
    if (bytes.hasRemaining() && !broken) {
      backlog += bytes.remaining();
      waiting.add(outboxes.keep(bytes, bytes.limit(), of));
    }
    if (first && !isDrained()) {
      want(SelectionKey.OP_WRITE);
    }
  }

  /** What it takes in memory that this waits: of what others keep, too, its part. */
  synchronized long kept() {
    return waiting.stream().mapToLong(Kept::part).sum();
  }

  /**
   * Lets go of what waits, but for what may have been sent in part.
   *
   * @return whether that is little, so that the last bytes may follow it
   */
  synchronized boolean shed() {
    shed = true;
    while (waiting.size() > 1) {
      Kept<ByteBuffer> last = waiting.removeLast();
      backlog -= last.what().remaining();
      outboxes.release(last);
    }
    return backlog <= PIECE;
  }

  private boolean isDrained() {
    return waiting.isEmpty() && (tls == null || tls.isFlushed());
  }

  /**
   * Has a pong sent when nothing waits, in place of those that have not been sent by then.
   *
   * @param now whether that may be before {@link #answerPing} is called
   */
  synchronized void answerPing(ByteBuffer newest, boolean now) {
    pong = newest;
    if (now) {
      answerPing();
    }
  }

  /** Answers the newest ping, if one has no answer and nothing waits. */
  synchronized void answerPing() {
    ByteBuffer answer = pong;
    if (answer != null && isDrained()) {
      pong = null;
      send(answer);
    }
  }

  /**
   * Sends the last bytes. Then ends the connection, or if not {@code hangUp} its way out, so that
   * the peer can read them all whatever it is sending itself.
   */
  void finish(ByteBuffer last, boolean hangUp) {
    boolean cut;
    synchronized (this) {
      send(last);
      finished = true;
      hangsUp = hangUp;
      // the last bytes cannot be sent in the middle of a handshake of TLS
      cut = endIfDrained() || tls != null && !tls.isEstablished();
    }
    if (cut) {
      connection.cut();
    }
  }

  private boolean endIfDrained() {
    if (!finished || !isDrained()) {
      return false;
    }
    try {
      if (tls != null && !tls.end()) {
        want(SelectionKey.OP_WRITE);
        return false;
      }
      channel.shutdownOutput();
    } catch (IOException gone) {
      broken = true;
    }
    return hangsUp;
  }

  /** How long the socket has taken nothing of what waits, by the clock; 0 if nothing waits. */
  synchronized long stalledFor() {
    return isDrained() ? 0 : clock.getAsLong() - movedAt;
  }

  /** Whether the connection is lost, as far as sending tells. */
  synchronized boolean isBroken() {
    return broken;
  }

  /** When bytes last came, by the clock. */
  long readAt() {
    return readAt;
  }

  /** Lets the selector read or not. */
  synchronized void read(boolean on) {
    reads = on;
    if (mayRead()) {
      want(SelectionKey.OP_READ);
    }
  }

  private boolean mayRead() {
    return reads && !computes;
  }

  /** From now on this is the application's connection, and nothing here is of any effect. */
  synchronized void passOn() {
    passesOn = true;
    want(SelectionKey.OP_READ);
  }

  private void want(int operation) {
    try {
      if ((key.interestOpsOr(operation) & operation) == 0) {
        key.selector().wakeup();
      }
    } catch (CancelledKeyException gone) {
      broken = true;
    }
  }

  private void forgo(int operation) {
    try {
      key.interestOpsAnd(~operation);
    } catch (CancelledKeyException gone) {
      broken = true;
    }
  }

  private void put(ByteBuffer bytes) {
    try {
      if (tls == null) {
        putInPieces(bytes);
      } else {
        tls.write(bytes);
      }
    } catch (IOException gone) {
      lose();
    }
  }

  private void putInPieces(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    try {
      do {
        bytes.limit(Math.min(end, bytes.position() + PIECE));
        channel.write(bytes);
      } while (!bytes.hasRemaining() && bytes.limit() < end);
    } finally {
      bytes.limit(end);
    }
  }

  /** Nothing more can be sent. */
  private void lose() {
    broken = true;
    waiting.forEach(outboxes::release);
    waiting.clear();
    backlog = 0;
    pong = null;
    if (tls != null) {
      tls.stopSending();
    }
  }

  // ---- called by the library, on its selector's thread ----

  @Override
  public int read(ByteBuffer to) throws IOException {
    if (passesOn) {
      return channel.read(to);
    }
    if (!mayRead() && mayNotRead()) {
      return 0;
    }
    int size = readOrEnd(to);
    if (size > 0) {
      readAt = clock.getAsLong();
      connection.announce();
    } else if (size < 0 && !connection.end()) {
      read(false);
      return 0;
    }
    return size;
  }

  private synchronized boolean mayNotRead() {
    if (!mayRead()) {
      forgo(SelectionKey.OP_READ);
    }
    return !mayRead();
  }

  /** A reset is an end like others: what came before it still counts. */
  private int readOrEnd(ByteBuffer to) {
    try {
      return tls == null ? channel.read(to) : decrypt(tls, to);
    } catch (IOException reset) {
      return -1;
    }
  }

  private int decrypt(Tls with, ByteBuffer to) throws IOException {
    int size;
    synchronized (this) {
      try {
        size = with.read(to);
      } finally {
        if (!isDrained()) {
          want(SelectionKey.OP_WRITE);
        }
      }
      computes = with.hasTasks();
    }
    if (computes) {
      executor.execute(() -> compute(with));
    }
    return size;
  }

  private void compute(Tls with) {
    with.runTasks();
    synchronized (this) {
      computes = false;
      try {
        with.goOn();
      } catch (IOException failure) {
        lose();
      }
      if (!isDrained()) {
        want(SelectionKey.OP_WRITE);
      }
      if (mayRead()) {
        want(SelectionKey.OP_READ);
      }
    }
  }

  @Override
  public boolean isNeedWrite() {
    return !passesOn;
  }

  @Override
  public void writeMore() {
    boolean cut;
    synchronized (this) {
      if (!drain()) {
        return;
      }
      forgo(SelectionKey.OP_WRITE);
      answerPing();
      cut = endIfDrained();
    }
    if (cut) {
      connection.cut();
    }
  }

  /**
   * @return whether nothing waits any more
   */
  private boolean drain() {
    long sent = tls == null ? 0 : tls.sent();
    boolean moved = false;
    Kept<ByteBuffer> first;
    do {
      first = waiting.peek();
      ByteBuffer next = first == null ? NOTHING : first.what();
      int before = next.remaining();
      put(next);
      if (broken) {
        return true;
      }
      backlog -= before - next.remaining();
      moved |= next.remaining() < before;
    } while (first != null && isDone(first));
    if (moved || tls != null && tls.sent() != sent) {
      movedAt = clock.getAsLong();
    }
    return isDrained();
  }

  private boolean isDone(Kept<ByteBuffer> first) {
    if (first.what().hasRemaining()) {
      return false;
    }
    waiting.remove();
    outboxes.release(first);
    return true;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return channel.write(bytes);
  }

  @Override
  public boolean isNeedRead() {
    return false;
  }

  @Override
  public int readMore(ByteBuffer to) {
    return 0;
  }

  @Override
  public boolean isBlocking() {
    return channel.isBlocking();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      try {
        if (tls != null && !broken && isDrained()) {
          tls.end();
        }
      } finally {
        lose();
        if (tls != null) {
          tls.free();
        }
        channel.close();
      }
    }
  }
}
