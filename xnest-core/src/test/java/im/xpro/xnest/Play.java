package im.xpro.xnest;

import im.xpro.xnest.World.Actor;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Deeds done on one thread, to real rooms and to their models. */
final class Play {
  /** How many there are at a time at most, besides the witnesses. */
  static final int SLOTS = 7;

  private static final int INLET = 32;
  private static final String MUCH = "much ".repeat(60);

  private final FaultyHistory store = new FaultyHistory();
  private final HistoryStore seen;
  private final Limits limits;
  private final World world;
  private final @Nullable Actor[] actors = new Actor[SLOTS];
  private RoomKit kit;
  private int steps;

  /**
   * @param random decides on the limits
   */
  private Play(Random random, UnaryOperator<HistoryStore> seenAs) {
    limits =
        Limits.builder()
            .withoutRates()
            .pageEntries(5)
            .pageBytes(random.nextBoolean() ? 900 : 1 << 20)
            .tailBytes(List.of(0, 3_000, 1 << 20).get(random.nextInt(3)))
            .storeTime(random.nextInt(4) == 0 ? Duration.ofSeconds(20) : Duration.ofDays(1))
            .inletMessages(INLET)
            .build();
    world = new World(limits, store.kept, List.of("lobby", "garden"));
    seen = seenAs.apply(store);
    kit = open();
  }

  /** What came of it: the first fault, if any, and how many steps there were. */
  record Outcome(@Nullable AssertionError fault, int steps) {}

  /**
   * @param seenAs how the rooms see the store
   */
  static Outcome of(long seed, List<Deed> deeds, UnaryOperator<HistoryStore> seenAs) {
    Play play = new Play(new Random(seed), seenAs);
    for (Deed deed : deeds) {
      if (play.world.fault() == null) {
        play.world.check(deed, () -> play.act(deed));
      }
    }
    play.world.check("the end", play::settle);
    return new Outcome(play.world.fault(), play.steps);
  }

  private RoomKit open() {
    RoomKit opened =
        RoomKit.create(
            builder ->
                builder
                    .history(seen)
                    .limits(limits)
                    .memberIds(world::nextId)
                    .blobs(world.blobs)
                    .blobIds(world::blobId)
                    .listener(
                        new XnestListener() {
                          @Override
                          public void failed(String doing, Throwable cause) {
                            world.checkThatMayFail(doing, cause);
                          }
                        }));
    world.rooms().forEach(room -> world.enter(opened.xnest(), room, "witness", true));
    return opened;
  }

  private void act(Deed deed) {
    switch (deed.what()) {
      case HOLD_STORAGE -> kit.storage().hold();
      case RUN_STORAGE -> {
        if (!kit.storage().runNext()) {
          return;
        }
      }
      case LET_STORAGE_GO -> kit.storage().letGo();
      case TURN_CLOCK -> kit.clock().turn(Duration.ofMillis(deed.with() * 30L));
      case STORE_REFUSES -> store.next.add(this::refuse);
      case STORE_KEEPS_AND_FAILS -> store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);
      case STORE_FAILS -> store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);
      case STORE_IS_UNREADABLE -> store.unreadable = true;
      case STORE_IS_READABLE -> store.unreadable = false;
      case SETTLE -> settle();
      case DESERT_ROOM -> {
        settle();
        RoomModel room = world.room(deed.who());
        desert(room);
        world.enter(kit.xnest(), room, "witness", true);
      }
      case CLOSE -> {
        settle();
        world.rooms().forEach(this::desert);
        kit.xnest().close();
        kit = open();
      }
      case KILL -> {
        store.next.clear();
        store.unreadable = false;
        world.checkAfterKill();
        kit = open();
      }
      case ENTER -> {
        int slot = deed.who();
        if (actor(slot) != null) {
          return;
        }
        String name = "w" + deed.word();
        actors[slot] =
            world.enter(kit.xnest(), world.room(deed.with()), name, deed.with() % 4 != 3);
      }
      default -> {
        Actor actor = actor(deed.who());
        if (actor == null) {
          return;
        }
        speak(actor, deed);
      }
    }
    steps++;
  }

  private @Nullable Actor actor(int slot) {
    Actor actor = actors[slot];
    return actor == null || world.isGone(actor.player()) ? null : actor;
  }

  private void speak(Actor actor, Deed deed) {
    Player player = actor.player();
    String word = "w" + deed.word();
    switch (deed.what()) {
      case LEAVE -> actor.leaves();
      case STALL -> player.stalled = true;
      case SAY -> actor.says(word);
      case SAY_MUCH -> actor.says(MUCH + word);
      case FLOOD -> {
        for (int i = 0; i <= INLET && !player.isGone(); i++) {
          actor.says(word + "/" + i);
        }
      }
      case RENAME -> actor.renamesTo(word);
      case WHISPER -> {
        Actor to = actors[deed.with() % SLOTS];
        if (to != null) {
          actor.whispers(to.player(), word);
        }
      }
      case FETCH_PAGE -> actor.fetches(deed.with() % 5);
      case SHARE -> actor.shares(word);
      case TALK_NONSENSE -> actor.talksNonsense();
      default -> throw new AssertionError("nobody does " + deed);
    }
  }

  /** Only what it does not have may a store say not to have kept. */
  private void refuse(HistoryStore kept, List<HistoryEntry> batch) throws IOException {
    for (HistoryEntry entry : batch) {
      if (kept.last(entry.room()) >= entry.number()) {
        kept.append(batch);
        return;
      }
    }
    world.refuse(batch);
    throw new NotKeptException("refused", null);
  }

  private void settle() {
    store.next.clear();
    store.unreadable = false;
    kit.storage().letGo();
    kit.clock().turn(Duration.ofMinutes(2));
    world.checkSettled();
  }

  private void desert(RoomModel room) {
    for (Actor actor : actors) {
      if (actor != null && actor.player().room == room && !world.isGone(actor.player())) {
        actor.leaves();
      }
    }
    world.witness(room).inlet().leave();
    world.desert(room);
  }
}
