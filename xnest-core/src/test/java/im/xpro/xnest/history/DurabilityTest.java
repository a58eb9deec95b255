package im.xpro.xnest.history;

import static im.xpro.xnest.history.Durability.MEMORY;
import static im.xpro.xnest.history.Durability.SURVIVES_KILL;
import static im.xpro.xnest.history.Durability.SURVIVES_POWER_CUT;
import static im.xpro.xnest.history.Durability.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

/** A store promises what its database is set to, no more. */
class DurabilityTest {
  @TempDir static Path folder;

  static Durability promiseOf(DataSource database) throws Exception {
    return JdbcHistoryStore.on(database).durability();
  }

  @ParameterizedTest
  @CsvSource({
    "WAL, OFF, SURVIVES_KILL",
    "WAL, NORMAL, SURVIVES_KILL",
    "WAL, FULL, SURVIVES_POWER_CUT",
    "WAL, EXTRA, SURVIVES_POWER_CUT",
    "DELETE, OFF, SURVIVES_KILL",
    "DELETE, NORMAL, SURVIVES_KILL",
    "DELETE, FULL, SURVIVES_KILL",
    "DELETE, EXTRA, SURVIVES_POWER_CUT",
    "TRUNCATE, FULL, SURVIVES_POWER_CUT",
    "MEMORY, FULL, MEMORY",
    "OFF, FULL, UNKNOWN"
  })
  void sqlitePromisesWhatItsPragmasSay(String journalMode, String synchronous, Durability promise)
      throws Exception {
    assertThat(promiseOf(Databases.sqlite(folder, journalMode, synchronous))).isEqualTo(promise);
  }

  @Test
  void sqliteInMemoryPromisesNothing() throws Exception {
    SQLiteDataSource database = new SQLiteDataSource();
    database.setUrl("jdbc:sqlite:file:durability?mode=memory&cache=shared");

    assertThat(promiseOf(database)).isEqualTo(MEMORY);
  }

  @Test
  void postgresPromisesWhatSynchronousCommitSays() throws Exception {
    PGSimpleDataSource database = Databases.postgres();
    database.setOptions("-c synchronous_commit=on");
    assertThat(promiseOf(database)).isEqualTo(SURVIVES_POWER_CUT);

    database.setOptions("-c synchronous_commit=local");
    assertThat(promiseOf(database)).isEqualTo(SURVIVES_POWER_CUT);

    database.setOptions("-c synchronous_commit=off");
    assertThat(promiseOf(database)).isEqualTo(SURVIVES_KILL);
  }

  @Test
  void h2PromisesNothingAsItWritesLater() throws Exception {
    assertThat(promiseOf(Databases.h2(folder, ""))).isEqualTo(MEMORY);
    assertThat(promiseOf(Databases.h2(folder, ";WRITE_DELAY=0"))).isEqualTo(UNKNOWN);
    assertThat(promiseOf(Databases.h2(""))).isEqualTo(MEMORY);
  }

  @Test
  void databaseThatDoesNotAnswerPromisesNothing() throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    JdbcHistoryStore store = JdbcHistoryStore.on(database.dataSource());

    database.fail("getConnection", new SQLException("gone"));

    assertThat(store.durability()).isEqualTo(UNKNOWN);
  }

  @Test
  void memoryPromisesNothing() {
    assertThat(HistoryStore.inMemory(10).durability()).isEqualTo(MEMORY);
  }
}
