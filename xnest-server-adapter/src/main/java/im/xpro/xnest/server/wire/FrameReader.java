package im.xpro.xnest.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Limits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client's frames (RFC 6455 section 5) and puts messages together. Buffers grow with the
 * bytes that have come, never with those that a header claims. One thread at a time.
 */
public final class FrameReader {
  /** Hears what was read, within {@link #read}. */
  public interface Sink {
    /** A whole message. */
    void text(String text);

    /** A whole message, the sink's own from now on. */
    void binary(ByteBuffer message);

    /** A ping, to be answered. */
    void ping(byte[] payload);

    /**
     * The last to be heard.
     *
     * @param code 1005 if there is none
     */
    void close(int code);

    /** Whether nothing more is to be read now. */
    boolean waits();
  }

  /** Why a connection must be closed: a code of RFC 6455 section 7.4.1 and a reason. */
  public record Violation(int code, String reason) {}

  private static final int PROTOCOL = 1002;
  private static final int NOT_UTF8 = 1007;
  private static final int TOO_BIG = 1009;
  private static final int TRY_AGAIN_LATER = 1013;

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private static final int LEAST_BUFFER = 4 << 10;
  private static final byte[] NOTHING = {};
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Limits limits;
  private final Budget.Share budget;
  private final LongSupplier clock;
  private final Sink sink;

  private final byte[] header = new byte[14];
  private int headerBytes;
  private int headerSize;
  private boolean inPayload;
  private long left;
  private int mask;
  private int masked;

  private byte[] control = NOTHING;
  private byte[] message = NOTHING;
  private int messageBytes;

  /** {@link #TEXT} or {@link #BINARY}, {@link #CONTINUATION} between messages. */
  private int messageType;

  private int fragments;
  private int charged;
  private boolean ended;
  private int progress;
  private volatile int arrived;
  private volatile long stuckSince;

  /**
   * @param clock nanoseconds, for {@link #stuckSince}
   */
  public FrameReader(Limits limits, Budget.Share budget, LongSupplier clock, Sink sink) {
    this.limits = limits;
    this.budget = budget;
    this.clock = clock;
    this.sink = sink;
  }

  /**
   * Reads as much of {@code in} as the sink wants. After a close frame or a violation nothing is
   * read any more.
   *
   * @return the first violation, null if there is none
   */
  public @Nullable Violation read(ByteBuffer in) {
    while (!ended && in.hasRemaining() && !sink.waits()) {
      Violation wrong = inPayload ? payload(in) : header(in);
      if (wrong != null) {
        ended = true;
        return wrong;
      }
    }
    noteProgress();
    return charge(message.length) ? null : new Violation(TRY_AGAIN_LATER, "too much at once");
  }

  private void noteProgress() {
    boolean unfinished = headerBytes > 0 || messageType != CONTINUATION;
    if (unfinished && (stuckSince == 0 || messageBytes - progress >= limits.progressBytes())) {
      stuckSince = clock.getAsLong();
      progress = messageBytes;
    }
    if (arrived != messageBytes) {
      arrived = messageBytes;
    }
  }

  /**
   * When the first byte of what is not whole yet came, or the last {@link Limits#progressBytes} of
   * it, by the clock; 0 if all is whole. Any thread.
   */
  public long stuckSince() {
    return stuckSince;
  }

  /** Bytes that have come of a message that is not whole. Any thread. */
  public int arrived() {
    return arrived;
  }

  /** Lets go of what is not whole; nothing is read any more. */
  public void drop() {
    ended = true;
    message = NOTHING;
    charge(0);
  }

  private boolean charge(int bytes) {
    int more = bytes - charged;
    charged = bytes;
    return more == 0 || budget.take(more);
  }

  private @Nullable Violation header(ByteBuffer in) {
    do {
      header[headerBytes++] = in.get();
      if (headerBytes == 2) {
        Violation wrong = firstTwoBytes();
        if (wrong != null) {
          return wrong;
        }
      }
    } while (in.hasRemaining() && (headerBytes < 2 || headerBytes < headerSize));
    return headerBytes >= 2 && headerBytes == headerSize ? wholeHeader() : null;
  }

  private @Nullable Violation firstTwoBytes() {
    int opcode = opcode();
    int length = header[1] & 0x7F;
    if ((header[0] & 0x70) != 0) {
      return new Violation(PROTOCOL, "a reserved bit is set");
    }
    if ((header[1] & 0x80) == 0) {
      return new Violation(PROTOCOL, "a client's frame must be masked");
    }
    if (opcode > PONG || opcode > BINARY && opcode < CLOSE) {
      return new Violation(PROTOCOL, "unknown opcode " + opcode);
    }
    if (opcode >= CLOSE && (!isFinal() || length > 125)) {
      return new Violation(PROTOCOL, "a control frame must be whole and small");
    }
    if (opcode == CONTINUATION && messageType == CONTINUATION) {
      return new Violation(PROTOCOL, "there is nothing to continue");
    }
    if ((opcode == TEXT || opcode == BINARY) && messageType != CONTINUATION) {
      return new Violation(PROTOCOL, "the message before is not finished");
    }
    headerSize = 2 + 4 + (length == 126 ? 2 : length == 127 ? 8 : 0);
    return null;
  }

  private int opcode() {
    return header[0] & 0x0F;
  }

  private boolean isFinal() {
    return header[0] < 0;
  }

