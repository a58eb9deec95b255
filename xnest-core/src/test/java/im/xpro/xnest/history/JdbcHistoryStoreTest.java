package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class JdbcHistoryStoreTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final SQLException lost = new SQLException("connection lost");

  @TempDir Path folder;

  static HistoryEntry entry(long number, String text) {
    return new HistoryEntry(
        LOBBY,
        number,
        new MemberId("m1"),
        "Lin",
        new Event.Said(text),
        Instant.ofEpochMilli(1_428_500_000_000L + number));
  }

  static List<HistoryEntry> entries(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(n -> entry(n, "words " + n)).toList();
  }

  static List<HistoryEntry> all(HistoryStore store) throws IOException {
    return store.read(LOBBY, Long.MAX_VALUE, 1_000, Long.MAX_VALUE);
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

  enum Kind {
    SQLITE,
    H2,
    POSTGRES;

    DataSource fresh(Path folder) throws SQLException {
      return switch (this) {
        case SQLITE -> Databases.sqlite(folder);
        case H2 -> Databases.h2("");
        case POSTGRES -> Databases.postgres();
      };
    }
  }

  // ---- start ----

  @ParameterizedTest
  @EnumSource
  void tablesOfANewerVersionAreRefused(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
    JdbcHistoryStore.on(database);
    Databases.execute(database, "INSERT INTO xnest_schema (version) VALUES (2)");

    assertThatIOException()
        .isThrownBy(() -> JdbcHistoryStore.on(database))
        .withMessageContaining("has version 2 of the tables")
        .withMessageContaining("no newer one than 1");
  }

  @ParameterizedTest
  @EnumSource
  void startMayBeRepeated(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
    JdbcHistoryStore.on(database).append(entries(1, 3));

    JdbcHistoryStore.on(database);
    JdbcHistoryStore again = JdbcHistoryStore.on(database);

    assertThat(column(database, "SELECT version FROM xnest_schema")).containsExactly("1");
    assertThat(all(again)).isEqualTo(entries(1, 3));
  }

  @ParameterizedTest
  @EnumSource
  void startThatBrokeOffIsFinishedByTheNext(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
    Databases.execute(database, "CREATE TABLE xnest_schema (version INTEGER NOT NULL PRIMARY KEY)");

    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    store.append(entries(1, 1));

    assertThat(all(store)).isEqualTo(entries(1, 1));
  }

  @Test
  void databaseThatIsDownAtStartIsAClearError() throws Exception {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setServerNames(new String[] {"127.0.0.1"});
    try (ServerSocket closedSoon = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      database.setPortNumbers(new int[] {closedSoon.getLocalPort()});
    }

    assertThatIOException()
        .isThrownBy(() -> JdbcHistoryStore.on(database))
        .withMessageContaining("the history database cannot be used")
        .withMessageContaining("Connection to 127.0.0.1")
        .withCauseInstanceOf(SQLException.class);
  }

  // ---- failures ----

  @ParameterizedTest
  @EnumSource
  void commitWhoseAnswerIsLostIsUnknownAndRepeatedWithoutHarm(Kind kind) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(kind.fresh(folder));
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

  @ParameterizedTest
  @EnumSource
  void commitThatNeverArrivesIsUnknownAndKeptByTheRepeat(Kind kind) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(kind.fresh(folder));
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

  /** Else its numbers would go to other entries. */
  @Test
  void outcomeStaysUnknownWhileTheDatabaseIsAway() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    HistoryEntry elsewhere =
        new HistoryEntry(
            new RoomId("garden"),
            1,
            new MemberId("m1"),
            "Lin",
            new Event.Said("hello"),
            Instant.EPOCH);
    database.loseAnswer("commit", lost);
    assertThatIOException().isThrownBy(() -> store.append(entries(1, 3)));

    database.fail("getConnection", lost);
    assertThatThrownBy(() -> store.append(entries(1, 3)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NotKeptException.class);
    assertThatThrownBy(() -> store.append(List.of(elsewhere))).isInstanceOf(NotKeptException.class);

    database.heal();
    store.append(entries(1, 3));
    assertThat(all(store)).isEqualTo(entries(1, 3));
    database.fail("getConnection", lost);
    assertThatThrownBy(() -> store.append(entries(4, 4))).isInstanceOf(NotKeptException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "getConnection",
        "prepareStatement UPDATE",
        "prepareStatement INSERT",
        "executeBatch"
      })
  void failureBeforeTheCommitIsKnownToKeepNothing(String call) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.append(entries(1, 2));
    database.fail(call, lost);

    assertThatThrownBy(() -> store.append(entries(3, 5)))
        .isExactlyInstanceOf(NotKeptException.class)
        .hasMessageContaining("connection lost");

    database.heal();
    assertThat(all(store)).isEqualTo(entries(1, 2));
    assertThat(store.last(LOBBY)).isEqualTo(2);
    store.append(entries(3, 3));
  }

  @Test
  void firstFailureIsToldThoughTheRollbackFailsToo() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    SQLException second = new SQLException("no rollback either");
    database.fail("executeBatch", lost);
    database.fail("rollback", second);

    NotKeptException failure =
        catchThrowableOfType(NotKeptException.class, () -> store.append(entries(1, 1)));

    assertThat(failure).hasCause(lost).hasMessageContaining("connection lost");
    assertThat(lost.getSuppressed()).containsExactly(second);
    assertThat(database.calls).endsWith("close");
  }

  @Test
  void conflictIsToldThoughTheConnectionIsLostThen() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    database.fail("rollback", new SQLException("gone"));

    assertThatThrownBy(() -> store.append(entries(2, 2))).isInstanceOf(ConflictException.class);
  }

  @Test
  void failedReadIsAnErrorNotAnEmptyPage() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.append(entries(1, 2));
    database.fail("executeQuery", lost);

    assertThatIOException().isThrownBy(() -> all(store)).withMessageContaining("connection lost");
    assertThatIOException().isThrownBy(() -> store.last(LOBBY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE xnest_entry SET kind = 'video'",
        "UPDATE xnest_entry SET kind = 'text-nul', content = 'ends with \\'",
        "UPDATE xnest_entry SET sender = ' '"
      })
  void damagedEntryIsAnError(String damage) throws Exception {
    DataSource database = Databases.sqlite(folder);
    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    store.append(entries(1, 1));
    Databases.execute(database, damage);

    assertThatIOException()
        .isThrownBy(() -> all(store))
        .withMessageContaining("entry 1 of room 'lobby' is damaged");
    assertThatThrownBy(() -> store.append(entries(1, 1))).isInstanceOf(NotKeptException.class);
  }

  // ---- connections ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectionGoesBackAsItCame(boolean autoCommit) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    database.setAutoCommit(autoCommit);
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    database.calls.clear();

    store.append(entries(1, 1));
    assertThat(database.calls).endsWith("rollback", "setAutoCommit " + autoCommit, "close");

    assertThatThrownBy(() -> store.append(entries(3, 3))).isInstanceOf(ConflictException.class);
    assertThat(database.calls).endsWith("rollback", "setAutoCommit " + autoCommit, "close");

    database.fail("executeBatch", lost);
    assertThatThrownBy(() -> store.append(entries(2, 2))).isInstanceOf(NotKeptException.class);
    assertThat(database.calls).endsWith("rollback", "setAutoCommit " + autoCommit, "close");

    all(store);
    assertThat(database.calls).endsWith("rollback", "setAutoCommit " + autoCommit, "close");
    assertThat(database.calls.stream().filter("getConnection"::equals)).hasSize(4);
    assertThat(database.calls.stream().filter("close"::equals)).hasSizeGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource
  void connectionsNeedNotCommitByThemselves(Kind kind) throws Exception {
    DataSource real = kind.fresh(folder);
    SwitchedDatabase database = new SwitchedDatabase(real);
    database.setAutoCommit(false);

    JdbcHistoryStore.on(database.dataSource()).append(entries(1, 3));

    assertThat(all(JdbcHistoryStore.on(real))).isEqualTo(entries(1, 3));
  }

  // ---- costs ----

  @Test
  void everyQuestionIsARangeOfAKey() throws Exception {
    DataSource real = Databases.sqlite(folder);
    SwitchedDatabase database = new SwitchedDatabase(real);
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.append(entries(1, 3));
    store.append(entries(1, 4));
    store.read(LOBBY, 3, 50, 1 << 20);
    store.last(LOBBY);

    List<String> plans = new ArrayList<>();
    for (String call : List.copyOf(database.calls)) {
      if (call.matches("prepareStatement (SELECT|UPDATE).*")) {
        String sql = call.substring("prepareStatement ".length());
        String plan = String.join("; ", plan(real, sql));
        assertThat(plan).as(sql).contains("SEARCH").doesNotContain("SCAN", "TEMP B-TREE");
        plans.add(plan);
      }
    }

    assertThat(plans)
        .anySatisfy(
            plan ->
                assertThat(plan)
                    .contains("SEARCH xnest_entry USING INDEX", "(room=? AND number<?)"));
  }

  static List<String> plan(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
        ResultSet row = explain.executeQuery()) {
      List<String> steps = new ArrayList<>();
      while (row.next()) {
        steps.add(row.getString("detail"));
      }
      return steps;
    }
  }

  @Test
  void batchIsOneTransaction() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    database.calls.clear();

    store.append(entries(1, 500));

    assertThat(database.calls.stream().filter("commit"::equals)).hasSize(1);
    assertThat(database.calls.stream().filter("executeBatch"::equals)).hasSize(1);
  }

  // ---- what is kept ----

  @ParameterizedTest
  @EnumSource
  void textWithNulIsKeptEscapedAndAnyOtherAsItIs(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
    JdbcHistoryStore store = JdbcHistoryStore.on(database);

    store.append(List.of(entry(1, "a\0b\\c"), entry(2, "a\\0b\\c")));

    assertThat(column(database, "SELECT kind FROM xnest_entry ORDER BY number"))
        .containsExactly("text-nul", "text");
    assertThat(column(database, "SELECT content FROM xnest_entry ORDER BY number"))
        .containsExactly("a\\0b\\\\c", "a\\0b\\c");
  }

  @ParameterizedTest
  @EnumSource
  void lastNumberIsKeptApartFromTheEntries(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    store.append(entries(1, 5));

    Databases.execute(database, "DELETE FROM xnest_entry");

    assertThat(store.last(LOBBY)).isEqualTo(5);
    assertThatThrownBy(() -> store.append(entries(7, 7))).isInstanceOf(ConflictException.class);
    store.append(entries(4, 6));
    assertThat(all(store)).isEqualTo(entries(6, 6));
  }

  @ParameterizedTest
  @EnumSource
  void writersThatRaceForANumberNeverShareIt(Kind kind) throws Exception {
    DataSource database = kind.fresh(folder);
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
}
