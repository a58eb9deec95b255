package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything at once, on the threads that an {@link Xnest} makes. */
class ConcurrencyTest {
  static final int THREADS = 6;
  static final int LIVES = 40;
  static final List<RoomId> ROOMS =
      List.of(new RoomId("one"), new RoomId("two"), new RoomId("three"));
  static final int PATIENCE_MILLIS = 60_000;

  /** After ten seconds without work a thread would end by itself. */
  static final int LESS_THAN_IDLE_MILLIS = 8_000;

  static List<Long> seeds() {
    return Seeds.some(3);
  }

  /** In memory, slow now and then, failing now and then. */
  static final class MoodyHistory implements HistoryStore {
    final HistoryStore kept = HistoryStore.inMemory(100_000);
    final Set<String> lost = ConcurrentHashMap.newKeySet();
    private final Random moods;
    private int appending;

    MoodyHistory(long seed) {
      moods = new Random(seed);
    }

    private int mood() {
      synchronized (moods) {
        return moods.nextInt(100);
      }
    }

    @Override
    public void append(List<HistoryEntry> batch) throws IOException {
      if (appending++ > 0) {
        throw new AssertionError("two appends at once");
      }
      try {
        int mood = mood();
        if (mood < 50) {
          // as long as a disk takes: nobody waits for this with it
          LockSupport.parkNanos(mood * 20_000L);
        }
        if (mood == 60) {
          throw new IOException("not kept, but who knows");
        } else if ((mood == 61 || mood == 62) && isNew(batch)) {
          batch.forEach(entry -> lost.add(Heard.text(entry)));
          throw new NotKeptException("not kept", null);
        }
        batch.forEach(entry -> lost.remove(Heard.text(entry)));
        kept.append(batch);
        if (mood == 63) {
          throw new IOException("kept, but who knows");
        }
      } finally {
        appending--;
      }
    }

    /** Only then may it say that nothing is kept: it may have been, by an earlier call. */
    private boolean isNew(List<HistoryEntry> batch) throws IOException {
      for (HistoryEntry entry : batch) {
        if (kept.last(entry.room()) >= entry.number()) {
          return false;
        }
      }
      return true;
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
        throws IOException {
      int mood = mood();
      if (mood < 50) {
        LockSupport.parkNanos(mood * 20_000L);
      } else if (mood == 99) {
        throw new IOException("unreadable now");
      }
      return kept.read(room, before, limit, maxLength);
    }

    @Override
    public long last(RoomId room) throws IOException {
      return kept.last(room);
    }
  }

  /** Waits while it is paused; falls behind after some offers, if it is to. */
  static final class Client extends Ear {
    final RoomId room;
    final boolean stores;
    final boolean slow;
    final List<String> said = new ArrayList<>();
    Inlet inlet;
    private int takes;
    private boolean paused;

    Client(RoomId room, boolean stores, int takes) {
      this.room = room;
      this.stores = stores;
      this.takes = takes;
      this.slow = takes < Integer.MAX_VALUE;
    }

    @Override
    public boolean offer(Outgoing more) {
      return takes-- > 0 && super.offer(more);
    }

    @Override
    public synchronized void pause() {
      paused = true;
    }

    @Override
    public synchronized void resume() {
      paused = false;
      notifyAll();
    }

    synchronized void awaitReading() throws InterruptedException {
      long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
      while (paused && closeCode() == 0) {
        long left = (end - System.nanoTime()) / 1_000_000;
        assertThat(left).as("millis left to wait for reading to go on").isPositive();
        wait(left);
      }
    }

    void says(String text) throws InterruptedException {
      awaitReading();
      said.add(text);
      inlet.text(text);
    }

    MemberId id() {
      return inlet.id();
    }

    /** What everybody was told, without answers to this one alone. */
    List<Frame> heardByAll() {
      return frames().stream().filter(ConcurrencyTest::isForAll).toList();
    }
  }

  static boolean isForAll(Frame frame) {
    Event event = frame.event();
    return event instanceof Event.Message
        || event instanceof Event.Joined
        || event instanceof Event.Left
        || event instanceof Event.Renamed;
  }

