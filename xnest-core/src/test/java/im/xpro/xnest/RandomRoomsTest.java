package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Random deeds, the same to real rooms and to {@link RoomModel}s, with all that can go wrong. What
 * fails is shrunk to the few deeds that matter and printed with its seed; {@code -Dxnest.seed=…}
 * does it again.
 */
@DisplayName("§2 one order, gap-free hand-over, the same members, no word to others")
class RandomRoomsTest {
  private static final int STEPS = 100_000;
  private static final int DEEDS = 400;

  @Test
  void roomsDoAsTheirModelsInAHundredThousandSteps() {
    Long one = Long.getLong("xnest.seed");
    if (one != null) {
      play(one);
      return;
    }
    Random seeds = new Random();
    int steps = 0;
    for (int plays = 0; plays < STEPS / 100 && steps < STEPS; plays++) {
      steps += play(seeds.nextLong());
    }
    assertThat(steps).isGreaterThanOrEqualTo(STEPS);
  }

  private static int play(long seed) {
    List<Deed> deeds = Deeds.random(new Random(seed), DEEDS);
    Play.Outcome outcome = Play.of(seed, deeds, UnaryOperator.identity());
    if (outcome.fault() != null) {
      List<Deed> few = shrink(seed, deeds, UnaryOperator.identity());
      fail(
          "-Dxnest.seed=" + seed + " fails after" + Deeds.list(few),
          Play.of(seed, few, UnaryOperator.identity()).fault());
    }
    return outcome.steps();
  }

  private static List<Deed> shrink(
      long seed, List<Deed> deeds, UnaryOperator<HistoryStore> seenAs) {
    return Deeds.shrink(deeds, part -> Play.of(seed, part, seenAs).fault() != null);
  }

  @Test
  void storeThatForgetsTheOldestOfEachPageIsFoundByAHandfulOfDeeds() {
    long seed = 1;
    List<Deed> deeds = Deeds.random(new Random(seed), DEEDS);
    assertThat(Play.of(seed, deeds, Forgetful::new).fault()).isNotNull();

    List<Deed> few = shrink(seed, deeds, Forgetful::new);

    assertThat(few).hasSizeLessThan(8);
    assertThat(Play.of(seed, few, Forgetful::new).fault()).isNotNull();
    assertThat(Play.of(seed, few, UnaryOperator.identity()).fault()).isNull();
  }

  private record Forgetful(HistoryStore store) implements HistoryStore {
    @Override
    public void append(List<HistoryEntry> batch) throws IOException {
      store.append(batch);
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
        throws IOException {
      List<HistoryEntry> page = store.read(room, before, limit, maxLength);
      return page.isEmpty() ? page : page.subList(1, page.size());
    }

    @Override
    public long last(RoomId room) throws IOException {
      return store.last(room);
    }
  }
}
