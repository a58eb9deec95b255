package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of chat, and of nothing else: {@code ws://host:port/xgate/websocket/{room}}, or {@code
 * wss} (PROTOCOL section 1). Keeps all of {@link im.xpro.xnest.Limits}. Runs on daemon threads. Any
 * thread.
 *
 * <pre>{@code
 * try (XnestServer server = XnestServer.builder(xnest).host("127.0.0.1").port(0).start()) {
 *   System.out.println("ws://127.0.0.1:" + server.port() + "/xgate/websocket/lobby");
 *   Thread.currentThread().join();
 * }
 * }</pre>
 */
public final class XnestServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(XnestServer.class);

  private final Connections connections;
  private final InetSocketAddress address;

  /** The one that listens; before it those that do no more, as long as they have connections. */
  private final List<Acceptor> acceptors = new CopyOnWriteArrayList<>();

  private XnestServer(Connections connections, Acceptor first) throws IOException {
    this.connections = connections;
    this.address = first.localAddress();
    acceptors.add(first);
  }

  /** Starts from the defaults: port 8080 on all of the machine's addresses. */
  public static Builder builder(Xnest xnest) {
    return new Builder(xnest);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  /** The port on which it listens, also where 0 was asked for. */
  public int port() {
    return address.getPort();
  }

  /** Listens again when the process had run out of descriptors. */
  private void watch() {
    boolean listens = acceptors.stream().anyMatch(Acceptor::listens);
    if (!listens && !connections.isClosing()) {
      listenAgain();
    }
    for (Acceptor acceptor : acceptors) {
      if (!acceptor.listens() && connections.noneOf(acceptor)) {
        acceptors.remove(acceptor);
        acceptor.end();
      }
    }
  }

  private void listenAgain() {
    try {
      acceptors.add(Acceptor.start(address, connections));
      log.warn("listens again on {}", address);
    } catch (IOException failure) {
      connections.xnest().listener().failed("listening again, which will be tried again", failure);
    }
  }

  Connections connections() {
    return connections;
  }

  List<Acceptor> acceptors() {
    return acceptors;
  }

  /**
   * Stops listening, refuses handshakes with 503, lets all members go ({@link Xnest#dismiss}), each
   * with a close frame of 1001 once it has heard what became of its words, waits up to 2 s for the
   * peers' ends, then cuts them. When this returns the port is free and no thread of the server
   * runs. Called again it waits for the same. The {@link Xnest} stays open, or was closed before:
   * members cannot tell the difference.
   */
  @Override
  public void close() {
    connections.close(() -> acceptors.forEach(Acceptor::stopListening));
    acceptors.forEach(Acceptor::end);
  }

  /** Collects what a server is made of. One thread at a time. */
  public static final class Builder {
    private final Xnest xnest;
    private @Nullable String host;
    private int port = 8080;
    private @Nullable Gateway gateway;
    private @Nullable SSLContext tls;

    private Builder(Xnest xnest) {
      this.xnest = Objects.requireNonNull(xnest, "xnest");
    }

    /** The name or address to listen on. Default: all of the machine's. */
    public Builder host(String name) {
      host = Objects.requireNonNull(name, "host");
      return this;
    }

    /**
     * Default: 8080; 0 takes any that is free.
     *
     * @throws IllegalArgumentException unless it is 0 to 65535
     */
    public Builder port(int number) {
      if (number < 0 || number > 0xFFFF) {
        throw new IllegalArgumentException("port is " + number + ", must be 0 to 65535");
      }
      port = number;
      return this;
    }

    /** Answers handshakes. Default: {@link Gateway#of}. */
    public Builder gateway(Gateway answers) {
      gateway = Objects.requireNonNull(answers, "gateway");
      return this;
    }

    /**
     * Speaks TLS, 1.2 or 1.3, and nothing else: {@code wss}. Default: in the clear.
     *
     * @param context initialized with the server's key and certificate; which cipher suites there
     *     are is the JDK's choice
     */
    public Builder tls(SSLContext context) {
      tls = Objects.requireNonNull(context, "tls");
      return this;
    }

    /**
     * Listens once this returns.
     *
     * @throws java.net.UnknownHostException if the host has no address
     * @throws java.net.BindException if the port is taken, or the address is not of this machine
     * @throws IOException if the server cannot be started for another cause
     */
    public XnestServer start() throws IOException {
      InetSocketAddress address =
          host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
      Gateway answers = gateway == null ? Gateway.of(xnest) : gateway;
      Connections connections = new Connections(xnest, answers, false, tls);
      try {
        Acceptor acceptor = Acceptor.start(address, connections);
        XnestServer server = new XnestServer(connections, acceptor);
        connections.repeat(server::watch, TimeUnit.SECONDS.toNanos(1));
        return server;
      } catch (IOException | RuntimeException failure) {
        connections.close(() -> {});
        throw failure;
      }
    }
  }
}
