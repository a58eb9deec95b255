package im.xpro.xnest.examples.storm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of one WebSocket, without a thread of its own: {@link #turn} when the selector
 * says so. Answers pings. Failures of the connection are its {@link #end}.
 */
final class Wire {
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  /** In one turn, so that others get theirs. */
  private static final int READS = 64;

  private final SocketChannel channel = SocketChannel.open();
  private final SelectionKey key;
  private final Deque<ByteBuffer> out = new ArrayDeque<>();
  private ByteBuffer in = ByteBuffer.allocate(4 << 10);
  private boolean isOpen;
  private boolean isPaused;
  private @Nullable String end;

  /**
   * Begins to connect.
   *
   * @param receiveBuffer in bytes, 0 for the system's
   * @param owner becomes the attachment of the key
   */
  Wire(Selector selector, URI url, int receiveBuffer, Object owner) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (receiveBuffer > 0) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
    }
    key = channel.register(selector, SelectionKey.OP_CONNECT, owner);
    String request =
        "GET %s?%s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    byte[] bytes =
        request
            .formatted(url.getRawPath(), url.getRawQuery(), url.getHost(), url.getPort())
            .getBytes(StandardCharsets.US_ASCII);
    out.add(ByteBuffer.wrap(bytes));
    try {
      if (channel.connect(new InetSocketAddress(url.getHost(), url.getPort()))) {
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      }
    } catch (IOException failure) {
      ends(failure.toString());
    }
  }

  /** How the connection ended: a close code and reason, or a failure; null while it has not. */
  @Nullable String end() {
    return end;
  }

  /** Whether all that was sent has been taken by the system. */
  boolean isIdle() {
    return out.isEmpty();
  }

  void say(String text) {
    send(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  void upload(byte[] message) {
    send(BINARY, message);
  }

  void close() {
    send(CLOSE, new byte[] {0x03, (byte) 0xE8});
  }

  /** Sends bytes as they are. */
  void raw(byte[] bytes) {
    out.add(ByteBuffer.wrap(bytes));
    write();
  }

  /** Ends the sending half alone. */
  void halfClose() {
    try {
      channel.shutdownOutput();
    } catch (IOException failure) {
      ends(failure.toString());
    }
  }

  /** Ends the connection with a TCP reset. */
  void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException closed) {
      // it has ended without us
    }
    ends("reset");
  }

  /** Reads nothing until it is to read again. */
  void pause(boolean stops) {
    isPaused = stops;
    interest();
  }

  private void send(int opcode, byte[] payload) {
    int mask = ThreadLocalRandom.current().nextInt();
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length <= 0xFFFF) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask >> 8 * (3 - i % 4)));
    }
    out.add(frame.flip());
    write();
  }

  private void write() {
    try {
      while (isConnected() && !out.isEmpty()) {
        channel.write(out.peek());
        if (out.peek().hasRemaining()) {
          break;
        }
        out.remove();
      }
      interest();
    } catch (IOException failure) {
      ends(failure.toString());
    }
  }

  private boolean isConnected() {
    return end == null && channel.isConnected();
  }

  private void interest() {
    if (isConnected()) {
      key.interestOps(
          (isPaused ? 0 : SelectionKey.OP_READ) | (out.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }
  }

  /** Writes and reads what can be; returns the texts that came. */
  List<String> turn() {
    List<String> texts = new ArrayList<>();
    try {
      if (key.isValid() && key.isConnectable()) {
        channel.finishConnect();
      }
      write();
      if (!isPaused && isConnected()) {
        read(texts);
      }
    } catch (IOException failure) {
      ends(failure.toString());
    }
    return texts;
  }

  private void read(List<String> texts) throws IOException {
    int count = 1;
    for (int i = 0; i < READS && count > 0 && end == null; i++) {
      count = channel.read(in);
      in.flip();
      if (isOpen || opens()) {
        while (takesFrame(texts)) {}
      }
      in.compact();
      if (!in.hasRemaining()) {
        in = ByteBuffer.allocate(in.capacity() * 2).put(in.flip());
      }
    }
    if (count < 0) {
      ends("the end of the stream");
    }
  }

  /** Reads the answer to the handshake, once it is whole. */
  private boolean opens() {
    String head = StandardCharsets.ISO_8859_1.decode(in.duplicate()).toString();
    int length = head.indexOf("\r\n\r\n");
    if (length >= 0 && !head.startsWith("HTTP/1.1 101")) {
      ends("refused: " + head.replaceAll("\\s+", " "));
    } else if (length >= 0) {
      in.position(in.position() + length + 4);
      isOpen = true;
    }
    return isOpen;
  }

  private boolean takesFrame(List<String> texts) {
    if (end != null || in.remaining() < 2) {
      return false;
    }
    int at = in.position();
    int small = in.get(at + 1) & 0x7F;
    int header = small < 126 ? 2 : small == 126 ? 4 : 10;
    if (in.remaining() < header) {
      return false;
    }
    long length =
        small < 126 ? small : small == 126 ? in.getShort(at + 2) & 0xFFFF : in.getLong(at + 2);
    if (in.remaining() < header + length) {
      return false;
    }
    int first = in.get(at);
    byte[] payload = new byte[(int) length];
    in.position(at + header).get(payload);
    switch (first & 0x0F) {
      case PING -> send(PONG, payload);
      case PONG -> {}
      case CLOSE ->
          ends(
              length < 2
                  ? "1005"
                  : ((payload[0] & 0xFF) << 8 | payload[1] & 0xFF)
                      + " "
                      + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
      default -> {
        if ((first & 0xFF) == (0x80 | TEXT)) {
          texts.add(new String(payload, StandardCharsets.UTF_8));
        } else {
          ends("a frame that begins with " + Integer.toHexString(first & 0xFF));
        }
      }
    }
    return true;
  }

  private void ends(String how) {
    if (end == null) {
      end = how;
    }
    try {
      channel.close();
    } catch (IOException alreadyClosed) {
      // no more can be done
    }
  }
}
