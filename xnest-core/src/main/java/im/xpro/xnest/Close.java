package im.xpro.xnest;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Why xnest ends a connection (RFC 6455 section 7.4.1; PROTOCOL section 5). */
final class Close {
  static final int GOING_AWAY = 1001;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int TRY_AGAIN_LATER = 1013;

  /** Bytes of UTF-8 that a close frame has left for its reason (RFC 6455 section 5.5). */
  private static final int REASON_BYTES = 123;

  /** So many may come back at once without a thought. */
  private static final int FEW = 500;

  /** So many more may come back in each second, on average. */
  private static final int RETURNS_IN_A_SECOND = 200;

  private Close() {}

  /**
   * Reasons for {@code members} who have to go at once. Where they are many each reads when to come
   * back, spread at random: those who heed it do not all come in the same second.
   */
  static Supplier<String> goingAway(int members) {
    return members <= FEW
        ? () -> "going away"
        : () ->
            "going away, retry in "
                + ThreadLocalRandom.current().nextInt(1, members / RETURNS_IN_A_SECOND + 1)
                + " s";
  }

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