  private @Nullable Violation wholeHeader() {
    ByteBuffer bytes = ByteBuffer.wrap(header, 1, headerSize - 1);
    long length = bytes.get() & 0x7F;
    long least = 0;
    if (length == 126) {
      length = bytes.getShort() & 0xFFFF;
      least = 126;
    } else if (length == 127) {
      length = bytes.getLong();
      least = 0x10000;
    }
    if (length < least) {
      return new Violation(
          PROTOCOL, "a length must be positive, and written as short as it can be");
    }
    mask = bytes.getInt();
    masked = 0;
    left = length;
    inPayload = true;
    Violation wrong = opcode() >= CLOSE ? null : dataFrame(length);
    return wrong != null || length > 0 ? wrong : endOfFrame();
  }

  private @Nullable Violation dataFrame(long length) {
    if (messageType == CONTINUATION) {
      messageType = opcode();
    }
    int most = messageType == TEXT ? limits.maxTextBytes() : limits.maxBinaryBytes();
    if (length > most - messageBytes) {
      return new Violation(TOO_BIG, "a message of this type may have " + most + " bytes");
    }
    fragments++;
    if (fragments > limits.fragments()) {
      return new Violation(TOO_BIG, "a message may have " + limits.fragments() + " fragments");
    }
    return null;
  }

  private @Nullable Violation payload(ByteBuffer in) {
    int size = (int) Math.min(left, in.remaining());
    if (opcode() >= CLOSE) {
      if (masked == 0) {
        control = new byte[(int) left];
      }
      unmask(in, control, masked, size);
    } else {
      makeRoom(size);
      unmask(in, message, messageBytes, size);
      messageBytes += size;
    }
    left -= size;
    return left > 0 ? null : endOfFrame();
  }

  /** At most doubles, and never beyond the end of the frame. */
  private void makeRoom(int size) {
    int needed = messageBytes + size;
    if (needed > message.length) {
      long most = messageBytes + left;
      int doubled = Math.max(LEAST_BUFFER, 2 * message.length);
      message = Arrays.copyOf(message, (int) Math.min(most, Math.max(needed, doubled)));
    }
  }

  /** Moves {@code size} bytes and undoes the mask, eight at a time (RFC 6455 section 5.3). */
  private void unmask(ByteBuffer in, byte[] to, int from, int size) {
    in.get(to, from, size);
    int turned = Integer.rotateLeft(mask, 8 * (masked & 3));
    masked += size;
    long twice = (long) turned << 32 | turned & 0xFFFFFFFFL;
    int at = from;
    int end = from + size;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      LONGS.set(to, at, (long) LONGS.get(to, at) ^ twice);
    }
    for (int shift = 24; at < end; at++, shift = shift == 0 ? 24 : shift - 8) {
      to[at] ^= (byte) (turned >>> shift);
    }
  }

  private @Nullable Violation endOfFrame() {
    inPayload = false;
    headerBytes = 0;
    Violation wrong = null;
    if (opcode() >= CLOSE) {
      wrong = control(control);
      control = NOTHING;
    } else if (isFinal()) {
      wrong = endOfMessage();
    }
    if (messageType == CONTINUATION) {
      stuckSince = 0;
    }
    return wrong;
  }

  private @Nullable Violation endOfMessage() {
    byte[] bytes = message;
    int size = messageBytes;
    int type = messageType;
    message = NOTHING;
    messageBytes = 0;
    messageType = CONTINUATION;
    fragments = 0;
    if (type == BINARY) {
      sink.binary(ByteBuffer.wrap(size == bytes.length ? bytes : Arrays.copyOf(bytes, size)));
      return null;
    }
    String text = new String(bytes, 0, size, UTF_8);
    if (!isUtf8(text, bytes, 0, size)) {
      return new Violation(NOT_UTF8, "a text must be UTF-8");
    }
    sink.text(text);
    return null;
  }

  /** Decoding puts U+FFFD where there is no UTF-8, so only texts that hold one are looked at. */
  private static boolean isUtf8(String decoded, byte[] bytes, int from, int size) {
    if (decoded.indexOf('\uFFFD') < 0) {
      return true;
    }
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, size));
      return true;
    } catch (CharacterCodingException notUtf8) {
      return false;
    }
  }

  private @Nullable Violation control(byte[] payload) {
    if (opcode() == CLOSE) {
      return close(payload);
    }
    if (opcode() == PING) {
      sink.ping(payload);
    }
    return null;
  }

  private @Nullable Violation close(byte[] payload) {
    int code = 1005;
    if (payload.length == 1) {
      return new Violation(PROTOCOL, "a close code has two bytes");
    }
    if (payload.length >= 2) {
      code = ByteBuffer.wrap(payload).getShort() & 0xFFFF;
      String reason = new String(payload, 2, payload.length - 2, UTF_8);
      if (!mayBeSent(code)) {
        return new Violation(PROTOCOL, "close code " + code + " may not be sent");
      }
      if (!isUtf8(reason, payload, 2, payload.length - 2)) {
        return new Violation(NOT_UTF8, "a close reason must be UTF-8");
      }
    }
    ended = true;
    sink.close(code);
    return null;
  }

  /** RFC 6455 section 7.4 and the registry that it opens. */
  private static boolean mayBeSent(int code) {
    return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)
        || code >= 3000 && code <= 4999;
  }
}
