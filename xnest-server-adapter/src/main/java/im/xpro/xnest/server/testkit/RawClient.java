package im.xpro.xnest.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client that may do what none should, for tests of servers. Reads wait 30 s at most.
 * One thread at a time.
 */
public final class RawClient implements Closeable {
  /** What a server sent in one frame. */
  public record Frame(int opcode, boolean isFinal, byte[] payload) {
    /** The payload as UTF-8. */
    public String text() {
      return new String(payload, UTF_8);
    }

    /** Of a close frame; 1005 if there is none. */
    public int closeCode() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }
  }

  /** First byte of a whole text frame: FIN and opcode 1 (RFC 6455 section 5.2). */
  public static final int TEXT = 0x81;

  /** First byte of a whole binary frame. */
  public static final int BINARY = 0x82;

  /** First byte of a close frame. */
  public static final int CLOSE = 0x88;

  /** First byte of a ping. */
  public static final int PING = 0x89;

  /** First byte of a pong. */
  public static final int PONG = 0x8A;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean takesFragments;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects, and says nothing. */
  public static RawClient connect(int port) throws IOException {
    return connect(port, 0);
  }

  /**
   * @param receiveBuffer bytes that the kernel takes for a client that does not read; 0 for its
   *     default
   */
  public static RawClient connect(int port, int receiveBuffer) throws IOException {
    return new RawClient(socket(port, receiveBuffer));
  }

  /**
   * The same over TLS; shakes its hands at once.
   *
   * @param tls trusts the server
   */
  public static RawClient connect(int port, int receiveBuffer, SSLContext tls) throws IOException {
    Socket below = socket(port, receiveBuffer);
    SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(below, "localhost", port, true);
    SSLParameters checked = socket.getSSLParameters();
    checked.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(checked);
    socket.startHandshake();
    return new RawClient(socket);
  }

  private static Socket socket(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  /** Connects and enters a room; its welcome is not read yet. */
  public static RawClient enter(int port, String room) throws IOException {
    RawClient client = connect(port);
    client.shakeHands(room);
    return client;
  }

  /** Asks to enter a room and reads the 101. */
  public void shakeHands(String room) throws IOException {
    write(request("/xgate/websocket/" + room));
    String head = readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException("refused: " + head);
    }
  }

  /** A good handshake for {@code target}. */
  public static byte[] request(String target, String... headerLines) {
    StringBuilder head = new StringBuilder("GET " + target + " HTTP/1.1\r\n");
    head.append("Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    head.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
    for (String line : headerLines) {
      head.append(line).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(UTF_8);
  }

  /** A masked frame; {@code first} is its first byte: FIN, reserved bits and opcode. */
  public static byte[] frame(int first, byte[] payload) {
    return frame(first, payload.length, payload);
  }

  /** One that claims {@code length} bytes, whatever {@code payload} has. */
  public static byte[] frame(int first, long length, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 0x10000) {
      frame.put((byte) 0xFE).putShort((short) length);
    } else {
      frame.put((byte) 0xFF).putLong(length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i & 3]));
    }
    byte[] bytes = new byte[frame.flip().remaining()];
    frame.get(bytes);
    return bytes;
  }

  /** A masked, whole text frame. */
  public static byte[] text(String text) {
    return frame(TEXT, text.getBytes(UTF_8));
  }

  /** A masked close frame. */
  public static byte[] close(int code) {
    return frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  /** Sends all of {@code parts} in one write. */
  public void write(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    out.write(all.toByteArray());
    out.flush();
  }

  /** The same to a server that may end the connection meanwhile. */
  public void writeUntilCut(byte[]... parts) {
    try {
      write(parts);
    } catch (IOException cut) {
      return;
    }
  }

  /** Says something. */
  public void say(String text) throws IOException {
    write(text(text));
  }

  /** Its own port. */
  public int localPort() {
    return socket.getLocalPort();
  }

  /** Ends the way to the server. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Makes {@link #disconnect} reset the connection. */
  public void resetOnClose() throws IOException {
    socket.setSoLinger(true, 0);
  }

  /** Reads to the empty line of an HTTP response. */
  public String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) readByte());
    }
    return head.toString();
  }

  /** Reads {@code bytes} of UTF-8. */
  public String readText(int bytes) throws IOException {
    return new String(in.readNBytes(bytes), UTF_8);
  }

  /** Reads to the end of the stream, or to a reset. */
  public String readToEnd() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      in.transferTo(all);
    } catch (SocketException reset) {
      return all.toString(UTF_8);
    }
    return all.toString(UTF_8);
  }

  /** Has {@link #hears} take a message that comes in fragments too. */
  public void takeFragments() {
    takesFragments = true;
  }

  /** The next message, or control frame before it ends; null at the end of the stream. */
  private @Nullable Frame readMessage() throws IOException {
    Frame first = read();
    if (first == null || first.isFinal()) {
      return first;
    }
    if (!takesFragments) {
      throw new IOException("a message came in fragments (PROTOCOL section 2)");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Frame next = first;
    while (next != null) {
      if (next.opcode() < 8) {
        all.writeBytes(next.payload());
        if (next.isFinal()) {
          return new Frame(first.opcode(), true, all.toByteArray());
        }
      } else if (next.opcode() == 8) {
        return next;
      }
      next = read();
    }
    return null;
  }

  /** The next frame; null at the end of the stream. */
  public @Nullable Frame read() throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int length = readByte();
    if (length >= 126) {
      int bytes = length == 126 ? 2 : 8;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = length << 8 | readByte();
      }
    }
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame(first & 0x0F, first >= 0x80, payload);
  }

  private int readByte() throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException();
    }
    return next;
  }

  /** Reads on to a text frame of this type and gives its JSON. */
  public String hears(String type) throws IOException {
    return hears(type, "");
  }

  /** Reads on to a text frame of this type that has {@code part} in its JSON. */
  public String hears(String type, String part) throws IOException {
    while (true) {
      Frame frame = readMessage();
      if (frame == null || frame.opcode() == 8) {
        throw new EOFException("ended before a " + type + " with " + part);
      }
      String json = frame.text();
      if (frame.opcode() == 1
          && json.contains("\"type\":\"" + type + "\"")
          && json.contains(part)) {
        return json;
      }
    }
  }

  /** Reads on to the close frame and gives its code. */
  public int hearsClose() throws IOException {
    while (true) {
      Frame frame = read();
      if (frame == null) {
        throw new EOFException("ended without a close frame");
      }
      if (frame.opcode() == 8) {
        return frame.closeCode();
      }
    }
  }

  /** Reads on to the end of the stream. */
  public void hearsEnd() throws IOException {
    try {
      while (read() != null) {}
    } catch (EOFException | SocketException cutShort) {
      return;
    }
  }

  /** Ends the TCP connection, without a close frame. */
  public void disconnect() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    disconnect();
  }
}
