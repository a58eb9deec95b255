package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Connections to one server, all driven by whoever calls {@link #until} or {@link #during}. One
 * thread.
 */
final class Raid implements AutoCloseable {
  /** At once: the server takes 1,000 at most that have not shaken hands. */
  private static final int ENTERING = 200;

  private static final double PATIENCE_SECONDS = 30;

  /** As small as the kernel allows: what is not read is to stay in the server. */
  private static final int UNREAD_BYTES = 4 << 10;

  private final URI sockets;
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
  private final List<Peer> peers = new ArrayList<>();

  /**
   * @param sockets what URLs of rooms begin with
   */
  Raid(URI sockets) throws IOException {
    this.sockets = sockets;
  }

  /** One that connects, and says nothing. */
  Peer connect() throws IOException {
    return connect(new InetSocketAddress(sockets.getHost(), sockets.getPort()), 0);
  }

  /**
   * @param receiveBytes what the kernel takes for it; 0 for its default
   */
  Peer connect(InetSocketAddress address, int receiveBytes) throws IOException {
    SocketChannel channel = SocketChannel.open();
    if (receiveBytes > 0) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBytes);
    }
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    boolean connected = channel.connect(address);
    SelectionKey key =
        channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT);
    Peer peer = new Peer(channel, key);
    key.attach(peer);
    peers.add(peer);
    return peer;
  }

  /** One that connects and sends {@code bytes}. */
  Peer connect(byte[] bytes) throws IOException {
    Peer peer = connect();
    peer.send(bytes);
    return peer;
  }

  /** One that asks to enter a room. */
  Peer knock(String room) throws IOException {
    return connect(Bytes.handshake(sockets.getRawPath() + room));
  }

  /** One that is in a room. */
  Peer enter(String room) throws IOException {
    return enter(1, number -> room).get(0);
  }

  /** Some that are in rooms; {@code room} tells whose is which. */
  List<Peer> enter(int count, IntFunction<String> room) throws IOException {
    return enter(count, room, 0);
  }

  /** Some that read nothing but the answer to their handshake, perhaps some bytes more. */
  List<Peer> enterWithoutReading(int count, IntFunction<String> room) throws IOException {
    return enter(count, room, UNREAD_BYTES);
  }

  private List<Peer> enter(int count, IntFunction<String> room, int receiveBytes)
      throws IOException {
    List<Peer> all = new ArrayList<>();
    while (all.size() < count) {
      List<Peer> some = new ArrayList<>();
      for (int i = all.size(); i < Math.min(count, all.size() + ENTERING); i++) {
        Peer peer =
            connect(new InetSocketAddress(sockets.getHost(), sockets.getPort()), receiveBytes);
        peer.send(Bytes.handshake(sockets.getRawPath() + room.apply(i)));
        some.add(peer);
      }
      boolean answered =
          until(
              () -> {
                if (receiveBytes > 0) {
                  some.stream().filter(Peer::isIn).forEach(Peer::stopReading);
                }
                return some.stream().allMatch(peer -> peer.isIn() || peer.hasEnded());
              },
              PATIENCE_SECONDS);
      if (!answered) {
        throw new IOException("nobody answers " + room.apply(all.size()));
      }
      all.addAll(some);
    }
    return all;
  }

  /** Goes on until {@code isTrue}, or the seconds are over; tells whether it is. */
  boolean until(BooleanSupplier isTrue, double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (!isTrue.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      turn(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return true;
  }

  /** Goes on for some seconds; calls {@code each} about a hundred times a second. */
  void during(double seconds, Runnable each) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
      each.run();
      long next = now + TimeUnit.MILLISECONDS.toNanos(10);
      for (long rest = next - now; rest > 0; rest = next - System.nanoTime()) {
        turn(rest);
      }
    }
  }

  /**
   * Waits for sockets that can do something, not longer than {@code nanos}, and lets them do it.
   */
  void turn(long nanos) throws IOException {
    long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    selector.select(key -> ((Peer) key.attachment()).ready(buffer), millis);
  }

  /** Ends all connections, without close frames. */
  @Override
  public void close() throws IOException {
    peers.forEach(Peer::close);
    selector.close();
  }
}
