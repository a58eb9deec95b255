package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Members of one room, all on one thread and cheap to run, so that the server is what is measured.
 * The first one talks, with a number of messages in flight; all check that every message comes,
 * once and in order.
 */
final class Crowd implements AutoCloseable {
  private static final byte[] MARK = "\"payload\":\"n".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
  private final byte[] frame = new byte[64 << 10];
  private final List<Member> members = new ArrayList<>();
  private final int inFlight;
  private long said;
  private long deliveries;

  private static final class Member {
    final SocketChannel channel;

    /** The number of the message that it has to hear next. */
    long next;

    /** What has come of a frame that is not whole. */
    byte[] rest = new byte[0];

    Member(SocketChannel channel) {
      this.channel = channel;
    }
  }

  Crowd(URI room, int size, int inFlight) throws IOException {
    this.inFlight = inFlight;
    for (int i = 0; i < size; i++) {
      members.add(join(room));
    }
    for (Member member : members) {
      member.channel.configureBlocking(false);
      member.channel.register(selector, SelectionKey.OP_READ, member);
    }
  }

  private static Member join(URI room) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(room.getHost(), room.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    String request =
        "GET "
            + room.getRawPath()
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    ByteBuffer one = ByteBuffer.allocate(1);
    int last4 = 0;
    while (last4 != 0x0D0A0D0A) {
      one.clear();
      if (channel.read(one) < 0) {
        throw new IOException("the server refused " + room);
      }
      last4 = last4 << 8 | one.get(0);
    }
    return new Member(channel);
  }

  /** Talks for {@code seconds}; returns how many messages were delivered to a member meanwhile. */
  long talk(double seconds) throws IOException {
    long before = deliveries;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      speak();
      turn();
    }
    return deliveries - before;
  }

  /** Listens until everything that was said has come to everybody. */
  void hearAll() throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (members.stream().anyMatch(member -> member.next < said)) {
      if (System.nanoTime() > end) {
        throw new IOException("messages were lost");
      }
      turn();
    }
  }

  /** Says as many messages as may be in flight. */
  void speak() throws IOException {
    Member speaker = members.get(0);
    while (said - speaker.next < inFlight) {
      byte[] text =
          ("n" + said + " a line of about sixty bytes, as people write them in chats")
              .getBytes(StandardCharsets.US_ASCII);
      ByteBuffer message = ByteBuffer.allocate(text.length + 6);
      // masked with zeros: RFC 6455 asks for a mask, not for a secret one
      message.put((byte) 0x81).put((byte) (0x80 | text.length)).putInt(0).put(text).flip();
      while (message.hasRemaining()) {
        speaker.channel.write(message);
      }
      said++;
    }
  }

  private void turn() throws IOException {
    selector.select(
        key -> {
          try {
            read((Member) key.attachment());
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        },
        10);
  }

  private void read(Member member) throws IOException {
    buffer.clear().put(member.rest);
    if (member.channel.read(buffer) < 0) {
      throw new IOException("the server closed a connection");
    }
    buffer.flip();
    while (hasWholeFrame()) {
      int length = payloadLength();
      buffer.get(frame, 0, length);
      hear(member, length);
    }
    member.rest = new byte[buffer.remaining()];
    buffer.get(member.rest);
  }

  private boolean hasWholeFrame() {
    int at = buffer.position();
    if (buffer.remaining() < 4) {
      return false;
    }
    int length = buffer.get(at + 1);
    int whole = length == 126 ? 4 + (buffer.getShort(at + 2) & 0xFFFF) : 2 + length;
    return buffer.remaining() >= whole;
  }

  private int payloadLength() {
    buffer.get();
    int length = buffer.get();
    return length == 126 ? buffer.getShort() & 0xFFFF : length;
  }

  /** Only what was said in this bench bears the mark; joins and the like are passed over. */
  private void hear(Member member, int length) throws IOException {
    int at = indexOfMark(length);
    if (at < 0) {
      return;
    }
    long number = 0;
    while (frame[at] >= '0' && frame[at] <= '9') {
      number = number * 10 + frame[at++] - '0';
    }
    if (number != member.next) {
      throw new IOException("heard " + number + " where " + member.next + " was due");
    }
    member.next++;
    deliveries++;
  }

  private int indexOfMark(int length) {
    for (int i = 0; i < length - MARK.length; i++) {
      int k = 0;
      while (k < MARK.length && frame[i + k] == MARK[k]) {
        k++;
      }
      if (k == MARK.length) {
        return i + k;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    for (Member member : members) {
      member.channel.close();
    }
    selector.close();
  }
}
