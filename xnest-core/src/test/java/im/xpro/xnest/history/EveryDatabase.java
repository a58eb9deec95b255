package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds on every database, beside the contract; a subclass brings one. */
abstract class EveryDatabase {
  static final RoomId LOBBY = new RoomId("lobby");
  static final RoomId GARDEN = new RoomId("garden");
  static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private final SQLException lost = new SQLException("connection lost");

  /** Empty. */
  abstract DataSource freshDatabase() throws Exception;

  static HistoryEntry entry(RoomId room, long number, String text, Instant at) {
    return new HistoryEntry(room, number, new MemberId("m1"), "Lin", new Event.Said(text), at);
  }

  static HistoryEntry entry(long number, String text) {
    return entry(LOBBY, number, text, Instant.ofEpochMilli(1_428_500_000_000L + number));
  }

  static List<HistoryEntry> entries(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(n -> entry(n, "words " + n)).toList();
  }

  static List<HistoryEntry> entries(RoomId room, long first, long last, Instant at) {
    return LongStream.rangeClosed(first, last).mapToObj(n -> entry(room, n, "word", at)).toList();
  }

  static List<HistoryEntry> all(HistoryStore store, RoomId room) throws IOException {
    return store.read(room, Long.MAX_VALUE, 5_000, Long.MAX_VALUE);
  }

  static List<HistoryEntry> all(HistoryStore store) throws IOException {
    return all(store, LOBBY);
  }

  static List<Long> numbers(HistoryStore store, RoomId room) throws IOException {
    return all(store, room).stream().map(HistoryEntry::number).toList();
  }

