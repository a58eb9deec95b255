package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RateOptionTest {
  private static Limits limits(String... options) {
    ChatServer server = new ChatServer();
    new CommandLine(server).parseArgs(options);
    return server.limits();
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "100, 200", "1000000, 2000000"})
  void rateIsThatOfMessagesAndTwiceAsManyMayComeAtOnce(String rate, int burst) {
    Limits limits = limits("--rate", rate);

    assertThat(limits.messageRate()).hasToString(rate);
    assertThat(limits.messageBurst()).isEqualTo(burst);
    assertThat(limits.byteRate()).isEqualTo(Limits.defaults().byteRate());
  }

  @Test
  void withoutTheOptionItIsTheDefault() {
    assertThat(limits().messageRate()).isEqualTo(Limits.defaults().messageRate());
    assertThat(limits().messageBurst()).isEqualTo(Limits.defaults().messageBurst());
  }

  @Test
  void zeroMeansNoRatesAtAll() {
    Limits limits = limits("--rate", "0");

    assertThat(limits.messageRate()).isZero();
    assertThat(limits.byteRate()).isZero();
    assertThat(limits.historyRate()).isZero();
    assertThat(limits.uploadRate()).isZero();
    assertThat(limits.joinRate()).isZero();
  }
}
