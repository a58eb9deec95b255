package im.xpro.xnest;

/** Why xnest ends a connection (RFC 6455 section 7.4.1; PROTOCOL section 5). */
final class Close {
  static final int GOING_AWAY = 1001;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int TRY_AGAIN_LATER = 1013;

  private Close() {}
}
