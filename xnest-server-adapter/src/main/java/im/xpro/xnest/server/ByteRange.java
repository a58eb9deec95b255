package im.xpro.xnest.server;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a blob are asked for (RFC 9110 section 14).
 *
 * @param length 0 if none of them exist
 */
record ByteRange(long first, long length) {
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  /** Reading a number takes the square of its length. */
  private static final int LONGEST = 200;

  private static final Pattern SINGLE =
      Pattern.compile("bytes=(\\d*)-(\\d*)", Pattern.CASE_INSENSITIVE);

  /**
   * Reads the header {@code Range}.
   *
   * @param size of the whole, in bytes
   * @return null where it is to be ignored: malformed, several ranges, or numbers without end
   */
  static @Nullable ByteRange parse(String header, long size) {
    Matcher range = SINGLE.matcher(header);
    if (header.length() > LONGEST || !range.matches()) {
      return null;
    }
    String from = range.group(1);
    String to = range.group(2);
    if (from.isEmpty()) {
      return to.isEmpty() ? null : last(number(to), size);
    }
    if (!to.isEmpty() && new BigInteger(to).compareTo(new BigInteger(from)) < 0) {
      return null;
    }
    long first = number(from);
    long last = to.isEmpty() ? Long.MAX_VALUE : number(to);
    return new ByteRange(first, first >= size ? 0 : Math.min(last, size - 1) - first + 1);
  }

  private static ByteRange last(long count, long size) {
    long length = Math.min(count, size);
    return new ByteRange(size - length, length);
  }

  private static long number(String digits) {
    return new BigInteger(digits).min(MOST).longValue();
  }
}