  static List<String> column(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (row.next()) {
        values.add(row.getString(1));
      }
      return values;
    }
  }

  /** What all of them return who do {@code what} at the same moment. */
  static <T> List<T> race(List<Callable<T>> racers) throws Exception {
    CyclicBarrier start = new CyclicBarrier(racers.size());
    ExecutorService threads = Executors.newFixedThreadPool(racers.size());
    try {
      List<Future<T>> running = new ArrayList<>();
      for (Callable<T> racer : racers) {
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  return racer.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get(120, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  // ---- start ----

  @Test
  void tablesOfANewerVersionAreRefused() throws Exception {
    DataSource database = freshDatabase();
    JdbcHistoryStore.on(database);
    Databases.execute(database, "INSERT INTO xnest_schema (version) VALUES (2)");

    assertThatIOException()
        .isThrownBy(() -> JdbcHistoryStore.on(database))
        .withMessageContaining("has version 2 of the tables")
        .withMessageContaining("no newer one than 1");
  }

  @Test
  void startMayBeRepeated() throws Exception {
    DataSource database = freshDatabase();
    JdbcHistoryStore.on(database).append(entries(1, 3));

    JdbcHistoryStore.on(database);
    JdbcHistoryStore again = JdbcHistoryStore.on(database);

    assertThat(column(database, "SELECT version FROM xnest_schema")).containsExactly("1");
    assertThat(all(again)).isEqualTo(entries(1, 3));
  }

  @Test
  void startThatBrokeOffIsFinishedByTheNext() throws Exception {
    DataSource database = freshDatabase();
    Databases.execute(database, "CREATE TABLE xnest_schema (version INTEGER NOT NULL PRIMARY KEY)");

    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    store.append(entries(1, 1));

    assertThat(all(store)).isEqualTo(entries(1, 1));
  }

  @Test
  void tablesAreMadeByManyAtOnce() throws Exception {
    for (int round = 0; round < 5; round++) {
      DataSource database = freshDatabase();

      List<JdbcHistoryStore> stores =
          race(Collections.nCopies(8, () -> JdbcHistoryStore.on(database)));

      for (JdbcHistoryStore store : stores) {
        long last = store.last(LOBBY);
        store.append(entries(last + 1, last + 3));
      }
      assertThat(all(stores.get(0))).isEqualTo(entries(1, 24));
      assertThat(column(database, "SELECT version FROM xnest_schema")).containsExactly("1");
    }
  }

  // ---- failures ----

  @Test
  void commitWhoseAnswerIsLostIsUnknownAndRepeatedWithoutHarm() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(freshDatabase());
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.append(entries(1, 2));
    database.loseAnswer("commit", lost);

    assertThatThrownBy(() -> store.append(entries(3, 5)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NotKeptException.class)
        .hasMessageContaining("connection lost");
    database.heal();
    store.append(entries(3, 5));

    assertThat(all(store)).isEqualTo(entries(1, 5));
    assertThat(store.last(LOBBY)).isEqualTo(5);
  }

  @Test
  void commitThatNeverArrivesIsUnknownAndKeptByTheRepeat() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(freshDatabase());
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    database.fail("commit", lost);

    assertThatThrownBy(() -> store.append(entries(1, 3)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NotKeptException.class);
    database.heal();
    assertThat(all(store)).isEmpty();
    store.append(entries(1, 3));

    assertThat(all(store)).isEqualTo(entries(1, 3));
  }

  @Test
  void connectionsNeedNotCommitByThemselves() throws Exception {
    DataSource real = freshDatabase();
    SwitchedDatabase database = new SwitchedDatabase(real);
    database.setAutoCommit(false);

    JdbcHistoryStore.on(database.dataSource()).append(entries(1, 3));

    assertThat(all(JdbcHistoryStore.on(real))).isEqualTo(entries(1, 3));
  }

  // ---- what is kept ----

  @Test
  void textWithNulIsKeptEscapedAndAnyOtherAsItIs() throws Exception {
    DataSource database = freshDatabase();
    JdbcHistoryStore store = JdbcHistoryStore.on(database);

    store.append(List.of(entry(1, "a\0b\\c"), entry(2, "a\\0b\\c")));

    assertThat(column(database, "SELECT kind FROM xnest_entry ORDER BY number"))
        .containsExactly("text-nul", "text");
    assertThat(column(database, "SELECT content FROM xnest_entry ORDER BY number"))
        .containsExactly("a\\0b\\\\c", "a\\0b\\c");
  }

  /** As code makes it that cuts a text: no database gives it back, so it would seem another one. */
  @Test
  void textWithHalfAnEmojiIsTheSameWhenItComesAgain() throws Exception {
    JdbcHistoryStore store = JdbcHistoryStore.on(freshDatabase());
    List<HistoryEntry> cut = List.of(entry(1, "cut \ud83d"), entry(2, "\ude00 \ud83d\ude00"));

    store.append(cut);
    store.append(cut);

    assertThat(all(store)).isEqualTo(cut);
    assertThat(all(store).get(1).message()).isEqualTo(new Event.Said("\ufffd \ud83d\ude00"));
  }

  @Test
  void lastNumberIsKeptApartFromTheEntries() throws Exception {
    DataSource database = freshDatabase();
    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    store.append(entries(1, 5));

    Databases.execute(database, "DELETE FROM xnest_entry");

    assertThat(store.last(LOBBY)).isEqualTo(5);
    assertThatThrownBy(() -> store.append(entries(7, 7))).isInstanceOf(ConflictException.class);
    store.append(entries(4, 6));
    assertThat(all(store)).isEqualTo(entries(6, 6));
  }

  // ---- several writers, by mistake ----

  @Test
  void writersThatRaceForANumberNeverShareIt() throws Exception {
    DataSource database = freshDatabase();
    int writers = 3;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<List<HistoryEntry>>> kept = new ArrayList<>();

    for (int writer = 0; writer < writers; writer++) {
      String text = "from writer " + writer;
      JdbcHistoryStore store = JdbcHistoryStore.on(database);
      Callable<List<HistoryEntry>> race =
          () -> {
            List<HistoryEntry> own = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              HistoryEntry next = entry(store.last(LOBBY) + 1, text);
              try {
                store.append(List.of(next));
                own.add(next);
              } catch (NotKeptException anotherWasFirst) {
                assertThat(all(store)).doesNotContain(next);
              }
            }
            return own;
          };
      kept.add(threads.submit(race));
    }
    List<HistoryEntry> told = new ArrayList<>();
    for (Future<List<HistoryEntry>> writer : kept) {
      told.addAll(writer.get(60, TimeUnit.SECONDS));
    }
    threads.shutdown();

    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    List<HistoryEntry> all = all(store);
    assertThat(all)
        .extracting(HistoryEntry::number)
        .isEqualTo(LongStream.rangeClosed(1, told.size()).boxed().toList());
    assertThat(told).containsExactlyInAnyOrderElementsOf(all);
    assertThat(store.last(LOBBY)).isEqualTo(told.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoIsSecondToANumberMeetsAConflict(int number) throws Exception {
    DataSource database = freshDatabase();
    List<JdbcHistoryStore> stores = new ArrayList<>();
    for (int writer = 0; writer < 4; writer++) {
      stores.add(JdbcHistoryStore.on(database));
    }
    for (int round = 0; round < 15; round++) {
      RoomId room = new RoomId("room " + round);
      for (int before = 1; before < number; before++) {
        stores.get(0).append(entries(room, before, before, NOW));
      }
      List<Callable<Boolean>> racers = new ArrayList<>();
      for (JdbcHistoryStore store : stores) {
        HistoryEntry own = entry(room, number, "of " + racers.size(), NOW);
        racers.add(() -> isKept(store, List.of(own)));
      }

      assertThat(race(racers)).as("round " + round).containsOnlyOnce(true);
      assertThat(all(stores.get(0), room)).hasSize(number);
    }
  }

  /** Rooms in another order: where a writer waits for rows, they wait for each other. */
  @Test
  void whoIsSecondToManyNumbersMeetsAConflictToo() throws Exception {
    DataSource database = freshDatabase();
    List<JdbcHistoryStore> stores =
        List.of(JdbcHistoryStore.on(database), JdbcHistoryStore.on(database));
    for (int round = 1; round <= 5; round++) {
      List<Callable<Boolean>> racers = new ArrayList<>();
      for (JdbcHistoryStore store : stores) {
        List<HistoryEntry> batch = new ArrayList<>();
        for (int room = 0; room < 10; room++) {
          batch.add(entry(new RoomId("room " + room), round, "of " + racers.size(), NOW));
        }
        if (!racers.isEmpty()) {
          Collections.reverse(batch);
        }
        racers.add(() -> isKept(store, batch));
      }

      assertThat(race(racers)).as("round " + round).containsExactlyInAnyOrder(true, false);
    }
  }

  /** False if there was a conflict. */
  private static boolean isKept(HistoryStore store, List<HistoryEntry> batch) throws IOException {
    try {
      store.append(batch);
      return true;
    } catch (ConflictException second) {
      return false;
    }
  }

  // ---- retention ----

  static int stepsOf(HistoryStore store) throws IOException {
    int steps = 1;
    while (store.tidy()) {
      steps++;
      assertThat(steps).as("steps without an end").isLessThan(100);
    }
    return steps;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void newestOfEachRoomStayAndNumbersGoOn(boolean autoCommit) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(freshDatabase());
    database.setAutoCommit(autoCommit);
    HistoryStore store = JdbcHistoryStore.on(database.dataSource(), Retention.newest(10));
    store.append(entries(LOBBY, 1, 1_200, NOW));
    store.append(entries(GARDEN, 1, 5, NOW));

    assertThat(stepsOf(store)).as("steps of 500 rows").isGreaterThanOrEqualTo(3);

    assertThat(numbers(store, LOBBY)).hasSize(10).startsWith(1_191L).endsWith(1_200L);
    assertThat(numbers(store, GARDEN)).hasSize(5);
    assertThat(store.last(LOBBY)).isEqualTo(1_200);
    store.append(entries(LOBBY, 1_201, 1_201, NOW));
    assertThat(store.last(LOBBY)).isEqualTo(1_201);
  }

  @Test
  void whatIsTooOldGoesAndTheLastNumberStays() throws Exception {
    HistoryStore store =
        JdbcHistoryStore.on(freshDatabase(), Retention.forever().noOlderThan(Duration.ofDays(1)));
    store.append(entries(LOBBY, 1, 700, NOW.minus(Duration.ofDays(2))));
    store.append(entries(LOBBY, 701, 703, NOW));
    store.append(entries(GARDEN, 1, 3, NOW.minus(Duration.ofDays(2))));

    stepsOf(store);

    assertThat(numbers(store, LOBBY)).containsExactly(701L, 702L, 703L);
    assertThat(numbers(store, GARDEN)).isEmpty();
    assertThat(store.last(GARDEN)).isEqualTo(3);
  }

  /** As after a time in which the clock was ahead. */
  @Test
  void entriesFromTheFutureDoNotKeepWhatIsBehindThem() throws Exception {
    HistoryStore store =
        JdbcHistoryStore.on(freshDatabase(), Retention.forever().noOlderThan(Duration.ofDays(1)));
    store.append(entries(LOBBY, 1, 600, NOW.plus(Duration.ofDays(9))));
    store.append(entries(LOBBY, 601, 603, NOW.minus(Duration.ofDays(2))));
    store.append(entries(LOBBY, 604, 604, NOW));
    store.append(entries(LOBBY, 605, 605, NOW.plus(Duration.ofDays(9))));

    stepsOf(store);

    assertThat(numbers(store, LOBBY)).containsExactly(604L, 605L);
  }

  @Test
  void nothingGoesWhereItIsKeptForever() throws Exception {
    HistoryStore store = JdbcHistoryStore.on(freshDatabase());
    store.append(entries(LOBBY, 1, 700, NOW.minus(Duration.ofDays(9_000))));

    assertThat(stepsOf(store)).isEqualTo(1);

    assertThat(numbers(store, LOBBY)).hasSize(700);
  }

  @Test
  void roomsBeyondOneStepHaveTheirTurnToo() throws Exception {
    HistoryStore store = JdbcHistoryStore.on(freshDatabase(), Retention.newest(1));
    for (int room = 0; room < 250; room++) {
      store.append(entries(new RoomId("room " + room), 1, 2, NOW));
    }

    stepsOf(store);

    for (int room = 0; room < 250; room++) {
      assertThat(numbers(store, new RoomId("room " + room))).containsExactly(2L);
    }
  }

  // ---- one room's own ----

  @Test
  void roomsOwnRuleHoldsInPlaceOfTheOthers() throws Exception {
    DataSource database = freshDatabase();
    HistoryStore store = JdbcHistoryStore.on(database, Retention.newest(10));
    store.retain(LOBBY, Retention.newest(50));
    store.append(entries(LOBBY, 1, 100, NOW));
    store.append(entries(GARDEN, 1, 100, NOW));

    HistoryStore restarted = JdbcHistoryStore.on(database, Retention.newest(10));
    stepsOf(restarted);
    assertThat(numbers(restarted, LOBBY)).hasSize(50).startsWith(51L);
    assertThat(numbers(restarted, GARDEN)).hasSize(10);

    restarted.retain(LOBBY, null);
    stepsOf(restarted);
    assertThat(numbers(restarted, LOBBY)).hasSize(10);
    assertThat(restarted.last(LOBBY)).isEqualTo(100);
  }

  @Test
  void roomMayForgetWhereTheOthersDoNot() throws Exception {
    HistoryStore store = JdbcHistoryStore.on(freshDatabase());
    store.append(entries(GARDEN, 1, 20, NOW.minus(Duration.ofDays(9))));
    store.append(entries(LOBBY, 1, 20, NOW.minus(Duration.ofDays(9))));
    store.append(entries(LOBBY, 21, 25, NOW));
    store.retain(LOBBY, Retention.newest(1_000).noOlderThan(Duration.ofDays(1)));
    store.retain(LOBBY, Retention.newest(1_000).noOlderThan(Duration.ofDays(1)));

    stepsOf(store);

    assertThat(numbers(store, LOBBY)).containsExactly(21L, 22L, 23L, 24L, 25L);
    assertThat(numbers(store, GARDEN)).hasSize(20);
  }

  @Test
  void sameRuleAgainIsNotWritten() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(freshDatabase());
    HistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.retain(LOBBY, Retention.newest(5));
    database.calls.clear();

    store.retain(LOBBY, Retention.newest(5));
    store.retain(GARDEN, null);

    assertThat(database.calls).doesNotContain("commit");
  }
}
