package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BucketTest {
  private static final long START = 1_000_000;

  /** Ten at once, five come back in a second. */
  final Bucket bucket = new Bucket(5, 1_000, 10, START);

  @Test
  void whatItHoldsMayBeSpentAtOnceAndOneMoreHasToWait() {
    assertThat(bucket.waitFor(10, START)).isZero();
    bucket.spend(10);

    assertThat(bucket.waitFor(1, START)).isEqualTo(200);
    assertThat(bucket.waitFor(1, START + 199)).isEqualTo(1);
    assertThat(bucket.waitFor(1, START + 200)).isZero();
    assertThat(bucket.waitFor(2, START + 200)).isEqualTo(200);
  }

  @Test
  void itHoldsNoMoreHoweverLongNothingIsSpent() {
    bucket.waitFor(1, START + 1_000_000_000_000L);
    bucket.spend(10);

    assertThat(bucket.waitFor(1, START + 1_000_000_000_000L)).isEqualTo(200);
  }

  @Test
  void amountThatIsTooBigForItHasToWaitUntilItIsFullAndIsPaidForAfterwards() {
    bucket.spend(1);

    assertThat(bucket.waitFor(100, START)).isEqualTo(200);
    assertThat(bucket.waitFor(100, START + 200)).isZero();
    bucket.spend(100);
    assertThat(bucket.waitFor(1, START + 200)).isEqualTo(91 * 200);
  }

  @Test
  void clockThatIsSetBackFillsNothingAndFreezesNobody() {
    bucket.spend(10);
    bucket.waitFor(1, START + 100);

    long back = START - 3_600_000;
    assertThat(bucket.waitFor(1, back)).isEqualTo(100);
    assertThat(bucket.waitFor(1, back + 100)).isZero();
  }

  @Test
  void clockThatIsSetForwardFillsItOnce() {
    bucket.spend(10);

    assertThat(bucket.waitFor(10, Long.MAX_VALUE)).isZero();
  }

  @Test
  void itTellsHowLongItHasNotBeenFull() {
    bucket.waitFor(1, START + 5_000);
    assertThat(bucket.lacking()).isZero();
    bucket.spend(1);

    bucket.waitFor(1, START + 5_199);
    assertThat(bucket.lacking()).isEqualTo(199);
    bucket.spend(1);
    bucket.waitFor(1, START + 5_300);
    assertThat(bucket.lacking()).isEqualTo(300);
    bucket.waitFor(1, START + 5_400);
    assertThat(bucket.lacking()).isZero();
  }

  @Test
  void withoutARateThereIsNoBound() {
    Bucket endless = new Bucket(0, 1_000, 1, START);

    endless.spend(1_000_000);

    assertThat(endless.waitFor(Integer.MAX_VALUE, START)).isZero();
    assertThat(endless.lacking()).isZero();
  }

  @Test
  void largestNumbersDoNotOverflow() {
    Bucket large = new Bucket(Integer.MAX_VALUE, 60_000, Integer.MAX_VALUE, START);
    large.spend(Integer.MAX_VALUE);

    assertThat(large.waitFor(1, START)).isEqualTo(1);
    assertThat(large.waitFor(Integer.MAX_VALUE, START + 60_000)).isZero();
  }
}
