package im.xpro.xnest;

import im.xpro.xnest.protocol.MemberId;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/** Names that are never given twice. Any thread. */
final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BLOB_BYTES = 20;

  /** Drawn at each start: 63 bits that no start before has had. */
  private final long start = RANDOM.nextLong() & Long.MAX_VALUE;

  private final AtomicLong members = new AtomicLong();

  /** {@code <0.{count}.{start}>}: unlike any of another start (PROTOCOL section 2). */
  MemberId member() {
    return new MemberId("<0." + members.incrementAndGet() + "." + start + ">");
  }

  /** 160 random bits, so that nobody guesses a blob (PROTOCOL section 4). */
  static String blob() {
    byte[] bits = new byte[BLOB_BYTES];
    RANDOM.nextBytes(bits);
    return HexFormat.of().formatHex(bits);
  }
}
