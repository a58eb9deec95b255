package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real database, in which somebody else holds a lock, answers only once that is released. */
@Timeout(120)
class SlowDatabaseTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final RoomId GARDEN = new RoomId("garden");
  static final Duration STORE_TIME = Duration.ofSeconds(3);
  static final int MAY_WAIT = 5;

  @TempDir Path folder;
  JdbcHistoryStore store;
  Xnest xnest;
  Connection locker;
  final Ear ming = new Ear();
  final Ear lin = new Ear();
  final Ear wei = new Ear();
  Inlet fromMing;
  Inlet fromLin;
  Inlet fromWei;

  void enterRoomsOn(DataSource database) throws Exception {
    store = JdbcHistoryStore.on(database);
    for (RoomId room : List.of(LOBBY, GARDEN)) {
      store.append(LongStream.rangeClosed(1, 60).mapToObj(n -> entry(room, n)).toList());
    }
    xnest =
        Xnest.builder()
            .history(store)
            .limits(Limits.builder().storeTime(STORE_TIME).roomWaitingMessages(MAY_WAIT).build())
            .build();
    fromMing = enter(Entry.of(LOBBY, "小明"), ming);
    fromLin = enter(Entry.of(LOBBY, "Lin"), lin);
    fromWei = enter(Entry.of(LOBBY, "Wei").withStoresHistory(false), wei);
  }

  static HistoryEntry entry(RoomId room, long number) {
    Event.Message words = new Event.Said("old " + number);
    return new HistoryEntry(room, number, new MemberId("m0"), "Old", words, Instant.EPOCH);
  }

  Inlet enter(Entry entry, Ear ear) throws InterruptedException {
    Inlet inlet = xnest.enter(entry, ear);
    hears(ear, "join " + inlet.id());
    return inlet;
  }

  static void hears(Ear ear, String word) throws InterruptedException {
    ear.await(frames -> Heard.words(frames).contains(word));
  }

  static long errors(List<Frame> frames) {
    return frames.stream().filter(SlowDatabaseTest::isError).count();
  }

  static boolean isError(Frame frame) {
    return frame.event() instanceof Event.Failed;
  }

  static Predicate<List<Frame>> errors(int enough) {
    return frames -> errors(frames) >= enough;
  }

  void lock(DataSource database, String... sql) throws SQLException {
    locker = database.getConnection();
    try (Statement statement = locker.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

  void release() throws SQLException {
    try (Connection ends = locker;
        Statement statement = ends.createStatement()) {
      statement.execute("ROLLBACK");
    }
  }

  @AfterEach
  void close() throws SQLException {
    if (!locker.isClosed()) {
      release();
    }
    xnest.close();
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, BEGIN IMMEDIATE,",
    "POSTGRES, BEGIN, 'LOCK TABLE xnest_room, xnest_entry IN EXCLUSIVE MODE'"
  })
  void onlyMessagesThatAreToBeStoredWaitAndTheirSendersAreTold(
      Databases.Kind kind, String begin, String lock) throws Exception {
    DataSource database = kind.fresh(folder);
    enterRoomsOn(database);
    lock(database, lock == null ? new String[] {begin} : new String[] {begin, lock});

    fromMing.text("waits");
    for (int i = 0; i < 50; i++) {
      fromLin.text("waits too " + i);
    }
    fromWei.text("unstored");
    fromWei.text("@to:" + fromMing.id() + "|psst");
    fromWei.text("@changename:伟");
    fromWei.text("@history:1");
    Ear guest = new Ear();
    Inlet joining = enter(Entry.of(LOBBY, "Guest"), guest);
    joining.leave();
    Ear elsewhere = new Ear();
    enter(Entry.of(GARDEN, "Elsewhere"), elsewhere);

    hears(ming, fromWei.id() + ": unstored");
    hears(ming, fromWei.id() + " whispers psst");
    hears(ming, fromWei.id() + " is 伟");
    hears(ming, "leave " + joining.id());
    wei.await(frames -> Heard.messages(frames).contains("old 1"));
    ming.await(errors(1));
    lin.await(errors(50));
    assertThat(Heard.messages(ming.frames())).doesNotContain("waits");

    release();

    hears(ming, fromMing.id() + ": waits");
    sayUntilHeard(fromLin, lin, "after");
    List<String> live = live(lin.frames());
    assertThat(live).first().isEqualTo("waits");
    assertThat(live)
        .filteredOn(text -> text.startsWith("waits"))
        .hasSizeLessThanOrEqualTo(MAY_WAIT);
    assertThat(kept()).containsExactlyElementsOf(live);
  }

  @Test
  void joinsGoOnWhereTheNewestPageIsInMemoryAndTheOthersAreTold() throws Exception {
    DataSource database = Databases.postgres();
    enterRoomsOn(database);
    lock(database, "BEGIN", "LOCK TABLE xnest_room, xnest_entry IN ACCESS EXCLUSIVE MODE");

    Ear cold = new Ear();
    xnest.enter(Entry.of(GARDEN, "Cold"), cold);
    fromMing.text("@history:1");
    Ear warm = new Ear();
    enter(Entry.of(LOBBY, "Warm"), warm);
    fromWei.text("unstored");

    hears(warm, fromWei.id() + ": unstored");
    ming.await(errors(1));
    assertThat(Heard.words(ming.frames())).contains("error the history cannot be read now");
    cold.await(frames -> cold.closeCode() == 1013);

    release();

    enter(Entry.of(GARDEN, "Again"), new Ear());
    fromMing.text("@history:0");
    fromMing.text("@history:1");
    ming.await(frames -> Heard.messages(frames).contains("old 1"));
  }

  /** What was refused is said again, as a person would. */
  static void sayUntilHeard(Inlet inlet, Ear ear, String text) throws InterruptedException {
    boolean heard = false;
    for (int i = 0; !heard; i++) {
      String words = text + " " + i;
      long before = errors(ear.frames());
      inlet.text(words);
      heard =
          Heard.messages(
                  ear.await(
                      frames -> Heard.messages(frames).contains(words) || errors(frames) > before))
              .contains(words);
    }
  }

  static List<String> live(List<Frame> frames) {
    return frames.stream()
        .filter(frame -> frame.event() instanceof Event.Said)
        .map(frame -> ((Event.Said) frame.event()).text())
        .filter(text -> !text.equals("unstored"))
        .toList();
  }

  List<String> kept() throws Exception {
    return store.read(LOBBY, Long.MAX_VALUE, 1_000, Long.MAX_VALUE).stream()
        .filter(entry -> entry.number() > 60)
        .map(Heard::text)
        .toList();
  }
}
