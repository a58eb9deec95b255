package im.xpro.xnest.examples.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What clients put on the wire, good or bad. */
final class Bytes {
  /** First bytes of whole frames. */
  static final int TEXT = 0x81;

  static final int BINARY = 0x82;
  static final int CLOSE = 0x88;
  static final int PING = 0x89;
  static final int PONG = 0x8A;

  private Bytes() {}

  /** A good handshake, but for what {@code replace} replaces, in pairs of an old and a new part. */
  static byte[] handshake(String target, String... replace) {
    String head =
        "GET "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    for (int i = 0; i < replace.length; i += 2) {
      head = head.replace(replace[i], replace[i + 1]);
    }
    return ascii(head);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] text(String text) {
    return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A close frame with a code. */
  static byte[] close(int code) {
    return frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  /** A whole frame; {@code first} is FIN, reserved bits and opcode. */
  static byte[] frame(int first, byte[] payload) {
    return frame(first, payload.length, payload);
  }

  /** One that claims {@code length} bytes, whatever {@code payload} has. */
  static byte[] frame(int first, long length, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (length >= 0 && length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length >= 0 && length < 0x10000) {
      frame.put((byte) 0xFE).putShort((short) length);
    } else {
      frame.put((byte) 0xFF).putLong(length);
    }
    // masked with zeros: RFC 6455 asks for a mask, not for a secret one
    frame.putInt(0).put(payload).flip();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    int size = 0;
    for (byte[] part : parts) {
      size += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  /** {@code bytes} again and again. */
  static byte[] repeat(byte[] bytes, int times) {
    ByteBuffer all = ByteBuffer.allocate(bytes.length * times);
    for (int i = 0; i < times; i++) {
      all.put(bytes);
    }
    return all.array();
  }
}
