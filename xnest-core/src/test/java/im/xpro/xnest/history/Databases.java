package im.xpro.xnest.history;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGConnectionPoolDataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ds.common.BaseDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Real databases, each fresh and empty. The servers among them start once, when they are first
 * asked for, and end with the tests.
 */
public final class Databases {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private Databases() {}

  /** Those that need nothing installed. */
  public enum Kind {
    SQLITE,
    H2,
    POSTGRES;

    public DataSource fresh(Path folder) throws SQLException {
      return switch (this) {
        case SQLITE -> sqlite(folder);
        case H2 -> h2("");
        case POSTGRES -> postgres();
      };
    }
  }

  public static SQLiteDataSource sqlite(Path folder) {
    return sqlite(folder, "WAL", "NORMAL");
  }

  static SQLiteDataSource sqlite(Path folder, String journalMode, String synchronous) {
    Properties pragmas = new Properties();
    pragmas.setProperty("journal_mode", journalMode);
    pragmas.setProperty("synchronous", synchronous);
    pragmas.setProperty("transaction_mode", "IMMEDIATE");
    pragmas.setProperty("busy_timeout", "60000");
    SQLiteDataSource database = new SQLiteDataSource(new SQLiteConfig(pragmas));
    database.setUrl("jdbc:sqlite:" + folder.resolve("history" + COUNT.incrementAndGet() + ".db"));
    return database;
  }

  /** In memory; it lasts as long as the JVM. */
  static JdbcDataSource h2(String options) {
    return h2("mem:history" + COUNT.incrementAndGet(), ";DB_CLOSE_DELAY=-1" + options);
  }

  static JdbcDataSource h2(Path folder, String options) {
    return h2("file:" + folder.resolve("history" + COUNT.incrementAndGet()), options);
  }

  private static JdbcDataSource h2(String where, String options) {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:" + where + options);
    return database;
  }

  public static PGSimpleDataSource postgres() throws SQLException {
    return fresh(new PGSimpleDataSource());
  }

  /** For a pool. */
  static PGConnectionPoolDataSource pooledPostgres() throws SQLException {
    return fresh(new PGConnectionPoolDataSource());
  }

  private static <T extends BaseDataSource> T fresh(T postgres) throws SQLException {
    String schema = "history" + COUNT.incrementAndGet();
    execute(Postgres.SERVER.getPostgresDatabase(), "CREATE SCHEMA " + schema);
    postgres.setURL(Postgres.SERVER.getJdbcUrl("postgres", "postgres"));
    postgres.setCurrentSchema(schema);
    return postgres;
  }

  public static void execute(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static final class Postgres {
    static final EmbeddedPostgres SERVER = start();

    /** It stops by itself when the JVM ends. */
    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setPGStartupWait(Duration.ofMinutes(1))
            .start();
      } catch (IOException failure) {
        throw new AssertionError("no PostgreSQL to test with", failure);
      }
    }
  }
}
