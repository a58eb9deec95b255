package im.xpro.xnest.history;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import im.xpro.xnest.testkit.HistoryStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class HistoryStoresTest {
  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> inMemoryHistoryKeepsTheContract() {
    return contract(
        () -> {
          HistoryStore store = HistoryStore.inMemory(2_000);
          return () -> store;
        });
  }

  @TestFactory
  Stream<DynamicTest> sqliteKeepsTheContract() {
    return jdbc(() -> Databases.sqlite(folder));
  }

  @TestFactory
  Stream<DynamicTest> h2KeepsTheContract() {
    return jdbc(() -> Databases.h2(""));
  }

  @TestFactory
  Stream<DynamicTest> h2ThatIgnoresCaseKeepsTheContract() {
    return jdbc(() -> Databases.h2(";IGNORECASE=TRUE"));
  }

  /** Without a pool each connection opens the file, so only what the file is for. */
  @TestFactory
  Stream<DynamicTest> h2InAFileKeepsTheContractAfterReopening() {
    return jdbc(() -> Databases.h2(folder, ""))
        .filter(test -> test.getDisplayName().contains("Reopening"));
  }

  @TestFactory
  Stream<DynamicTest> postgresKeepsTheContract() {
    return jdbc(() -> JdbcConnectionPool.create(Databases.pooledPostgres()));
  }

  record Place(DataSource database) implements Callable<HistoryStore>, AutoCloseable {
    @Override
    public HistoryStore call() throws IOException {
      return JdbcHistoryStore.on(database);
    }

    @Override
    public void close() {
      if (database instanceof JdbcConnectionPool pool) {
        pool.dispose();
      }
    }
  }

  private static Stream<DynamicTest> jdbc(Callable<? extends DataSource> freshDatabase) {
    return contract(() -> new Place(freshDatabase.call()));
  }

  private static Stream<DynamicTest> contract(
      Callable<? extends Callable<? extends HistoryStore>> freshPlace) {
    return HistoryStoreContract.checks(freshPlace)
        .map(check -> dynamicTest(check.name(), check::run));
  }
}
