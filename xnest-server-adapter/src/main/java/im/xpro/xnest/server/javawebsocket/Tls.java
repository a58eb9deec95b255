package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.server.wire.Budget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of TLS 1.2 or 1.3 on one socket. One thread at a time, but for {@link
 * #runTasks}.
 *
 * <p>Reads record by record, and from the socket never more than the record it is at. So what is
 * decrypted is handed over at once, all else waits in the socket, and a pause in reading leaves
 * nothing behind here that nobody would come for. Of what the socket does not take, one record is
 * kept at most, besides answers of TLS itself; the clear text waits with its {@link Link}.
 */
final class Tls {
  private static final Logger log = LoggerFactory.getLogger(Tls.class);
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /** Type, version and length of a record (RFC 8446 section 5.1). */
  private static final int HEAD_BYTES = 5;

  /** RFC 5246 section 6.2.3; less in TLS 1.3. */
  private static final int MAX_RECORD_BYTES = (16 << 10) + 2_048;

  /** A peer that asks for answers of TLS itself must read them some day. */
  private static final int MAX_UNSENT_BYTES = 128 << 10;

  /** In one go, where they hold nothing. */
  private static final int MAX_EMPTY_RECORDS = 16;

  /** More of them than of others, once messages may come: each may ask for new keys. */
  private static final int MAX_VAIN_RECORDS = 1_000;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final ThreadLocal<Desk> DESK = ThreadLocal.withInitial(Desk::new);

  /** Buffers to work with, empty between two calls; as large as the JDK's engine may ask for. */
  private static final class Desk {
    final ByteBuffer in = ByteBuffer.allocate(HEAD_BYTES + MAX_RECORD_BYTES);
    final ByteBuffer clear = ByteBuffer.allocate(HEAD_BYTES + MAX_RECORD_BYTES);
    final ByteBuffer out = ByteBuffer.allocate(2 * (HEAD_BYTES + MAX_RECORD_BYTES));
  }

  private final SocketChannel channel;
  private final SSLContext context;
  private final Budget.Share budget;

  /** Null until the peer has begun. */
  private @Nullable SSLEngine engine;

  /** A record that has not come in whole. */
  private ByteBuffer begun = NOTHING;

  /** Sealed, and not taken by the socket. */
  private ByteBuffer unsent = NOTHING;

  private long sent;
  private int vain;
  private boolean established;
  private boolean ended;
  private boolean ending;

  Tls(SocketChannel channel, SSLContext context, Budget.Share budget) {
    this.channel = channel;
    this.context = context;
    this.budget = budget;
  }

  private static SSLEngine engine(SSLContext context) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    List<String> supported = Arrays.asList(engine.getSupportedProtocols());
    engine.setEnabledProtocols(
        PROTOCOLS.stream().filter(supported::contains).toArray(String[]::new));
    return engine;
  }

  /** Whether messages may be sent, and may have come. */
  boolean isEstablished() {
    return established;
  }

  /** Whether the socket has taken all that was sealed. */
  boolean isFlushed() {
    return !unsent.hasRemaining();
  }

  /** How many bytes the socket has taken. */
  long sent() {
    return sent;
  }

  /**
   * Reads what one record holds, if one is there, and answers what TLS itself wants answered.
   *
   * @param to has room for a whole record
   * @return how many bytes; 0 if nothing is there now, -1 at the end
   * @throws IOException if the peer does not speak TLS, or the socket fails
   */
  int read(ByteBuffer to) throws IOException {
    if (ending) {
      return skip();
    }
    try {
      for (int i = 0; i < MAX_EMPTY_RECORDS && !ended; i++) {
        ByteBuffer record = DESK.get().in;
        if (!fill(record)) {
          break;
        }
        int size = open(record, to);
        count(size);
        if (size > 0 || hasTasks()) {
          return size;
        }
      }
      return ended ? -1 : 0;
    } catch (SSLException | RuntimeException failure) {
      throw failed(failure);
    }
  }

  private void count(int size) throws SSLException {
    vain = Math.max(0, vain + (size > 0 || !established ? -1 : 1));
    if (vain > MAX_VAIN_RECORDS) {
      throw new SSLException("the peer has nothing to say");
    }
  }

  /** The peer may send what it likes: it is heard no more, but its end is. */
  private int skip() throws IOException {
    return channel.read(DESK.get().in.clear()) < 0 ? -1 : 0;
  }

  private boolean fill(ByteBuffer record) throws IOException {
    record.clear().put(begun.duplicate());
    int missing;
    while ((missing = missing(record)) > 0) {
      int size = channel.read(record.limit(record.position() + missing));
      if (size <= 0) {
        ended = size < 0;
        begun = keep(begun, record.flip());
        return false;
      }
    }
    begun = keep(begun, NOTHING);
    record.flip();
    return true;
  }

  private static int missing(ByteBuffer record) throws SSLException {
    int size = record.position();
    if (size < HEAD_BYTES) {
      return HEAD_BYTES - size;
    }
    int type = record.get(0);
    int length = record.getShort(3) & 0xFFFF;
    if (type < 20 || type > 23 || record.get(1) != 3 || length > MAX_RECORD_BYTES) {
      throw new SSLException("a record that is none of TLS");
    }
    return HEAD_BYTES + length - size;
  }

  private int open(ByteBuffer record, ByteBuffer to) throws IOException {
    if (engine == null) {
      engine = engine(context);
    }
    ByteBuffer clear = DESK.get().clear.clear();
    SSLEngineResult result = engine.unwrap(record, clear);
    if (result.getStatus() == Status.CLOSED) {
      ended = true;
      return 0;
    }
    if (result.getStatus() != Status.OK || record.hasRemaining()) {
      throw new SSLException("a record could not be read: " + result);
    }
    if (established && hasTasks()) {
      throw new SSLException("the peer wants to negotiate again");
    }
    goOn();
    int size = clear.flip().remaining();
    to.put(clear);
    return size;
  }

  /** Whether nothing can be read until {@link #runTasks} was called. */
  boolean hasTasks() {
    return engine != null && engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
  }

  /** Computes what the handshake needs, a millisecond or more. Any thread. */
  void runTasks() {
    SSLEngine computes = engine;
    Runnable task;
    while (computes != null && (task = computes.getDelegatedTask()) != null) {
      task.run();
    }
  }

  /**
   * Sends what TLS itself has to say.
   *
   * @throws IOException if the handshake or the socket fails
   */
  void goOn() throws IOException {
    try {
      while (status() == HandshakeStatus.NEED_WRAP && seal(NOTHING) > 0) {
        if (unsent.remaining() > MAX_UNSENT_BYTES) {
          throw new SSLException("the peer does not read the answers that it asks for");
        }
      }
      established |= status() == HandshakeStatus.NOT_HANDSHAKING;
    } catch (SSLException | RuntimeException failure) {
      throw failed(failure);
    }
  }

  private HandshakeStatus status() {
    return engine == null ? HandshakeStatus.NEED_UNWRAP : engine.getHandshakeStatus();
  }

  /**
   * Seals and sends {@code bytes} as far as the socket takes them; one record more is kept.
   *
   * @throws IOException if that will never go on; reading then comes to its end
   */
  void write(ByteBuffer bytes) throws IOException {
    try {
      while (flush() && established && bytes.hasRemaining()) {
        if (seal(bytes) == 0) {
          throw new SSLException("nothing more can be sent");
        }
      }
    } catch (SSLException | RuntimeException failure) {
      throw failed(failure);
    }
  }

  private int seal(ByteBuffer bytes) throws IOException {
    ByteBuffer out = DESK.get().out.clear();
    SSLEngineResult result = Objects.requireNonNull(engine).wrap(bytes, out);
    if (result.getStatus() != Status.OK && result.getStatus() != Status.CLOSED) {
      throw new SSLException("a record could not be written: " + result);
    }
    out.flip();
    if (isFlushed()) {
      sent += channel.write(out);
    }
    if (out.hasRemaining()) {
      ByteBuffer all = ByteBuffer.allocate(unsent.remaining() + out.remaining());
      unsent = keep(unsent, all.put(unsent).put(out).flip());
    }
    return result.bytesProduced();
  }

  /**
   * Sends what was sealed before.
   *
   * @return whether the socket has taken it all
   */
  boolean flush() throws IOException {
    if (unsent.hasRemaining()) {
      sent += channel.write(unsent);
      if (!unsent.hasRemaining()) {
        unsent = keep(unsent, NOTHING);
      }
    }
    return isFlushed();
  }

  /**
   * Tells the peer that nothing more comes. What it sends is not read any more.
   *
   * @return whether the socket has taken all
   */
  boolean end() throws IOException {
    if (!ending && engine != null) {
      engine.closeOutbound();
      goOn();
    }
    ending = true;
    return flush();
  }

  /** Lets go of what is not sent; nothing more may be. */
  void stopSending() {
    unsent = release(unsent);
  }

  /** Lets go of all that is kept; nothing more may come or go. */
  void free() {
    ended = true;
    begun = release(begun);
    stopSending();
  }

  private ByteBuffer keep(ByteBuffer before, ByteBuffer now) throws IOException {
    release(before);
    if (!now.hasRemaining()) {
      return NOTHING;
    }
    if (!budget.take(now.remaining())) {
      budget.take(-now.remaining());
      throw new SSLException("more is unfinished than there is memory for");
    }
    return ByteBuffer.allocate(now.remaining()).put(now).flip();
  }

  private ByteBuffer release(ByteBuffer kept) {
    budget.take(-kept.capacity());
    return NOTHING;
  }

  /** Tells the peer by an alert, and lets the reading side find its end. */
  private IOException failed(Exception failure) {
    log.debug("TLS ends", failure);
    ended = true;
    try {
      if (status() == HandshakeStatus.NEED_WRAP) {
        seal(NOTHING);
      }
      channel.shutdownInput();
    } catch (IOException | RuntimeException gone) {
      log.trace("without an alert", gone);
    }
    return failure instanceof IOException told ? told : new IOException(failure);
  }
}
