package im.xpro.xnest.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PingsTest {
  private static final long TENTH = TimeUnit.MILLISECONDS.toNanos(100);

  private final Pings pings = new Pings(Limits.defaults());

  private long inRate(int sent, long now) {
    return IntStream.range(0, sent).filter(i -> pings.isInRate(now)).count();
  }

  @Test
  void burstIsInRateAndThenOneEachTenthOfASecond() {
    assertThat(inRate(50, 1)).isEqualTo(50);
    assertThat(inRate(1, 1)).isZero();
    assertThat(inRate(1, TENTH)).isZero();
    assertThat(inRate(2, 1 + TENTH)).isEqualTo(1);
    assertThat(inRate(10, 1 + 4 * TENTH)).isEqualTo(3);
  }

  @Test
  void thousandOverTheRateAreBorneAndNotOneMore() {
    inRate(50 + 1_000, 1);
    assertThat(pings.areTooMany()).isFalse();

    inRate(1, 1);
    assertThat(pings.areTooMany()).isTrue();
  }

  @Test
  void whoHasSavedItsBurstAgainIsForgiven() {
    inRate(50 + 1_000, 1);
    inRate(1, 51 * TENTH);
    inRate(49 + 1_000, 51 * TENTH);

    assertThat(pings.areTooMany()).isFalse();
  }
}
