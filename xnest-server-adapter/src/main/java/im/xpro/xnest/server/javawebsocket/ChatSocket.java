package im.xpro.xnest.server.javawebsocket;

import java.nio.ByteBuffer;
import java.util.List;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;

/**
 * What the library takes for its connection. It stays as if its handshake had not come, unless that
 * turns out to be for the application: then all bytes go to the library, from the first.
 */
final class ChatSocket extends WebSocketImpl {
  private volatile @Nullable Connection connection;

  ChatSocket(WebSocketAdapter server, List<Draft> drafts) {
    super(server, drafts);
  }

  void serve(Connection with) {
    connection = with;
  }

  /** One of the library's workers, always the same. */
  @Override
  public void decode(ByteBuffer bytes) {
    Connection chat = connection;
    ByteBuffer foreign = bytes;
    if (chat != null) {
      foreign = arrived(chat, bytes);
    }
    if (foreign != null) {
      connection = null;
      super.decode(foreign);
    }
  }

  private static @Nullable ByteBuffer arrived(Connection chat, ByteBuffer bytes) {
    try {
      return chat.arrived(bytes);
    } catch (Throwable failure) {
      chat.failed(failure);
      return null;
    }
  }

  /**
   * The selector has read to the end. For a connection without a draft, as ours are, that another
   * thread has just closed, the library's own method fails, and with it the selector's thread.
   */
  @Override
  public void eot() {
    if (connection != null) {
      closeConnection(CloseFrame.ABNORMAL_CLOSE, "", true);
    } else {
      eotOfForeign();
    }
  }

  private synchronized void eotOfForeign() {
    if (!isClosed()) {
      super.eot();
    }
  }

  /** Any thread. All ways to an end of the connection lead here. */
  @Override
  public void closeConnection(int code, String message, boolean remote) {
    Connection chat = connection;
    try {
      super.closeConnection(code, message, remote);
    } finally {
      if (chat != null) {
        chat.gone();
      }
    }
  }
}
