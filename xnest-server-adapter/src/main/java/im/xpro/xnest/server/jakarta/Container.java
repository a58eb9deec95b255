package im.xpro.xnest.server.jakarta;

import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;

/** What writes frames together depends on whose session it is; all else is alike. */
enum Container {
  /**
   * Calls back on another thread for each frame, which costs as much as the frame. But what it is
   * told to batch it writes at once; that blocks.
   */
  TOMCAT,

  /** Takes frames before it has sent the last, and writes those of a batch together. */
  UNDERTOW,

  /** As Undertow. */
  JETTY,

  /** Takes one frame after the other. */
  OTHER;

  static Container of(Session session) {
    String type = session.getClass().getName();
    if (type.startsWith("org.apache.tomcat.")) {
      return TOMCAT;
    }
    try {
      if (type.startsWith("io.undertow.") && UndertowBatch.isFor(session)) {
        return UNDERTOW;
      }
      return type.equals(JettyBatch.SESSION) && JettyBatch.isFor(session) ? JETTY : OTHER;
    } catch (LinkageError hidden) {
      // their classes may be hidden from what is deployed to them, which may have some of its own
      return OTHER;
    }
  }

  /** Whether frames may be sent ahead. */
  boolean takesMore() {
    return this == UNDERTOW || this == JETTY;
  }

  /** Sends a frame that another follows at once. */
  void sendAhead(Session session, String frame, SendHandler handler) {
    if (this == JETTY) {
      JettyBatch.add(session, frame, handler);
    } else {
      UndertowBatch.add(session, frame, handler);
    }
  }
}
