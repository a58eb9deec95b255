package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.XnestListener;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library's server over one listening socket: it accepts and reads. Its threads are daemons. As
 * all connections are {@link ChatSockets}', it hears of none.
 */
final class Acceptor extends WebSocketServer {
  private static final Logger log = LoggerFactory.getLogger(Acceptor.class);
  private static final int BACKLOG = 1_024;
  private static final int TIMEOUT_MILLIS = 5_000;

  private final ServerSocketChannel listening;
  private final XnestListener listener;
  private final CompletableFuture<String> started = new CompletableFuture<>();
  private volatile @Nullable SelectionKey accepting;
  private volatile @Nullable Thread selecting;

  private Acceptor(ServerSocketChannel listening, XnestListener listener) {
    super(listening);
    this.listening = listening;
    this.listener = listener;
  }

  /**
   * Listens on {@code address} once this returns.
   *
   * @throws BindException if the address is taken or not of this machine
   * @throws IOException if the server cannot be started
   */
  static Acceptor start(InetSocketAddress address, Connections connections) throws IOException {
    ServerSocketChannel listening = listen(address);
    Acceptor acceptor = new Acceptor(listening, connections.xnest().listener());
    try {
      acceptor.setWebSocketFactory(new ChatSockets(connections, false));
      acceptor.setDaemon(true);
      acceptor.setReuseAddr(true);
      acceptor.setTcpNoDelay(true);
      acceptor.setConnectionLostTimeout(0);
      acceptor.start();
      acceptor.started.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      return acceptor;
    } catch (ExecutionException | TimeoutException | InterruptedException failure) {
      acceptor.end();
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("the server on " + address + " did not start", failure);
    }
  }

  private static ServerSocketChannel listen(InetSocketAddress address) throws IOException {
    if (address.isUnresolved()) {
      throw new UnknownHostException(address.getHostString());
    }
    ServerSocketChannel listening = ServerSocketChannel.open();
    try {
      listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      return listening.bind(address, BACKLOG);
    } catch (BindException taken) {
      listening.close();
      BindException clear = new BindException(address + ": " + taken.getMessage());
      clear.initCause(taken);
      throw clear;
    } catch (IOException failure) {
      listening.close();
      throw failure;
    }
  }

  InetSocketAddress localAddress() throws IOException {
    return (InetSocketAddress) listening.getLocalAddress();
  }

  /** The library closes the listening socket when it cannot accept, as without descriptors. */
  boolean listens() {
    return listening.isOpen();
  }

  /** The port is free when the selector has woken up. */
  void stopListening() {
    try {
      listening.close();
    } catch (IOException failure) {
      log.warn("a listening socket did not close", failure);
    }
    SelectionKey key = accepting;
    if (key != null) {
      key.selector().wakeup();
    }
  }

  /** Frees the port and ends the threads, at once; its connections must be gone. */
  void end() {
    stopListening();
    try {
      stop(TIMEOUT_MILLIS);
      Thread selector = selecting;
      if (selector != null) {
        selector.interrupt();
      }
      for (Thread worker : decoders) {
        if (worker != Thread.currentThread()) {
          worker.join(TIMEOUT_MILLIS);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected boolean onConnect(SelectionKey key) {
    accepting = key;
    return true;
  }

  @Override
  public void onStart() {
    Thread.currentThread().setName("xnest-selector");
    selecting = Thread.currentThread();
    decoders.forEach(worker -> worker.setName("xnest-reader"));
    started.complete("listening");
  }

  /**
   * The library gives up, and does not come to an end by itself: its selector's thread waits for
   * itself until {@link #end} interrupts it.
   */
  @Override
  public void onError(@Nullable WebSocket none, Exception failure) {
    started.completeExceptionally(failure);
    listener.failed("accepting and reading on a socket that listens", failure);
    stopListening();
  }

  @Override
  public void onOpen(WebSocket none, ClientHandshake handshake) {}

  @Override
  public void onClose(WebSocket none, int code, String reason, boolean remote) {}

  @Override
  public void onMessage(WebSocket none, String message) {}
}
