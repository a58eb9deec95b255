package im.xpro.xnest.history;

import static im.xpro.xnest.history.EveryDatabase.LOBBY;
import static im.xpro.xnest.history.EveryDatabase.all;
import static im.xpro.xnest.history.EveryDatabase.entries;
import static im.xpro.xnest.history.EveryDatabase.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.HistoryStore.NotKeptException;
import im.xpro.xnest.history.HistoryStore.UnreachableException;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

class JdbcHistoryStoreTest {
  final SQLException lost = new SQLException("connection lost");

  @TempDir Path folder;

  // ---- start ----

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

  @Test
  void databaseThatIsWantingAtStartIsAClearErrorThroughAPoolToo() throws Exception {
    PGSimpleDataSource database = Databases.postgres();
    database.setDatabaseName("nowhere");
    HikariConfig config = new HikariConfig();
    config.setDataSource(database);
    config.setConnectionTimeout(250);
    config.setInitializationFailTimeout(-1);

    try (HikariDataSource pool = new HikariDataSource(config)) {
      assertThatIOException()
          .isThrownBy(() -> JdbcHistoryStore.on(pool))
          .withMessageContaining("cannot be used: FATAL: database \"nowhere\" does not exist");
    }
  }

  /** As SQLite is while another process turns its WAL on. */
  @Test
  void databaseThatIsLockedAtStartIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    SQLiteDataSource database =
        new SQLiteDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            if (asked.incrementAndGet() <= 3) {
              throw lost;
            }
            return super.getConnection();
          }
        };
    database.setUrl(Databases.sqlite(folder).getUrl());

    JdbcHistoryStore.on(database).append(entries(1, 1));

    assertThat(asked).hasValueGreaterThan(3);
  }

  @Test
  void poolThatHasWaitedForAConnectionIsNotAskedAgain() {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    database.fail("getConnection", new SQLTransientConnectionException("timed out"));

    assertThatIOException()
        .isThrownBy(() -> JdbcHistoryStore.on(database.dataSource()))
        .withMessage("the history database cannot be used: timed out");

    assertThat(database.calls).containsExactly("getConnection");
  }

  // ---- failures ----

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

    database.fail("prepareStatement", lost);
    assertThatThrownBy(() -> store.append(entries(1, 3)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NotKeptException.class);
    assertThatThrownBy(() -> store.append(List.of(elsewhere))).isInstanceOf(NotKeptException.class);

    database.heal();
    store.append(entries(1, 3));
    assertThat(all(store)).isEqualTo(entries(1, 3));
    database.fail("prepareStatement", lost);
    assertThatThrownBy(() -> store.append(entries(4, 4))).isInstanceOf(NotKeptException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"getConnection", "setAutoCommit false"})
  void databaseThatIsNotReachedSaysSo(String call) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    database.fail(call, lost);

    assertThatThrownBy(() -> store.append(entries(1, 2)))
        .isExactlyInstanceOf(UnreachableException.class)
        .hasMessageContaining("connection lost");

    database.heal();
    store.append(entries(1, 2));
    assertThat(all(store)).isEqualTo(entries(1, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"prepareStatement UPDATE", "prepareStatement INSERT", "executeBatch"})
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

  /** Its driver then takes the connection for one in a transaction, which it is not. */
  @Test
  void connectionThatMetALockIsWellOnceThatIsReleased() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        Databases.sqlite(folder).getUrl()
            + "?journal_mode=WAL&transaction_mode=IMMEDIATE&busy_timeout=50");
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      JdbcHistoryStore store = JdbcHistoryStore.on(pool);
      store.append(entries(1, 2));
      try (Connection other = DriverManager.getConnection(config.getJdbcUrl())) {
        other.setAutoCommit(false);
        assertThatThrownBy(() -> store.append(entries(3, 3)))
            .isInstanceOf(UnreachableException.class);
        assertThat(all(store)).as("read beside the lock").isEqualTo(entries(1, 2));
      }

      store.append(entries(3, 4));
      Databases.execute(pool, "ALTER TABLE xnest_entry RENAME TO away");
      assertThatThrownBy(() -> store.append(entries(5, 5))).isInstanceOf(NotKeptException.class);
      Databases.execute(pool, "ALTER TABLE away RENAME TO xnest_entry");

      assertThat(store.last(LOBBY)).as("nothing of a batch without the rest").isEqualTo(4);
      assertThat(all(store)).isEqualTo(entries(1, 4));
    }
  }

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
    assertThat(database.calls).endsWith("setAutoCommit " + autoCommit, "close");
    assertThat(database.calls.stream().filter("getConnection"::equals)).hasSize(4);
    assertThat(database.calls.stream().filter("close"::equals)).hasSizeGreaterThanOrEqualTo(4);
  }

  // ---- erasing ----

  @Test
  void erasingThatFailsMayBeAskedAgain() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());
    store.append(entries(1, 5));
    database.fail("executeBatch", lost);

    assertThatIOException()
        .isThrownBy(() -> store.erase(LOBBY, Erasure.all()))
        .withMessage("erasing 5 entries: connection lost");
    assertThat(all(store)).isEqualTo(entries(1, 5));
    database.heal();

    assertThat(store.erase(LOBBY, Erasure.all())).isEqualTo(entries(1, 5));
    assertThat(all(store)).isEmpty();
  }

  @Test
  void longTextsAreErasedInSmallerSteps() throws Exception {
    JdbcHistoryStore store = JdbcHistoryStore.on(Databases.sqlite(folder));
    String page = "x".repeat(700_000);
    store.append(List.of(entry(1, page), entry(2, page), entry(3, page)));

    assertThat(store.erase(LOBBY, Erasure.all())).hasSize(2);
    assertThat(store.erase(LOBBY, Erasure.all())).hasSize(1);
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
    store.erase(LOBBY, new Erasure(1, 2, new MemberId("m1"), "user:42"));
    store.erase(LOBBY, Erasure.one(4));

    List<String> plans = new ArrayList<>();
    for (String call : List.copyOf(database.calls)) {
      if (call.matches("prepareStatement (SELECT|UPDATE|DELETE).*")) {
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
}
