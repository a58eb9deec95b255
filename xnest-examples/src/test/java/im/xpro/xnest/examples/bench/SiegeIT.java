package im.xpro.xnest.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A pair in another room loses nothing, whoever attacks")
@Timeout(180)
class SiegeIT {
  private static final double SECONDS = 0.5;

  /** Far above what is there and what an attack of few leaves for a while, far below the heap. */
  private static final long MOST_HEAP = 64 << 20;

  private static Besieged server;
  private static Pair pair;

  @BeforeAll
  static void start() throws IOException {
    server = Besieged.start();
    pair = new Pair(server.sockets(), "pair");
  }

  @AfterAll
  static void end() throws IOException {
    try {
      pair.close();
      assertThat(server.liveHeap()).isLessThan(MOST_HEAP);
    } finally {
      server.close();
    }
  }

  static Stream<Named<Attack>> attacks() {
    return Attack.ALL.stream().map(attack -> Named.of(attack.name(), attack));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void pairLosesNothing(Attack attack) throws Exception {
    pair.fallSilent();
    pair.talkOn();
    List<String> problems;
    try (Assault assault = new Assault(server, SECONDS, true)) {
      attack.action().run(assault);
      problems = assault.problems();
    }
    Pair.Report heard = pair.fallSilent();

    assertThat(problems).isEmpty();
    assertThat(heard.closed()).isNull();
    assertThat(heard.error()).isNull();
    assertThat(heard.lost()).isZero();
    assertThat(heard.heard()).isPositive();
    awaitThatThePairIsAlone();
    assertThat(server.errors()).isEmpty();
  }

  private static void awaitThatThePairIsAlone() throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (server.metric("xnest_members") != 2) {
      assertThat(System.nanoTime()).as("members are left").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