  static Client enter(Xnest xnest, RoomId room, boolean stores, int takes) {
    Client client = new Client(room, stores, takes);
    client.inlet = xnest.enter(Entry.of(room, "Name").withStoresHistory(stores), client);
    return client;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everybodyHearsTheSameWhateverHappensAtOnce(long seed)
      throws InterruptedException, IOException {
    Set<Thread> threadsBefore = xnestThreads();
    MoodyHistory store = new MoodyHistory(seed);
    Reports reports = new Reports();
    Xnest xnest =
        Xnest.builder()
            .history(store)
            .listener(reports)
            .limits(Limits.builder().withoutRates().tailBytes(20_000).inletMessages(160).build())
            .build();
    Map<RoomId, Client> witnesses = new HashMap<>();
    for (RoomId room : ROOMS) {
      Client witness = enter(xnest, room, true, Integer.MAX_VALUE);
      witness.await(ConcurrencyTest::isWelcome);
      witnesses.put(room, witness);
    }

    Queue<Client> clients = new ConcurrentLinkedQueue<>();
    Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(seed + i);
      String name = "t" + i;
      threads.add(
          new Thread(
              () -> {
                try {
                  for (int life = 0; life < LIVES; life++) {
                    clients.add(live(xnest, random, name + "/" + life));
                  }
                } catch (Throwable fault) {
                  faults.add(fault);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(PATIENCE_MILLIS);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(faults).isEmpty();

    for (RoomId room : ROOMS) {
      List<Client> here = clients.stream().filter(client -> client.room.equals(room)).toList();
      Client witness = witnesses.get(room);
      List<Frame> all = witness.await(frames -> leaves(frames) == here.size());
      new Verdict(witness.heardByAll(), store.lost, room, store.kept).check(here);
      assertThat(all).isNotEmpty();
    }
    xnest.close();

    assertThat(reports.failures).noneMatch(failure -> failure.startsWith("a task of room"));
    assertThat(reports.failures).noneMatch(failure -> failure.startsWith("closing"));
    assertThat(reports.events.stream().filter(event -> event.startsWith("opened")))
        .hasSameSizeAs(ROOMS);
    witnesses.values().forEach(witness -> assertThat(witness.closeCode()).isEqualTo(1001));
    for (Thread thread : xnestThreads()) {
      if (!threadsBefore.contains(thread)) {
        thread.join(LESS_THAN_IDLE_MILLIS);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
    assertThat(reports.events.stream().filter(event -> event.startsWith("closed")))
        .hasSameSizeAs(ROOMS);
  }

  /** One member from its coming to its going. */
  static Client live(Xnest xnest, Random random, String name) throws InterruptedException {
    boolean slow = random.nextInt(8) == 0;
    Client client =
        enter(
            xnest,
            ROOMS.get(random.nextInt(ROOMS.size())),
            random.nextInt(4) > 0,
            slow ? random.nextInt(10) : Integer.MAX_VALUE);
    if (random.nextBoolean() && !slow) {
      client.await(ConcurrencyTest::isWelcome);
    }
    int deeds = random.nextInt(25);
    for (int i = 0; i < deeds; i++) {
      switch (random.nextInt(10)) {
        case 0 -> client.inlet.text("@changename:" + name + "/" + i);
        case 1 -> client.inlet.text("@history:" + random.nextInt(3));
        case 2 -> client.inlet.text("@to:" + client.id() + "|psst");
        default -> client.says(name + "/" + i);
      }
    }
    if (random.nextInt(3) == 0 && !client.said.isEmpty() && client.stores && !slow) {
      // it hears its last word, or why not
      client.await(
          frames -> {
            long heard =
                frames.stream()
                    .filter(frame -> frame.from().equals(client.id()))
                    .filter(
                        frame ->
                            frame.event() instanceof Event.Said
                                || frame.event() instanceof Event.Failed)
                    .count();
            return heard >= client.said.size();
          });
    }
    client.inlet.leave();
    return client;
  }

  static boolean isWelcome(List<Frame> frames) {
    return frames.size() >= 5;
  }

  static long leaves(List<Frame> frames) {
    return frames.stream().filter(frame -> frame.event() instanceof Event.Left).count();
  }

  static Set<Thread> xnestThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("xnest-"));
    return threads;
  }

  /** Compares what everybody heard with what the witness of its room did. */
  static final class Verdict {
    final List<Frame> order;
    final Set<String> lost;
    final RoomId room;
    final HistoryStore kept;
    final Set<MemberId> unstored = new HashSet<>();

    Verdict(List<Frame> order, Set<String> lost, RoomId room, HistoryStore kept) {
      this.order = order;
      this.lost = lost;
      this.room = room;
      this.kept = kept;
    }

    void check(List<Client> clients) throws IOException {
      clients.stream().filter(client -> !client.stores).map(Client::id).forEach(unstored::add);
      assertThat(storedTexts(order))
          .isEqualTo(
              kept.read(room, Long.MAX_VALUE, 100_000, Long.MAX_VALUE).stream()
                  .map(Heard::text)
                  .toList());
      for (Client client : clients) {
        checkWhatItHeard(client);
        checkWhatItSaid(client);
      }
    }

    void checkWhatItHeard(Client client) {
      int from = joined(client);
      List<Frame> heard = client.heardByAll();
      assertThat(heard).isEqualTo(order.subList(from, from + heard.size()));

      List<Frame> frames = client.frames();
      if (frames.isEmpty()) {
        return; // it left, or fell behind, before its welcome
      }
      assertThat(frames.get(0).event()).isInstanceOf(Event.You.class);
      Map<MemberId, Member> members = membersAfter(order.subList(0, from + 1));
      assertThat(frames.get(1).event()).isEqualTo(new Event.Counted(members.size()));
      assertThat(frames.get(2).event()).isEqualTo(new Event.Listed(List.copyOf(members.values())));
      List<String> before = storedTexts(order.subList(0, from));
      Event.Past past = (Event.Past) frames.get(3).event();
      assertThat(past.entries().stream().map(Heard::text).toList())
          .isEqualTo(before.subList(Math.max(0, before.size() - 50), before.size()));
      if (frames.size() > 4) {
        assertThat(frames.get(4)).isEqualTo(order.get(from));
      }
    }

    private int joined(Client client) {
      for (int i = 0; i < order.size(); i++) {
        Frame frame = order.get(i);
        if (frame.from().equals(client.id()) && frame.event() instanceof Event.Joined) {
          return i;
        }
      }
      throw new AssertionError(client.id() + " never joined");
    }

    void checkWhatItSaid(Client client) {
      List<Frame> own = order.stream().filter(frame -> frame.from().equals(client.id())).toList();
      assertThat(own.get(0).event()).isInstanceOf(Event.Joined.class);
      assertThat(own.get(own.size() - 1).event()).isInstanceOf(Event.Left.class);
      List<String> heard = Heard.messages(own);
      List<String> expected = new ArrayList<>(client.said);
      expected.removeAll(lost);
      if (client.slow) {
        assertThat(heard).isEqualTo(expected.subList(0, Math.min(heard.size(), expected.size())));
      } else {
        assertThat(heard).isEqualTo(expected);
        assertThat(client.inlet.messages).hasValue(0);
        assertThat(client.inlet.bytes).hasValue(0);
      }
    }

    private List<String> storedTexts(List<Frame> frames) {
      return Heard.messages(
          frames.stream().filter(frame -> !unstored.contains(frame.from())).toList());
    }

    /** Whom a newcomer must be told of. */
    private Map<MemberId, Member> membersAfter(List<Frame> frames) {
      Map<MemberId, Member> members = new LinkedHashMap<>();
      for (Frame frame : frames) {
        if (frame.event() instanceof Event.Joined joined) {
          members.put(frame.from(), new Member(frame.from(), joined.nickname()));
        } else if (frame.event() instanceof Event.Renamed renamed) {
          members.put(frame.from(), new Member(frame.from(), renamed.nickname()));
        } else if (frame.event() instanceof Event.Left) {
          members.remove(frame.from());
        }
      }
      return members;
    }
  }
}
