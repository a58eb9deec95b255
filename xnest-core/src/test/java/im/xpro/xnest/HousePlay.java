package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.FaultyHistory.Fault;
import im.xpro.xnest.testkit.RoomKit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Deeds done on one thread to a house with bots, a filter and a policy, or without. */
final class HousePlay {
  private static final List<RoomId> ROOMS = List.of(new RoomId("lobby"), new RoomId("garden"));

  /** Longer than anything is waited for, or may wait to be appended again. */
  private static final Duration LONG = Duration.ofSeconds(61);

  private static final int ROUNDS = 4;

  private final RandomGenerator random;
  private final Pairs pairs = new Pairs();
  private final Queue<Runnable> botTasks = new ArrayDeque<>();
  private final List<CompletableFuture<Verdict>> undecided = new ArrayList<>();
  private final List<CompletableFuture<?>> answers = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final RoomKit kit;
  private boolean policyFails;

  private HousePlay(RandomGenerator random) {
    this.random = random;
    kit = RoomKit.create(this::setUp);
  }

  /** What went wrong, if anything. */
  static @Nullable Throwable fault(long seed, List<HouseDeed> deeds) {
    HousePlay play = new HousePlay(new SplittableRandom(seed).split());
    try {
      for (HouseDeed deed : deeds) {
        play.act(deed);
        play.check();
      }
      play.end();
      return null;
    } catch (AssertionError | RuntimeException fault) {
      return fault;
    }
  }

  private void setUp(Xnest.Builder builder) {
    builder
        .listener(pairs)
        .limits(Limits.builder().withoutRates().roomMembers(4).systemMembers(2).build());
    if (random.nextBoolean()) {
      builder.bot("echo", HousePlay::echo).bot("polite", HousePlay::polite);
    }
    if (random.nextBoolean()) {
      builder.botExecutor(botTasks::add);
    }
    if (random.nextBoolean()) {
      builder.filter(this::judge);
    }
    if (random.nextInt(3) == 0) {
      boolean keeps = random.nextInt(4) > 0;
      builder.policy(room -> policy(keeps));
    }
  }

  private static Consumer<Frame> echo(Voice voice) {
    return frame -> {
      if (frame.event() instanceof Event.Said said && !said.text().startsWith("bot")) {
        voice.say("bot: " + said.text());
      } else if (frame.event() instanceof Event.Joined) {
        voice.participants();
        voice.share(BlobKind.PICTURE, ByteBuffer.allocate(2));
      }
    };
  }

  private static Consumer<Frame> polite(Voice voice) {
    voice.say("bot: hello");
    return frame -> {
      if (frame.event() instanceof Event.Left) {
        voice.say("bot: bye");
      }
    };
  }

  private CompletionStage<Verdict> judge(Draft draft) {
    if (random.nextInt(3) > 0) {
      return CompletableFuture.completedStage(
          random.nextInt(8) == 0 ? draft.refuse("no") : draft.pass());
    }
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    undecided.add(verdict);
    return verdict;
  }

  private RoomOptions policy(boolean keeps) {
    if (policyFails) {
      throw Pairs.FAILS;
    }
    return RoomOptions.of(Limits.defaults())
        .withCapacity(3)
        .withKeepsHistory(keeps)
        .withPageEntries(5);
  }

  private final class Client implements Outlet {
    final Inlet inlet;
    boolean stalled;

    Client(Entry entry) {
      inlet = kit.xnest().enter(entry, this);
    }

    @Override
    public boolean offer(Outgoing frames) {
      return !stalled;
    }

    @Override
    public void close(int code, String reason) {}
  }

  private void act(HouseDeed deed) {
    ChatRoom room = kit.xnest().room(ROOMS.get(deed.with() % ROOMS.size()));
    String word = "w" + deed.word();
    switch (deed.what()) {
      case ENTER -> enter(room.id(), word, deed.who());
      case POST -> ask(room.post(system(deed), word));
      case KICK_WHOEVER_IS_THERE -> kickWhoeverIsThere(room, deed.who());
      case ERASE -> ask(deed.who() % 2 == 0 ? room.eraseAll() : room.erase(1 + deed.who() % 5));
      case CLOSE -> ask(room.close("closing"));
      case HOLD_STORAGE -> kit.storage().hold();
      case RUN_STORAGE -> kit.storage().runNext();
      case LET_STORAGE_GO -> kit.storage().letGo();
      case STORE_REFUSES ->
          kit.history().failsNext(Fault.values()[deed.who() % Fault.values().length]);
      case STORE_IS_UNREADABLE -> kit.history().failsToRead();
      case BLOBS_FAIL -> kit.blobs().fails();
      case STORES_WORK -> storesWork();
      case FILTER_DECIDES -> {
        if (!undecided.isEmpty()) {
          undecided.remove(deed.who() % undecided.size()).complete(Verdict.PASSED);
        }
      }
      case BOTS_GO_ON -> botsGoOn();
      case POLICY_CHANGES -> policyFails = deed.who() % 2 == 0;
      case TURN_CLOCK -> kit.clock().turn(Duration.ofSeconds(deed.who() % 12));
      default -> {
        if (!clients.isEmpty()) {
          act(deed, room, clients.get(deed.who() % clients.size()), word);
        }
      }
    }
  }

