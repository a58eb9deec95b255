package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.FakeClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class FailureLogTest {
  /** Remembers what is logged. */
  private static final class Lines extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;
    final transient List<String> lines = new ArrayList<>();
    final transient List<Throwable> traces = new ArrayList<>();
    boolean isDebug;

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String pattern, Object[] arguments, Throwable trace) {
      lines.add(level + " " + MessageFormatter.basicArrayFormat(pattern, arguments));
      if (trace != null) {
        traces.add(trace);
      }
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    public boolean isTraceEnabled() {
      return isDebug;
    }

    @Override
    public boolean isDebugEnabled() {
      return isDebug;
    }

    @Override
    public boolean isInfoEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }
  }

  static final IOException DOWN = new IOException("down");

  final Lines log = new Lines();
  final FakeClock clock = FakeClock.at(Instant.EPOCH);
  final FailureLog failures = new FailureLog(log, clock);

  void aWhilePasses() {
    clock.turn(Duration.ofSeconds(10));
  }

  // ---- what a peer may have written ----

  @ParameterizedTest
  @CsvSource({
    "10, 000A",
    "13, 000D",
    "27, 001B",
    "0, 0000",
    "133, 0085",
    "8232, 2028",
    "8233, 2029",
    "8238, 202E",
    "8295, 2067",
    "8203, 200B",
    "917505, E0001"
  })
  void characterThatCouldForgeALineIsEscaped(int character, String hex) {
    String name = "lobby" + Character.toString(character) + "WARN all is lost";

    failures.failed("reading '" + name + "'", new IOException(name, new IOException(name)));

    String safe = "lobby\\u" + hex + "WARN all is lost";
    assertThat(log.lines)
        .containsExactly(
            "WARN Failed reading '%s': java.io.IOException: %s, caused by java.io.IOException: %s"
                .formatted(safe, safe, safe));
  }

  @Test
  void loneSurrogateIsEscapedAndOtherLettersAreNot() {
    assertThat(FailureLog.escaped("大厅 😀 \uD800 é {} %s")).isEqualTo("大厅 😀 \\uD800 é {} %s");
  }

  @Test
  void whatIsLongIsCut() {
    assertThat(FailureLog.escaped("x".repeat(500))).hasSize(500);
    assertThat(FailureLog.escaped("x".repeat(501))).isEqualTo("x".repeat(500) + "...");
  }

  @Test
  void bugHasAStackTraceWhoseMessagesAreEscapedToo() {
    Exception bug = new IllegalStateException("a\nb", new IOException("c\nd"));

    failures.failed("deciding", bug);

    assertThat(log.lines).containsExactly("WARN Failed deciding");
    Throwable trace = log.traces.get(0);
    assertThat(trace).hasToString("java.lang.IllegalStateException: a\\u000Ab");
    assertThat(trace.getCause()).hasToString("java.io.IOException: c\\u000Ad");
    assertThat(trace.getStackTrace()).isEqualTo(bug.getStackTrace());
  }

  @Test
  void failureThatIsNoBugHasAStackTraceForWhoLooksForIt() {
    failures.failed("reading", DOWN);
    assertThat(log.traces).isEmpty();

    log.isDebug = true;
    failures.failed("writing", DOWN);
    assertThat(log.traces).hasSize(1);
  }

  @Test
  void causesThatGoInCirclesComeToAnEnd() {
    Exception first = new IllegalStateException("first");
    first.initCause(new IOException("second", first));

    failures.failed("deciding", first);
    failures.failed("reading", first.getCause());

    assertThat(log.lines).hasSize(2);
  }

  // ---- outages ----

  @Test
  void outageIsALineAndThenCounted() {
    for (int i = 0; i < 10_000; i++) {
      failures.failed("appending messages of room '" + i + "'", DOWN);
    }

    assertThat(log.lines)
        .containsExactly("WARN Failed appending messages of room '0': java.io.IOException: down");
    aWhilePasses();
    failures.failed("appending messages of room 'x'", DOWN);
    aWhilePasses();
    assertThat(log.lines.subList(1, log.lines.size()))
        .containsExactly(
            "WARN Failed appending messages of room (IOException): 9999 more in 10 s",
            "WARN Failed appending messages of room (IOException): 1 more in 10 s");
  }

  @Test
  void nextOutageIsToldAtOnce() {
    failures.failed("reading", DOWN);
    aWhilePasses();
    failures.failed("reading", DOWN);

    assertThat(log.lines).hasSize(2).containsOnly(log.lines.get(0));
  }

  @Test
  void otherKindsAndCausesAreToldBesides() {
    failures.failed("reading", DOWN);
    failures.failed("writing", DOWN);
    failures.failed("reading", new IllegalStateException());
    failures.failed("closing: 3 rooms", DOWN);
    failures.failed("closing: 4 rooms", DOWN);

    assertThat(log.lines).hasSize(4);
  }

  @Test
  void kindsWithoutEndAreOneKind() {
    IntStream.range(0, 1_000)
        .forEach(i -> failures.failed("x".repeat(i % 500) + "y".repeat(i / 500), DOWN));

    assertThat(log.lines).hasSize(101);
  }

  @Test
  void timerThatFailsKeepsNothingBack() {
    FailureLog without =
        new FailureLog(
            log,
            (delay, task) -> {
              throw new IllegalStateException("no timer");
            });

    without.failed("reading", DOWN);
    without.failed("reading", DOWN);

    assertThat(log.lines).hasSize(2);
  }
}
