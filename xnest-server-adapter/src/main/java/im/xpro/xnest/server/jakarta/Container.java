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

  /** Jetty's own classes are hidden from what is deployed to it. */
  private static final boolean HAS_JETTY = has(JettyBatch.SESSION);

  private static boolean has(String type) {
    try {
      Class.forName(type, false, Container.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError hidden) {
      return false;
    }
  }

  static Container of(Session session) {
    String type = session.getClass().getName();
    if (type.startsWith("org.apache.tomcat.")) {
      return TOMCAT;
    }
    if (type.startsWith("io.undertow.")) {
      return UNDERTOW;
    }
    return HAS_JETTY && type.equals(JettyBatch.SESSION) ? JETTY : OTHER;
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
