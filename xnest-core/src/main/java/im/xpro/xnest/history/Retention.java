package im.xpro.xnest.history;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a room's past is kept: what breaks either rule is forgotten in the background, some time
 * later.
 *
 * @param newestPerRoom how many entries of each room, 1 or more
 * @param maxAge how old they may become, null for any age
 */
public record Retention(long newestPerRoom, @Nullable Duration maxAge) {
  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Retention {
    if (newestPerRoom < 1) {
      throw new IllegalArgumentException(
          "newestPerRoom is " + newestPerRoom + ", must be 1 or more");
    }
    if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
      throw new IllegalArgumentException("maxAge is " + maxAge + ", must be positive");
    }
  }

  /** Nothing is ever forgotten. */
  public static Retention forever() {
    return new Retention(Long.MAX_VALUE, null);
  }

  /** The newest entries of each room, however old. */
  public static Retention newest(long perRoom) {
    return new Retention(perRoom, null);
  }

  /** The same, and nothing older than {@code age}. */
  public Retention noOlderThan(Duration age) {
    return new Retention(newestPerRoom, age);
  }
}