  private void act(HouseDeed deed, ChatRoom room, Client client, String word) {
    switch (deed.what()) {
      case SAY -> client.inlet.text(word);
      case LEAVE -> client.inlet.leave();
      case STALL -> client.stalled = true;
      case SHARE -> client.inlet.binary(ByteBuffer.wrap(new byte[] {1, 2}));
      case FETCH_PAGE -> client.inlet.text("@history:" + deed.with() % 3);
      case WHISPER -> ask(room.whisper(system(deed), client.inlet.id(), word));
      case RENAME -> ask(room.rename(client.inlet.id(), word));
      case KICK -> ask(room.kick(client.inlet.id(), word));
      case KEEP_OUT -> ask(room.kick(client.inlet.id(), word, Duration.ofMinutes(1)));
      case MUTE -> ask(room.mute(client.inlet.id()));
      default -> throw new AssertionError("nobody does " + deed);
    }
  }

  private void ask(CompletionStage<?> answer) {
    answers.add(answer.toCompletableFuture());
  }

  private static String system(HouseDeed deed) {
    return "system" + deed.who() % 3;
  }

  private void enter(RoomId room, String nickname, int who) {
    Entry entry = Entry.of(room, nickname);
    clients.add(
        new Client(
            who % 2 == 0 ? entry : entry.with(Grant.plain().withIdentity("somebody" + who % 3))));
  }

  private void kickWhoeverIsThere(ChatRoom room, int who) {
    ask(
        room.participants()
            .thenAccept(
                all -> {
                  if (!all.isEmpty()) {
                    ask(room.kick(all.get(who % all.size()).id(), "whoever"));
                  }
                }));
  }

  private void storesWork() {
    kit.history().works();
    kit.blobs().works();
  }

  private void botsGoOn() {
    Runnable task;
    while ((task = botTasks.poll()) != null) {
      task.run();
    }
  }

  /** What is seen from outside is what the listener was told. */
  private void check() {
    pairs.check();
    assertThat(kit.xnest().rooms())
        .extracting(ChatRoom::id)
        .containsExactlyInAnyOrderElementsOf(pairs.open);
    for (RoomId id : ROOMS) {
      ChatRoom room = kit.xnest().room(id);
      assertThat(room.isOpen()).isEqualTo(pairs.open.contains(id));
      assertThat(room.isOpen() || room.size() == 0).as("nobody is in a closed room").isTrue();
    }
  }

  /** Everything works again, everybody leaves, and nothing is left of it. */
  private void end() {
    policyFails = false;
    storesWork();
    kit.storage().letGo();
    settle();
    for (RoomId id : ROOMS) {
      ChatRoom room = kit.xnest().room(id);
      assertThat(Answers.now(room.participants())).hasSize(room.size());
      Answers.now(room.history(Long.MAX_VALUE, 1_000));
    }
    clients.forEach(client -> client.inlet.leave());
    settle();

    check();
    assertThat(kit.xnest().rooms.all()).extracting(room -> room.id).as("rooms held").isEmpty();
    assertThat(pairs.open).as("open rooms").isEmpty();
    assertThat(pairs.present).as("members").isEmpty();
    assertThat(answers).as("answers").allMatch(CompletableFuture::isDone);
    assertThat(kit.xnest().house.storage().waitingBytes).as("bytes for the stores").hasValue(0);
    assertThat(kit.xnest().house.tails().held).as("newest pages").isEmpty();
    assertThat(kit.xnest().house.waiting()).as("bytes of messages").hasValue(0);
    for (Client client : clients) {
      assertThat(client.inlet.messages).as("messages of " + client.inlet.id()).hasValue(0);
      assertThat(client.inlet.bytes).as("bytes of " + client.inlet.id()).hasValue(0);
    }
  }

  private void settle() {
    for (int round = 0; round < ROUNDS; round++) {
      while (!undecided.isEmpty()) {
        undecided.remove(0).complete(Verdict.PASSED);
      }
      botsGoOn();
      kit.clock().turn(LONG);
    }
  }
}
