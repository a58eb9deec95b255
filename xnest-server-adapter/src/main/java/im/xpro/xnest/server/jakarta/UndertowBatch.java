package im.xpro.xnest.server.jakarta;

import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.jsr.UndertowSession;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;

/** Undertow's batches, of which Jakarta's API knows nothing. */
final class UndertowBatch {
  private UndertowBatch() {}

  static boolean isFor(Session session) {
    return session instanceof UndertowSession open
        && open.getWebSocketChannel() instanceof WebSocketChannel;
  }

  /**
   * The next frame that is not added is written with those that are, and so is what Undertow sends
   * meanwhile, such as a pong. But no frame is taken after one that closes: that is written here.
   */
  static void add(Session session, String frame, SendHandler handler) {
    WebSocketChannel channel = ((UndertowSession) session).getWebSocketChannel();
    channel.setRequireExplicitFlush(true);
    try {
      session.getAsyncRemote().sendText(frame, handler);
    } finally {
      channel.setRequireExplicitFlush(false);
      if (channel.isCloseFrameSent()) {
        channel.flush();
      }
    }
  }
}
