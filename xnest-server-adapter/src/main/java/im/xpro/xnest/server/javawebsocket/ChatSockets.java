package im.xpro.xnest.server.javawebsocket;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.WebSocketServerFactory;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.protocols.Protocol;

/**
 * Brings chat to a {@code WebSocketServer} that an application already has, on its port:
 *
 * <pre>{@code
 * ChatSockets chat = ChatSockets.on(xnest);
 * server.setWebSocketFactory(chat);
 * server.start();
 *
 * // and in the end
 * chat.close();
 * server.stop();
 * }</pre>
 *
 * <p>Connections to a path that the {@link Gateway} serves are xnest's, from the first byte to the
 * last: none of the server's callbacks hears of them, {@code getConnections} does not list them,
 * and all of {@link im.xpro.xnest.Limits} holds for them. All other connections are the
 * application's, as if there were no xnest. They have none of these defences: with a draft's
 * default frame size a header of 14 bytes may end the whole server, so give it drafts with a limit;
 * their handshakes have no deadline once the path is known, their messages any number of fragments,
 * their output no bound; and an {@code Error} in a callback stops the server, chat included.
 *
 * <p>What {@link XnestServer} does besides and such a server does not: it fails to start where the
 * port is taken, sets {@code SO_REUSEADDR} and {@code TCP_NODELAY}, listens again after the process
 * ran out of descriptors, and closes in the right order (this first, as {@code stop} ends the
 * server's threads before members could be told). No {@code wss}, which {@link XnestServer} has:
 * this takes the place of the factory that would bring TLS. The server must not refuse in {@code
 * onConnect}, which makes it deaf.
 *
 * <p>Starts up to two daemon threads, which {@link #close} ends. Any thread.
 */
public final class ChatSockets implements WebSocketServerFactory, AutoCloseable {
  /** Where all connections are ours no draft sees a byte, but the library wants one. */
  private static final List<Draft> UNUSED =
      List.of(new Draft_6455(List.of(), List.of(new Protocol("")), 1));

  private final Connections connections;
  private final boolean owns;

  /**
   * @param owns whether to close them too
   */
  ChatSockets(Connections connections, boolean owns) {
    this.connections = connections;
    this.owns = owns;
  }

  /** For {@code xnest}, with a gateway of the defaults. */
  public static ChatSockets on(Xnest xnest) {
    return on(xnest, Gateway.of(xnest));
  }

  /**
   * @param gateway one for {@code xnest}
   */
  public static ChatSockets on(Xnest xnest, Gateway gateway) {
    Objects.requireNonNull(xnest, "xnest");
    Objects.requireNonNull(gateway, "gateway");
    return new ChatSockets(new Connections(xnest, gateway, true, null), true);
  }

  /** Called by the server. */
  @Override
  public WebSocketImpl createWebSocket(WebSocketAdapter server, Draft draft) {
    return createWebSocket(server, List.of(draft));
  }

  /** Called by the server. */
  @Override
  public WebSocketImpl createWebSocket(WebSocketAdapter server, List<Draft> drafts) {
    return new ChatSocket(server, connections.passesOn() ? drafts : UNUSED);
  }

  /**
   * Called by the server, on its selector's thread.
   *
   * @throws IOException if there are too many connections; the server then closes this one
   */
  @Override
  public ByteChannel wrapChannel(SocketChannel channel, SelectionKey key) throws IOException {
    try {
      ChatSocket socket = (ChatSocket) key.attachment();
      return connections.accept(socket, channel, key).link();
    } catch (RuntimeException | Error failure) {
      throw new IOException("a connection could not be taken on", failure);
    }
  }

  /**
   * Lets all members go ({@link Xnest#dismiss}), each with a close frame of 1001 once it has heard
   * what became of its words, refuses handshakes with 503, waits up to 2 s for the peers' ends,
   * then cuts them. Call it before the server's {@code stop}. Called again it waits for the same.
   * The {@link Xnest} stays open.
   */
  @Override
  public void close() {
    if (owns) {
      connections.close(() -> {});
    }
  }
}
