package im.xpro.xnest.server.testkit;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the contract expects, said so that a failure can be understood without a debugger. */
final class Expect {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SHOWN_CHARACTERS = 200;

  private Expect() {}

  static void that(boolean isTrue, String what) {
    if (!isTrue) {
      throw new AssertionError(what);
    }
  }

  static void equal(String what, @Nullable Object expected, @Nullable Object actual) {
    that(
        Objects.equals(expected, actual),
        what + " should be\n  " + shown(expected) + "\nbut is\n  " + shown(actual));
  }

  static void contains(String what, String part, String actual) {
    that(
        actual.contains(part),
        what + " should contain\n  " + shown(part) + "\nbut is\n  " + shown(actual));
  }

  /** Waits for {@code condition}, 30 s at most. */
  static void soon(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      that(System.nanoTime() < deadline, "waited in vain: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static String shown(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : text.substring(0, SHOWN_CHARACTERS) + "… (" + text.length() + " characters)";
  }
}
