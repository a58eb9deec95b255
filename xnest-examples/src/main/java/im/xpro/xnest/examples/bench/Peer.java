package im.xpro.xnest.examples.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A raw connection that may do what none should. Its {@link Raid}'s thread only. */
final class Peer {
  private static final int HEAD_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Queue<ByteBuffer> out = new ArrayDeque<>(1);
  private final StringBuilder head = new StringBuilder(0);
  private final ByteBuffer header = ByteBuffer.allocate(10);
  private final ByteArrayOutputStream payload = new ByteArrayOutputStream(0);
  private @Nullable Consumer<String> ear;
  private boolean reads = true;
  private boolean hasHeader;
  private long left;
  private int status;
  private int closeCode;
  private boolean ended;
  private long frames;

  Peer(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  // ---- what it has heard ----

  /** Of the answer to its handshake; 0 until that has come. */
  int status() {
    return status;
  }

  boolean isIn() {
    return status == 101;
  }

  /** Of the server's close frame; 0 if none has come. */
  int closeCode() {
    return closeCode;
  }

  /** Whether the connection is over. */
  boolean hasEnded() {
    return ended;
  }

  /** How many frames have come. */
  long frames() {
    return frames;
  }

  /**
   * Gives all texts from now on to {@code listener}; without one they are not even put together.
   */
  Peer listen(Consumer<String> listener) {
    ear = listener;
    return this;
  }

  // ---- what it does ----

  /** Sends {@code bytes} behind all that it has not sent yet. */
  void send(byte[] bytes) {
    if (!ended) {
      out.add(ByteBuffer.wrap(bytes));
      flush();
    }
  }

  void say(String text) {
    send(Bytes.text(text));
  }

  /** Whether the network has taken all that it sends. */
  boolean isDrained() {
    return out.isEmpty();
  }

  /** From now on nothing is read; what comes stays in the network and in the server. */
  void stopReading() {
    reads = false;
    want();
  }

  void halfClose() {
    try {
      channel.shutdownOutput();
    } catch (IOException gone) {
      ended = true;
    }
  }

  /** Ends the connection with a reset. */
  void reset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException gone) {
      ended = true;
    }
    close();
  }

  void close() {
    ended = true;
    out.clear();
    try {
      channel.close();
    } catch (IOException gone) {
      key.cancel();
    }
  }

  // ---- called by its raid ----

  /** The socket can do something. */
  void ready(ByteBuffer buffer) {
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        want();
      }
      if (key.isValid() && key.isWritable()) {
        flush();
      }
      if (key.isValid() && key.isReadable()) {
        read(buffer);
      }
    } catch (IOException reset) {
      close();
    }
  }

  private void want() {
    if (key.isValid() && channel.isConnected()) {
      key.interestOps(
          (reads ? SelectionKey.OP_READ : 0) | (out.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }
  }

  private void flush() {
    try {
      while (channel.isConnected() && !out.isEmpty()) {
        channel.write(out.element());
        if (out.element().hasRemaining()) {
          break;
        }
        out.remove();
      }
      want();
    } catch (IOException gone) {
      // what the server said before is still to be read
      out.clear();
      want();
      ended |= !reads;
    }
  }

  private void read(ByteBuffer buffer) throws IOException {
    if (channel.read(buffer.clear()) < 0) {
      close();
      return;
    }
    buffer.flip();
    while (buffer.hasRemaining() && !ended) {
      if (status == 0) {
        readHead(buffer);
      } else if (status != 101) {
        buffer.position(buffer.limit());
      } else if (hasHeader) {
        readPayload(buffer);
      } else {
        readHeader(buffer);
      }
    }
  }

  private void readHead(ByteBuffer in) throws IOException {
    head.append((char) in.get());
    if (head.length() > HEAD_BYTES) {
      throw new IOException("the server answers with too much");
    }
    if (head.length() >= 4 && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
      status = Integer.parseInt(head.substring(9, 12));
      head.setLength(0);
      head.trimToSize();
    }
  }

  private void readHeader(ByteBuffer in) {
    header.put(in.get());
    int size = header.position();
    int length = size < 2 ? 0 : header.get(1);
    if (size < 2 + (length == 126 ? 2 : length == 127 ? 8 : 0)) {
      return;
    }
    left = length == 126 ? header.getShort(2) & 0xFFFF : length == 127 ? header.getLong(2) : length;
    hasHeader = true;
    endIfWhole();
  }

  private void readPayload(ByteBuffer in) {
    int size = (int) Math.min(left, in.remaining());
    boolean matters = ear != null || opcode() != Bytes.TEXT;
    if (matters) {
      byte[] bytes = new byte[size];
      in.get(bytes);
      payload.writeBytes(bytes);
    } else {
      in.position(in.position() + size);
    }
    left -= size;
    endIfWhole();
  }

  private int opcode() {
    return header.get(0) & 0xFF;
  }

  private void endIfWhole() {
    if (left > 0) {
      return;
    }
    frames++;
    byte[] whole = payload.toByteArray();
    payload.reset();
    int opcode = opcode();
    header.clear();
    hasHeader = false;
    Consumer<String> listener = ear;
    if (opcode == Bytes.CLOSE) {
      closeCode = whole.length < 2 ? 1005 : ByteBuffer.wrap(whole).getShort() & 0xFFFF;
    } else if (opcode == Bytes.PING) {
      send(Bytes.frame(Bytes.PONG, whole));
    } else if (opcode == Bytes.TEXT && listener != null) {
      listener.accept(new String(whole, StandardCharsets.UTF_8));
    }
  }
}
