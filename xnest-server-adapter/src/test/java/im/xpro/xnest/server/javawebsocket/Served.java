package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.server.testkit.TestCertificate;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A house that is served on a free port of the loopback interface. */
final class Served implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  final Queue<String> left = new ConcurrentLinkedQueue<>();
  final Queue<String> letGo = new ConcurrentLinkedQueue<>();
  final Xnest xnest;
  final XnestServer server;

  /** Null if it is served in the clear. */
  final @Nullable SSLContext tls;

  private Served(
      Xnest.Builder house, @Nullable SSLContext tls, BiConsumer<Xnest, XnestServer.Builder> options)
      throws IOException {
    this.tls = tls;
    xnest =
        house
            .blobBase(URI.create("http://localhost/"))
            .listener(
                new XnestListener() {
                  @Override
                  public void left(RoomId room, Member member) {
                    left.add(member.nickname());
                  }

                  @Override
                  public void letGo(RoomId room, Member member) {
                    letGo.add(member.nickname());
                  }

                  @Override
                  public void failed(String doing, Throwable cause) {
                    failures.add(cause);
                  }
                })
            .build();
    XnestServer.Builder builder = XnestServer.builder(xnest).host("127.0.0.1").port(0);
    if (tls != null) {
      builder.tls(tls);
    }
    options.accept(xnest, builder);
    server = builder.start();
  }

  static Served with(Limits.Builder limits) throws IOException {
    return with(Xnest.builder().limits(limits.build()));
  }

  static Served with(Xnest.Builder house) throws IOException {
    return new Served(house, null, (xnest, server) -> {});
  }

  /** Over TLS, with {@link TestCertificate}. */
  static Served securely(Xnest.Builder house) throws IOException {
    return new Served(house, TestCertificate.context(), (xnest, server) -> {});
  }

  static Served with(Xnest.Builder house, BiConsumer<Xnest, XnestServer.Builder> options)
      throws IOException {
    return new Served(house, null, options);
  }

  int port() {
    return server.port();
  }

  /** Enters a room and reads the welcome, to its own join. */
  RawClient enter(String room, String nickname) throws IOException {
    return enter(connect(), room, nickname);
  }

  /** Connects, and says nothing but what TLS needs. */
  RawClient connect() throws IOException {
    return connect(0);
  }

  /**
   * @param receiveBuffer bytes that the kernel takes for a client that does not read
   */
  RawClient connect(int receiveBuffer) throws IOException {
    return tls == null
        ? RawClient.connect(port(), receiveBuffer)
        : RawClient.connect(port(), receiveBuffer, tls);
  }

  /** The same over a connection that is there already. */
  RawClient enter(RawClient client, String room, String nickname) throws IOException {
    client.shakeHands(room + "?nickname=" + nickname);
    client.hears("join", nickname);
    return client;
  }

  /** Waits for {@code condition}, 30 s at most. */
  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain: " + what);
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    server.close();
    xnest.close();
  }
}
