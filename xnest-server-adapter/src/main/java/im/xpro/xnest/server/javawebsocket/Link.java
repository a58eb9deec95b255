package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.java_websocket.WrappedByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection's socket. Writes at once, on whatever thread has something to write; what the socket
 * does not take waits here, counted, for the library's selector to find it writable. Reads on the
 * selector's thread as long as it may.
 *
 * <p>The library sets a key's interest back to reading after each write that its channel calls
 * complete, whatever has been asked for meanwhile. So this channel never calls one complete ({@link
 * #isNeedWrite}), and the interest changes here alone, under the lock. Nothing is called with the
 * lock held.
 */
final class Link implements WrappedByteChannel {
  /** Bytes in one write: the JDK copies all that it is given, however little the socket takes. */
  private static final int PIECE = 128 << 10;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Connection connection;
  private final Limits limits;
  private final LongSupplier clock;
  private volatile boolean passesOn;
  private volatile long readAt;

  // ---- guarded by this ----

  private final Queue<ByteBuffer> waiting = new ArrayDeque<>(1);
  private long backlog;

  /** When the socket last took something of what waits. */
  private long movedAt;

  /** Answers the newest ping once nothing waits (RFC 6455 section 5.5.3). */
  private @Nullable ByteBuffer pong;

  private int pongsDropped;

  /** Written under the lock only. */
  private volatile boolean reads = true;

  /** The last bytes are in. */
  private boolean finished;

  private boolean hangsUp;

  /** The socket takes no more; the reading side finds out why. */
  private boolean broken;

  Link(
      SocketChannel channel,
      SelectionKey key,
      Connection connection,
      Limits limits,
      LongSupplier clock) {
    this.channel = channel;
    this.key = key;
    this.connection = connection;
    this.limits = limits;
    this.clock = clock;
    this.readAt = clock.getAsLong();
  }

  /**
   * Sends {@code frames} behind all that waits.
   *
   * @return false if they are too much together with what waits
   */
  synchronized boolean offer(ByteBuffer frames) {
    if (finished || !waiting.isEmpty() && backlog + frames.remaining() > limits.outboxBytes()) {
      return false;
    }
    send(frames);
    return true;
  }

  /** Sends {@code bytes} behind all that waits, however much that is. */
  synchronized void send(ByteBuffer bytes) {
    if (broken || finished) {
      return;
    }
    if (waiting.isEmpty()) {
      put(bytes);
      movedAt = clock.getAsLong();
    }
    if (bytes.hasRemaining() && !broken) {
      backlog += bytes.remaining();
      waiting.add(bytes);
      if (waiting.size() == 1) {
        want(SelectionKey.OP_WRITE);
      }
    }
  }

  /**
   * Sends a pong when nothing waits, in place of those that have not been sent by then.
   *
   * @return how many were not sent since something waits
   */
  synchronized int answerPing(ByteBuffer newest) {
    if (waiting.isEmpty()) {
      send(newest);
      return 0;
    }
    pong = newest;
    return pongsDropped++;
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
      cut = endIfDrained();
    }
    if (cut) {
      connection.cut();
    }
  }

  private boolean endIfDrained() {
    if (!finished || !waiting.isEmpty()) {
      return false;
    }
    try {
      channel.shutdownOutput();
    } catch (IOException gone) {
      broken = true;
    }
    return hangsUp;
  }

  /** How long the socket has taken nothing of what waits, by the clock; 0 if nothing waits. */
  synchronized long stalledFor() {
    return waiting.isEmpty() ? 0 : clock.getAsLong() - movedAt;
  }

  /** When bytes last came, by the clock. */
  long readAt() {
    return readAt;
  }

  /** Lets the selector read or not. */
  synchronized void read(boolean on) {
    reads = on;
    if (on) {
      want(SelectionKey.OP_READ);
    }
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
    int end = bytes.limit();
    try {
      do {
        bytes.limit(Math.min(end, bytes.position() + PIECE));
        channel.write(bytes);
      } while (!bytes.hasRemaining() && bytes.limit() < end);
    } catch (IOException gone) {
      broken = true;
      waiting.clear();
      backlog = 0;
    } finally {
      bytes.limit(end);
    }
  }

  // ---- called by the library, on its selector's thread ----

  @Override
  public int read(ByteBuffer to) throws IOException {
    if (passesOn) {
      return channel.read(to);
    }
    if (!reads && mayNotRead()) {
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
    if (!reads) {
      forgo(SelectionKey.OP_READ);
    }
    return !reads;
  }

  /** A reset is an end like others: what came before it still counts. */
  private int readOrEnd(ByteBuffer to) {
    try {
      return channel.read(to);
    } catch (IOException reset) {
      return -1;
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
      ByteBuffer next;
      while ((next = waiting.peek()) != null) {
        int before = next.remaining();
        put(next);
        if (broken) {
          break;
        }
        backlog -= before - next.remaining();
        if (next.remaining() < before) {
          movedAt = clock.getAsLong();
        }
        if (next.hasRemaining()) {
          return;
        }
        waiting.remove();
      }
      forgo(SelectionKey.OP_WRITE);
      ByteBuffer answer = pong;
      pong = null;
      pongsDropped = 0;
      if (answer != null && !finished) {
        send(answer);
      }
      cut = endIfDrained();
    }
    if (cut) {
      connection.cut();
    }
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
    channel.close();
    synchronized (this) {
      broken = true;
      waiting.clear();
      backlog = 0;
      pong = null;
    }
  }
}
