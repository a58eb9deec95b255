package im.xpro.xnest;

import java.nio.charset.StandardCharsets;

/** Why xnest ends a connection (RFC 6455 section 7.4.1; PROTOCOL section 5). */
final class Close {
  static final int GOING_AWAY = 1001;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int TRY_AGAIN_LATER = 1013;

  /** Bytes of UTF-8 that a close frame has left for its reason (RFC 6455 section 5.5). */
  private static final int REASON_BYTES = 123;

  private Close() {}

  /** As much of {@code reason} as a close frame can bear, cut between two characters. */
  static String reason(String reason) {
    int bytes = 0;
    int end = 0;
    while (end < reason.length()) {
      int character = reason.codePointAt(end);
      bytes += Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
      if (bytes > REASON_BYTES) {
        break;
      }
      end += Character.charCount(character);
    }
    return reason.substring(0, end);
  }
}
