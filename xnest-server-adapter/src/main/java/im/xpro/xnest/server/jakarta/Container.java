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

  /** Takes frames before it has sent the last, and writes those together that it has. */
  UNDERTOW,

  /** As Undertow, of frames that are said to be part of a batch. */
  JETTY,

  /** Takes one frame after the other. */
  OTHER;

  static Container of(Session session) {
    String type = session.getClass().getName();
    if (type.startsWith("org.apache.tomcat.")) {
      return TOMCAT;
    }
    if (type.startsWith("io.undertow.")) {
      return UNDERTOW;
    }
    return type.equals(JettyBatch.SESSION) && isOurs(session) ? JETTY : OTHER;
  }

  /** Jetty's classes are hidden from what is deployed to it, which may have some of its own. */
  private static boolean isOurs(Session session) {
    try {
      return JettyBatch.isFor(session);
    } catch (LinkageError hidden) {
      return false;
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
      session.getAsyncRemote().sendText(frame, handler);
    }
  }
}
