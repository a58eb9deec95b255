package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real PostgreSQL behind a pool goes away while six members of two rooms talk, and comes back.
 */
@Timeout(120)
class DatabaseOutageTest {
  static final Duration STORE_TIME = Duration.ofMillis(500);

  /** Says its next words once it knows what became of those before. */
  static final class Talker extends Ear {
    final RoomId room;
    private final String name;
    private final Inlet inlet;
    private final AtomicInteger answers = new AtomicInteger();
    private volatile int said;

    Talker(Xnest xnest, String room, String name) {
      this.room = new RoomId(room);
      this.name = name;
      this.inlet = xnest.enter(Entry.of(this.room, name), this);
    }

    @Override
    public boolean offer(Outgoing more) {
      super.offer(more);
      answers.addAndGet((int) more.frames().stream().filter(this::isAnswer).count());
      return true;
    }

    private boolean isAnswer(Frame frame) {
      return frame.event() instanceof Event.Failed || isOwn(frame);
    }

    private boolean isOwn(Frame frame) {
      return frame.event() instanceof Event.Said words && words.text().startsWith(name + " ");
    }

    void talk() {
      if (answers.get() >= said) {
        said++;
        inlet.text(name + " " + said);
      }
    }

    long heardOfItself() {
      return frames().stream().filter(this::isOwn).count();
    }

    long errors() {
      return frames().stream().filter(frame -> frame.event() instanceof Event.Failed).count();
    }

    void awaitMoreWords(int more) throws InterruptedException {
      long before = heardOfItself();
      await(frames -> frames.stream().filter(this::isOwn).count() >= before + more);
    }

    void awaitAnotherError() throws InterruptedException {
      long before = errors();
      await(
          frames ->
              frames.stream().filter(frame -> frame.event() instanceof Event.Failed).count()
                  > before);
    }

    /** The texts of what it heard live. */
    List<String> heard() {
      return frames().stream()
          .filter(frame -> frame.event() instanceof Event.Said)
          .map(frame -> ((Event.Said) frame.event()).text())
          .toList();
    }
  }

  @TempDir static Path folder;
  static EmbeddedPostgres server;
  final Reports reports = new Reports();
  final List<Talker> talkers = new CopyOnWriteArrayList<>();
  final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();
  HikariDataSource pool;
  JdbcHistoryStore store;
  Xnest xnest;

  /** It may be started again on the same files, with the same port. */
  static EmbeddedPostgres start(Path files, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(files)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setPGStartupWait(Duration.ofMinutes(1))
        // a commit takes 2 ms at least, so that most of what ends a session hits it in one
        .setServerConfig("commit_delay", "2000")
        .setServerConfig("commit_siblings", "0")
        // else its own death loses what it has committed
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("fsync", "on")
        .start();
  }

  @BeforeAll
  static void startServer() throws IOException {
    server = start(folder, 0);
  }

  @AfterAll
  static void endServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void startTalking() throws Exception {
    Databases.execute(
        server.getPostgresDatabase(), "DROP TABLE IF EXISTS xnest_schema, xnest_room, xnest_entry");
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.getJdbcUrl("postgres", "postgres") + "&ApplicationName=xnest");
    config.setConnectionTimeout(2_000);
    config.setMaximumPoolSize(4);
    pool = new HikariDataSource(config);
    store = JdbcHistoryStore.on(pool);
    xnest =
        Xnest.builder()
            .history(store)
            .listener(reports)
            .limits(Limits.builder().storeTime(STORE_TIME).build())
            .build();
    for (String room : List.of("lobby", "garden")) {
      for (String name : List.of("小明", "Lin", "Wei")) {
        talkers.add(enter(room, name));
      }
    }
    ticks.scheduleWithFixedDelay(() -> talkers.forEach(Talker::talk), 0, 2, TimeUnit.MILLISECONDS);
    awaitMoreWords(3);
  }

  /** Again, where the database has not told in time what the room's history is. */
  Talker enter(String room, String name) throws InterruptedException {
    while (true) {
      Talker talker = new Talker(xnest, room, name);
      List<Frame> heard =
          talker.await(frames -> talker.closeCode() != 0 || !joins(frames).isEmpty());
      if (!joins(heard).isEmpty()) {
        return talker;
      }
    }
  }

  static List<Frame> joins(List<Frame> frames) {
    return frames.stream().filter(frame -> frame.event() instanceof Event.Joined).toList();
  }

  @AfterEach
  void stop() throws Exception {
    ticks.shutdownNow();
    xnest.close();
    pool.close();
  }

  void awaitMoreWords(int each) throws InterruptedException {
    for (Talker talker : talkers) {
      talker.awaitMoreWords(each);
    }
  }

  /** {@code kill -9}; returns when none of its processes runs any more. */
  void killServer() throws Exception {
    String pid = Files.readAllLines(folder.resolve("postmaster.pid")).get(0);
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    List<ProcessHandle> all =
        Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    postmaster.destroyForcibly();
    for (ProcessHandle process : all) {
      process.onExit().get(30, TimeUnit.SECONDS);
    }
    server.close();
  }

  @Test
  void killedDatabaseCostsNothingThatWasHeardAndServiceReturnsByItself() throws Exception {
    int port = server.getPort();
    killServer();
    for (Talker talker : talkers) {
      talker.awaitAnotherError();
    }

    server = start(folder, port);
    awaitMoreWords(3);

    assertNothingIsLostOrTwice();
  }

  @Test
  void endedSessionsCostNothingThatWasHeard() throws Exception {
    for (int i = 0; i < 5; i++) {
      endSessions();
      awaitMoreWords(2);
    }

    assertThat(reports.failures).isNotEmpty();
    assertNothingIsLostOrTwice();
  }

  void endSessions() throws SQLException {
    Databases.execute(
        server.getPostgresDatabase(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xnest'");
  }

  void assertNothingIsLostOrTwice() throws Exception {
    List<Talker> all = List.copyOf(talkers);
    ticks.submit(talkers::clear).get(); // none of them is about to say more
    for (String room : List.of("lobby", "garden")) {
      String last = sayLast(room);
      List<Talker> members = all.stream().filter(one -> one.room.value().equals(room)).toList();
      List<HistoryEntry> kept =
          store.read(new RoomId(room), Long.MAX_VALUE, 1_000_000, Long.MAX_VALUE);
      assertThat(kept).extracting(HistoryEntry::number).isEqualTo(numbersTo(kept.size()));
      for (Talker member : members) {
        member.await(frames -> Heard.messages(frames).contains(last));
        // who has talked a lot is over its pace, and its last word comes later
        member.await(frames -> member.said - member.heardOfItself() <= member.errors());
        List<String> heard = upTo(last, member.heard());
        // who came later has heard the earlier ones in its history
        List<String> texts = upTo(last, kept.stream().map(Heard::text).toList());
        assertThat(heard).doesNotHaveDuplicates();
        assertThat(texts).endsWith(heard.toArray(String[]::new));
        assertThat(member.said - member.heardOfItself())
            .as("words of %s that nobody heard, and errors", member.name)
            .isLessThanOrEqualTo(member.errors());
      }
    }
  }

  /** Says something until it is heard, behind all that was said before. */
  String sayLast(String room) throws InterruptedException {
    Talker closer = new Talker(xnest, room, "closer");
    talkers.add(closer);
    closer.awaitMoreWords(1);
    talkers.remove(closer);
    return closer.heard().get(0);
  }

  static List<String> upTo(String last, List<String> texts) {
    assertThat(texts).contains(last);
    return texts.subList(0, texts.indexOf(last) + 1);
  }

  static List<Long> numbersTo(int last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
