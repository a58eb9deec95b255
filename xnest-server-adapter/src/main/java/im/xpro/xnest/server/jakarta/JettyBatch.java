package im.xpro.xnest.server.jakarta;

import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import org.eclipse.jetty.ee10.websocket.jakarta.common.JakartaWebSocketSession;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/** Jetty's batches, which by Jakarta's API could be ended by a call that blocks alone. */
final class JettyBatch {
  /** Whose sessions these are for. */
  static final String SESSION =
      "org.eclipse.jetty.ee10.websocket.jakarta.common.JakartaWebSocketSession";

  private JettyBatch() {}

  static boolean isFor(Session session) {
    return session instanceof JakartaWebSocketSession;
  }

  /** The next frame that is not added is written with those that are. */
  static void add(Session session, String frame, SendHandler handler) {
    ((JakartaWebSocketSession) session)
        .getCoreSession()
        .sendFrame(
            new Frame(OpCode.TEXT, frame),
            Callback.from(
                () -> handler.onResult(new SendResult()),
                failure -> handler.onResult(new SendResult(failure))),
            true);
  }
}
