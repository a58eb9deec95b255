package im.xpro.xnest.examples.bench;

import com.zaxxer.hikari.HikariDataSource;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.examples.ChatServer;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What it costs to keep messages in SQLite, set as the example server sets it: appends per second
 * of 8 busy rooms next to one commit per message, a page out of a large room next to one out of a
 * small one, and how long a message takes to be heard next to a server that keeps it in memory.
 * Compare the ratios of one run; absolute figures drift with the machine.
 *
 * <pre>java -cp xnest-examples/target/xnest-server.jar im.xpro.xnest.examples.bench.StorageBench
 * </pre>
 */
final class StorageBench {
  private static final int ROUNDS = 5;
  private static final int ROOMS = 8;
  private static final String LINE = "a line of about sixty bytes, as people write them in chats..";

  private StorageBench() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("xnest-bench");
    System.out.printf(
        "%-60s %10s %10s %6s%n", "medians of some rounds", "first", "second", "ratio");
    try {
      appends(folder);
      pages(folder);
      latencies(folder);
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Two figures of each round, side by side. */
  private static final class Row {
    private final String name;
    private final double[] base;
    private final double[] other;

    Row(String name, int rounds) {
      this.name = name;
      base = new double[rounds];
      other = new double[rounds];
    }

    /** Ignores the rounds before 0, which warm up. */
    void set(int round, double baseFigure, double otherFigure) {
      if (round >= 0) {
        base[round] = baseFigure;
        other[round] = otherFigure;
      }
    }

    void print() {
      double[] ratios = new double[base.length];
      Arrays.setAll(ratios, round -> other[round] / base[round]);
      System.out.printf(
          "%-60s %,10.2f %,10.2f %6.2f (%.2f to %.2f)%n",
          name,
          BroadcastBench.median(base),
          BroadcastBench.median(other),
          BroadcastBench.median(ratios),
          Arrays.stream(ratios).min().orElseThrow(),
          Arrays.stream(ratios).max().orElseThrow());
    }
  }

  /** As the example server opens it. */
  private static HikariDataSource sqlite(Path file) {
    HikariDataSource pool = new HikariDataSource();
    pool.setMaximumPoolSize(6);
    pool.setMinimumIdle(1);
    pool.setJdbcUrl(
        "jdbc:sqlite:"
            + file
            + "?journal_mode=WAL&synchronous=NORMAL&transaction_mode=IMMEDIATE&busy_timeout=5000");
    return pool;
  }

  private static HistoryEntry entry(RoomId room, long number) {
    Event.Message said = new Event.Said(LINE);
    return new HistoryEntry(room, number, new MemberId("m1"), "Lin", said, Instant.now());
  }

  // ---- appends ----

  private static final int TALKERS_PER_ROOM = 4;
  private static final int IN_FLIGHT = 4;

  private static void appends(Path folder) throws Exception {
    Row rates = new Row("appends/s: one per commit, group commit", ROUNDS);
    for (int round = -1; round < ROUNDS; round++) {
      double alone = oneByOne(folder.resolve("one" + round));
      rates.set(round, alone, together(folder.resolve("together" + round)));
    }
    rates.print();
  }

  /** By one thread, as SQLite has one writer at a time: 8 of them were not faster. */
  private static double oneByOne(Path file) throws Exception {
    LongAdder kept = new LongAdder();
    AtomicBoolean done = new AtomicBoolean();
    try (HikariDataSource database = sqlite(file)) {
      HistoryStore store = JdbcHistoryStore.on(database);
      FutureTask<Long> writer =
          new FutureTask<>(
              () -> {
                long count = 0;
                while (!done.get()) {
                  RoomId room = new RoomId("room" + count % ROOMS);
                  store.append(List.of(entry(room, count++ / ROOMS + 1)));
                  kept.increment();
                }
                return count;
              });
      new Thread(writer, "bench-writer").start();
      double rate = perSecond(kept);
      done.set(true);
      writer.get();
      return rate;
    }
  }

  /** Through xnest, whose members say one more for each message that they hear. */
  private static double together(Path file) throws Exception {
    try (HikariDataSource database = sqlite(file)) {
      HistoryStore store = JdbcHistoryStore.on(database);
      LongAdder heard = new LongAdder();
      double rate;
      try (Xnest xnest = Xnest.builder().history(store).build()) {
        for (int i = 0; i < ROOMS * TALKERS_PER_ROOM; i++) {
          new Talker(heard).enter(xnest, new RoomId("room" + i % ROOMS));
        }
        rate = perSecond(heard);
      }
      long kept = 0;
      for (int i = 0; i < ROOMS; i++) {
        kept += store.last(new RoomId("room" + i));
      }
      if (kept < heard.sum()) {
        throw new IOException("heard " + heard + ", kept " + kept);
      }
      return rate;
    }
  }

  private static double perSecond(LongAdder count) throws InterruptedException {
    Thread.sleep(1_000);
    long before = count.sum();
    long began = System.nanoTime();
    Thread.sleep(3_000);
    return (count.sum() - before) * 1e9 / (System.nanoTime() - began);
  }

  /** Says one more for each of its own messages that it hears. */
  private static final class Talker implements Outlet {
    private final LongAdder heard;
    private @Nullable Inlet inlet;

    Talker(LongAdder heard) {
      this.heard = heard;
    }

    /** What it hears meanwhile waits until it knows its inlet. */
    synchronized void enter(Xnest xnest, RoomId room) {
      Inlet own = xnest.enter(Entry.of(room, "Lin"), this);
      inlet = own;
      for (int i = 0; i < IN_FLIGHT; i++) {
        own.text(LINE);
      }
    }

    @Override
    public synchronized boolean offer(Outgoing frames) {
      Inlet own = Objects.requireNonNull(inlet);
      for (Frame frame : frames.frames()) {
        if (frame.event() instanceof Event.Said && frame.from().equals(own.id())) {
          heard.increment();
          own.text(LINE);
        }
      }
      return true;
    }

    @Override
    public void close(int code, String reason) {}
  }

  // ---- pages ----

  private static final RoomId PAGED = new RoomId("room");

  private static void pages(Path folder) throws IOException {
    int few = 1_000;
    int many = 1_000_000;
    Row newest = new Row("us for the newest page of 50: of 1,000, of 1,000,000", ROUNDS);
    Row middle = new Row("us for a page of 50 in the middle: of 1,000, of 1,000,000", ROUNDS);
    try (HikariDataSource small = sqlite(folder.resolve("small"));
        HikariDataSource large = sqlite(folder.resolve("large"))) {
      HistoryStore ofFew = filled(small, few);
      HistoryStore ofMany = filled(large, many);
      for (int round = -1; round < ROUNDS; round++) {
        newest.set(round, pageMicros(ofFew, few, few), pageMicros(ofMany, many, many));
        double middleOfFew = pageMicros(ofFew, few / 4, few * 3 / 4);
        middle.set(round, middleOfFew, pageMicros(ofMany, many / 4, many * 3 / 4));
      }
    }
    newest.print();
    middle.print();
  }

  /** With {@code size} entries of a room, and as many of another one between them. */
  private static HistoryStore filled(HikariDataSource database, int size) throws IOException {
    HistoryStore store = JdbcHistoryStore.on(database);
    RoomId other = new RoomId("other");
    for (long last = 0; last < size; last += 1_000) {
      List<HistoryEntry> batch = new ArrayList<>();
      for (long number = last + 1; number <= last + 1_000; number++) {
        batch.add(entry(PAGED, number));
        batch.add(entry(other, number));
      }
      store.append(batch);
    }
    return store;
  }

  /** The median of many pages that end somewhere between two numbers. */
  private static double pageMicros(HistoryStore store, int from, int to) throws IOException {
    double[] micros = new double[1_000];
    for (int i = 0; i < micros.length; i++) {
      long before = ThreadLocalRandom.current().nextLong(from, to + 1L) + 1;
      long began = System.nanoTime();
      List<HistoryEntry> page = store.read(PAGED, before, 50, Limits.defaults().pageBytes());
      micros[i] = (System.nanoTime() - began) / 1e3;
      if (page.size() != 50) {
        throw new IOException("a page of " + page.size());
      }
    }
    return BroadcastBench.median(micros);
  }

  // ---- latency ----

  /** Of all rooms together. */
  private static final int MESSAGES_PER_SECOND = 500;

  private static final long NANOS_BETWEEN = 1_000_000_000L / MESSAGES_PER_SECOND;

  /** Short and many, so that what else the machine does spoils few of them. */
  private static final int LATENCY_ROUNDS = 15;

  private static final int WARM_UP_ROUNDS = 3;
  private static final int MESSAGES_PER_ROOM = 125;

  private static void latencies(Path folder) throws Exception {
    Row half = new Row("ms from said to heard, p50: in memory, SQLite", LATENCY_ROUNDS);
    Row most = new Row("ms from said to heard, p99: in memory, SQLite", LATENCY_ROUNDS);
    Process forgetful = chatServer("--in-memory");
    Process lasting = chatServer("--data", folder.resolve("data").toString());
    try {
      URI inMemory = BroadcastBench.roomOf(forgetful);
      URI onDisk = BroadcastBench.roomOf(lasting);
      for (int round = -WARM_UP_ROUNDS; round < LATENCY_ROUNDS; round++) {
        double[] memory = millis(inMemory, round);
        double[] sqlite = millis(onDisk, round);
        half.set(round, memory[memory.length / 2], sqlite[sqlite.length / 2]);
        most.set(round, memory[memory.length * 99 / 100], sqlite[sqlite.length * 99 / 100]);
      }
    } finally {
      forgetful.destroyForcibly().waitFor();
      lasting.destroyForcibly().waitFor();
    }
    half.print();
    most.print();
  }

  private static Process chatServer(String... storage) throws IOException {
    List<String> options =
        new ArrayList<>(List.of("--rate", "0", "--port", "0", "--http-port", "0"));
    options.addAll(List.of(storage));
    return BroadcastBench.start(ChatServer.class, options.toArray(new String[0]));
  }

  /** Of all messages of a round, in rooms of its own; sorted. */
  private static double[] millis(URI anyRoom, int round) throws Exception {
    ExecutorService speakers = Executors.newFixedThreadPool(ROOMS);
    try {
      List<Future<double[]>> rooms = new ArrayList<>();
      long begin = System.nanoTime() + 200_000_000L;
      for (int i = 0; i < ROOMS; i++) {
        URI room = anyRoom.resolve("room" + i + "of" + round);
        long first = begin + i * NANOS_BETWEEN;
        rooms.add(speakers.submit(() -> converse(room, first)));
      }
      List<double[]> millis = new ArrayList<>();
      for (Future<double[]> room : rooms) {
        millis.add(room.get());
      }
      return millis.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    } finally {
      speakers.shutdown();
    }
  }

  /**
   * Says one message after the other, each at its time or, if the one before was not heard by then,
   * too late: that counts as waiting, too.
   *
   * @return how long each took until both members had heard it
   */
  private static double[] converse(URI room, long first) throws IOException, InterruptedException {
    double[] millis = new double[MESSAGES_PER_ROOM];
    try (Crowd crowd = new Crowd(room, 2, 1)) {
      for (int i = 0; i < millis.length; i++) {
        long due = first + i * NANOS_BETWEEN * ROOMS;
        long early = due - System.nanoTime();
        if (early > 0) {
          TimeUnit.NANOSECONDS.sleep(early);
        }
        long began = early > 0 ? System.nanoTime() : due;
        crowd.speak();
        crowd.hearAll();
        millis[i] = (System.nanoTime() - began) / 1e6;
      }
    }
    return millis;
  }
}
