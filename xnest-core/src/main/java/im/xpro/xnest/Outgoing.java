package im.xpro.xnest;

import im.xpro.xnest.protocol.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One or more frames on their way to members: the same object for each of them, so that each form
 * is made once however many members there are. Any thread.
 */
public final class Outgoing {
  private final List<Frame> frames;
  private final List<String> texts;
  private volatile @Nullable ByteBuffer framed;

  /** Of the framed bytes; 0 while not counted. */
  private volatile long size;

  Outgoing(List<Frame> frames, List<String> texts) {
    this.frames = frames;
    this.texts = texts;
  }

  /** What happened, in order. */
  public List<Frame> frames() {
    return frames;
  }

  /** Each frame as JSON, for transports that send strings: one text message each, unfragmented. */
  public List<String> texts() {
    return texts;
  }

  /**
   * All frames as the bytes of a server's WebSocket stream: unmasked, unfragmented text frames one
   * behind the other (RFC 6455 section 5.2). Read-only, never changed, position 0; the position and
   * limit are the caller's own.
   */
  public ByteBuffer framed() {
    ByteBuffer bytes = framed;
    if (bytes == null) {
      bytes = encode(texts);
      framed = bytes;
    }
    return bytes.duplicate();
  }

  /** How many bytes {@link #framed} has. Counted once; makes nothing. */
  public long bytes() {
    long bytes = size;
    if (bytes == 0) {
      for (String text : texts) {
        int length = Utf8.length(text);
        bytes += headerBytes(length) + length;
      }
      size = bytes;
    }
    return bytes;
  }

  private static ByteBuffer encode(List<String> texts) {
    byte[][] payloads = new byte[texts.size()][];
    int size = 0;
    for (int i = 0; i < payloads.length; i++) {
      payloads[i] = texts.get(i).getBytes(StandardCharsets.UTF_8);
      size += headerBytes(payloads[i].length) + payloads[i].length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    for (byte[] payload : payloads) {
      putTextHeader(bytes, payload.length);
      bytes.put(payload);
    }
    return bytes.flip().asReadOnlyBuffer();
  }

  private static int headerBytes(int length) {
    return length < 126 ? 2 : length <= 0xFFFF ? 4 : 10;
  }

  /** FIN and opcode 1; the length in 7, 16 or 64 bits (RFC 6455 section 5.2). */
  private static void putTextHeader(ByteBuffer to, int length) {
    to.put((byte) 0x81);
    if (length < 126) {
      to.put((byte) length);
    } else if (length <= 0xFFFF) {
      to.put((byte) 126).putShort((short) length);
    } else {
      to.put((byte) 127).putLong(length);
    }
  }
}
