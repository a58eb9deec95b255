package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.FakeClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final String FAILED = "the last append to the history has failed";

  final FakeClock clock = FakeClock.at(Instant.EPOCH);
  final Health health = new Health(clock, Duration.ofSeconds(10));

  private void append(boolean kept) {
    health.appending(1);
    health.appended(1, Duration.ZERO, kept);
  }

  @Test
  void storeThatNobodyNeededIsWell() {
    assertThat(health.problem()).isNull();
    clock.turn(Duration.ofDays(1));
    assertThat(health.problem()).isNull();
  }

  @Test
  void failedAppendCountsUntilOneIsKept() {
    append(true);
    assertThat(health.problem()).isNull();
    append(false);
    assertThat(health.problem()).isEqualTo(FAILED);
    append(true);
    assertThat(health.problem()).isNull();
  }

  @Test
  void failedAppendCountsForAMinuteSinceTheLast() {
    append(false);
    clock.turn(Duration.ofSeconds(50));
    append(false);
    clock.turn(Duration.ofSeconds(60));
    assertThat(health.problem()).isEqualTo(FAILED);
    clock.turn(Duration.ofMillis(1));
    assertThat(health.problem()).isNull();
  }

  @Test
  void storeThatDoesNotAnswerIsNotWellUntilItDoes() {
    health.appending(1);
    clock.turn(Duration.ofSeconds(10));
    assertThat(health.problem()).isNull();
    clock.turn(Duration.ofHours(1));
    assertThat(health.problem())
        .isEqualTo("an append to the history has been running for more than 10 s");
    health.appended(1, Duration.ofHours(1), true);
    assertThat(health.problem()).isNull();
  }

  @Test
  void serverThatGoesAwayIsNotWell() {
    health.close();
    append(true);
    assertThat(health.problem()).isEqualTo("the server is going away");
  }
}
