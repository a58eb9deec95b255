package im.xpro.xnest;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * As {@link Deed}, with all that an application does too.
 *
 * @param word makes what is said in it unlike all else
 */
record HouseDeed(What what, int who, int with, int word) {
  enum What {
    ENTER(4),
    SAY(3),
    LEAVE(1),
    STALL(1),
    SHARE(1),
    FETCH_PAGE(1),
    POST(2),
    WHISPER(1),
    RENAME(1),
    KICK(1),
    KEEP_OUT(1),
    KICK_WHOEVER_IS_THERE(1),
    MUTE(1),
    ERASE(1),
    CLOSE(1),
    HOLD_STORAGE(1),
    RUN_STORAGE(1),
    LET_STORAGE_GO(1),
    STORE_REFUSES(1),
    STORE_IS_UNREADABLE(1),
    BLOBS_FAIL(1),
    STORES_WORK(1),
    FILTER_DECIDES(1),
    BOTS_GO_ON(1),
    POLICY_CHANGES(1),
    TURN_CLOCK(1);

    private static final List<What> WEIGHED =
        Stream.of(values())
            .flatMap(what -> Stream.generate(() -> what).limit(what.weight))
            .toList();

    private final int weight;

    What(int weight) {
      this.weight = weight;
    }
  }

  static List<HouseDeed> random(RandomGenerator random, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(
            word -> {
              What what = What.WEIGHED.get(random.nextInt(What.WEIGHED.size()));
              return new HouseDeed(what, random.nextInt(1_000), random.nextInt(1_000), word);
            })
        .toList();
  }

  @Override
  public String toString() {
    return "w%d: %s by %d with %d".formatted(word, what, who, with);
  }
}
