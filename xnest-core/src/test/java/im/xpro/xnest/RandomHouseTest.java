package im.xpro.xnest;

import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random deeds of members, bots and the application, with all that can go wrong; there is no model
 * of what is heard, but at the end nothing may be left. What fails is shrunk to the few deeds that
 * matter and printed with its seed; {@code -Dxnest.seed=…} does it again.
 */
class RandomHouseTest {
  private static final int PLAYS = 500;
  private static final int DEEDS = 60;

  @Test
  void nothingIsLeftWhenAllHaveGoneWhateverHasHappened() {
    Seeds.sameAndOneNew(PLAYS).forEach(RandomHouseTest::play);
  }

  private static void play(long seed) {
    List<HouseDeed> deeds = HouseDeed.random(new SplittableRandom(seed), DEEDS);
    if (HousePlay.fault(seed, deeds) != null) {
      List<HouseDeed> few = Deeds.shrink(deeds, part -> HousePlay.fault(seed, part) != null);
      fail("-Dxnest.seed=" + seed + " fails after" + Deeds.list(few), HousePlay.fault(seed, few));
    }
  }
}
