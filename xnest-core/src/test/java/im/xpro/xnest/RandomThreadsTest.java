package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.World.Actor;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As {@link RandomRoomsTest}, but everything at once, on the threads that an {@link Xnest} makes,
 * with a store in changing moods. Its seed gives the same deeds again, but not the same order.
 */
class RandomThreadsTest {
  private static final int THREADS = 6;
  private static final int LIVES = 100;
  private static final int DEEDS = 25;
  private static final int RESTARTS = 2;
  private static final int PATIENCE_MILLIS = 60_000;

  /** After ten seconds without work a thread would end by itself. */
  private static final int LESS_THAN_IDLE_MILLIS = 8_000;

  private final Limits limits =
      Limits.builder()
          .pageEntries(5)
          .tailBytes(3_000)
          .inletMessages(10_000)
          .roomWaitingMessages(100_000)
          .storeTime(Duration.ofDays(1))
          .build();

  static List<Long> seeds() {
    return Seeds.some(2);
  }

  @ParameterizedTest(name = "-Dxnest.seed={0}")
  @MethodSource("seeds")
  void everybodyHearsTheSameWhateverHappensAtOnce(long seed) throws InterruptedException {
    World[] refusing = new World[1];
    MoodyHistory store = new MoodyHistory(seed, batch -> refusing[0].refuse(batch));
    World world = new World(limits, store.kept, List.of("one", "two", "three"));
    refusing[0] = world;
    for (int i = 0; i < RESTARTS + 1; i++) {
      Set<Thread> threadsBefore = xnestThreads();
      Reports reports = new Reports();
      Xnest xnest = open(world, store, reports);
      world.rooms().forEach(room -> world.enter(xnest, room, "witness", true));

      live(world, xnest, seed + i);

      for (RoomModel room : world.rooms()) {
        Actor witness = world.witness(room);
        witness.says("who is too slow is noticed now " + i);
        witness.whispers(witness.player(), "and all is said " + i);
        world.awaitQuiet(room);
      }
      world.checkSettled();
      xnest.close();
      world.rooms().forEach(world::desert);
      assertThat(world.fault()).as("-Dxnest.seed=" + seed).isNull();
      assertThat(reports.failures)
          .noneMatch(f -> f.startsWith("a task of room") || f.startsWith("closing"));
      assertThat(reports.events.stream().filter(event -> event.startsWith("opened")))
          .hasSameSizeAs(world.rooms());
      assertThat(reports.events.stream().filter(event -> event.startsWith("closed")))
          .hasSameSizeAs(world.rooms());
      for (Thread thread : xnestThreads()) {
        if (!threadsBefore.contains(thread)) {
          thread.join(LESS_THAN_IDLE_MILLIS);
          assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
      }
    }
  }

  private Xnest open(World world, MoodyHistory store, Reports reports) {
    return Xnest.builder()
        .history(store)
        .limits(limits)
        .zone(ZoneOffset.UTC)
        .blobBase(URI.create("http://chat.example.com"))
        .memberIds(world::nextId)
        .blobs(world.blobs)
        .listener(reports)
        .build();
  }

  private static Set<Thread> xnestThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("xnest-"));
    return threads;
  }

  private static void live(World world, Xnest xnest, long seed) throws InterruptedException {
    Queue<Player> others = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(seed * THREADS + i);
      String name = "t" + seed + "/" + i;
      threads.add(
          new Thread(
              () -> {
                for (int life = 0; life < LIVES && world.fault() == null; life++) {
                  String as = name + "/" + life;
                  world.check(as, () -> live(world, xnest, random, as, others));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(PATIENCE_MILLIS);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  /** One member from its coming to its going, or nearly. */
  private static void live(
      World world, Xnest xnest, Random random, String name, Queue<Player> others) {
    RoomModel room = world.room(random.nextInt(3));
    Actor actor = world.enter(xnest, room, name, random.nextInt(4) > 0);
    Player player = actor.player();
    others.add(player);
    int deeds = random.nextInt(DEEDS);
    for (int i = 0; i < deeds; i++) {
      String word = name + "/" + i;
      switch (random.nextInt(10)) {
        case 0 -> actor.renamesTo(word);
        case 1, 2 -> actor.fetches(random.nextInt(4));
        case 3 -> {
          Player other = others.peek();
          actor.whispers(other == null ? player : other, word);
        }
        case 4 -> actor.shares(word);
        case 5 -> {
          Player first = others.poll();
          others.add(first == null ? player : first);
          actor.talksNonsense();
        }
        default -> actor.says(word);
      }
    }
    int end = random.nextInt(6);
    if (end == 0) {
      player.stalled = true;
    } else if (end == 1) {
      actor.whispers(player, "the last word");
    } else {
      actor.leaves();
    }
  }
}
