package im.xpro.xnest.server.jakarta;

import jakarta.websocket.Session;

/** What sends fastest depends on whose session it is; all else is alike. */
enum Container {
  /**
   * Calls back on another thread for each frame, which costs as much as the frame. But what it is
   * told to batch it writes at once; that blocks.
   */
  TOMCAT,

  /** Takes frames before it has sent the last, and writes those together that it has. */
  UNDERTOW,

  /** Calls back, as a rule, before it returns. */
  OTHER;

  static Container of(Session session) {
    String type = session.getClass().getName();
    return type.startsWith("org.apache.tomcat.")
        ? TOMCAT
        : type.startsWith("io.undertow.") ? UNDERTOW : OTHER;
  }
}
