package im.xpro.xnest.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.history.Retention;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the chat server keeps history and media. */
final class Storage {
  private static final long BLOB_BYTES = 1L << 30;
  private static final Duration BLOB_AGE = Duration.ofDays(7);
  private static final int CONNECTIONS = 6;

  /** How long to wait for a database, and for SQLite's lock. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "xnest-data",
      description = "Folder of history and media (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(names = "--in-memory", description = "Keep nothing on disk: all is gone at the end.")
  private boolean inMemory;

  @Option(
      names = "--jdbc-url",
      paramLabel = "URL",
      description =
          "Keep history in this database, PostgreSQL or SQLite, and media in "
              + "--data: jdbc:postgresql://host/name. User and password come from --jdbc-login or "
              + "from the environment: XNEST_JDBC_USER, XNEST_JDBC_PASSWORD.")
  private @Nullable String jdbcUrl;

  @Option(
      names = "--jdbc-login",
      paramLabel = "FILE",
      description = "File with the lines user=... and password=...")
  private @Nullable Path jdbcLogin;

  @Option(
      names = "--room-history",
      paramLabel = "N",
      defaultValue = "1000",
      description = "The newest messages that are kept of each room (default: ${DEFAULT-VALUE}).")
  private int roomHistory;

  /**
   * The stores.
   *
   * @param promise where things are and what may happen to them, for people
   */
  record Stores(HistoryStore history, BlobStore blobs, String promise) {}

  /**
   * Opens the stores that the options ask for.
   *
   * @param opened gets what is to be closed
   * @throws ParameterException if the options contradict each other
   * @throws IOException if a store cannot be opened
   */
  Stores open(Opened opened) throws IOException {
    check(roomHistory >= 1, "--room-history must be 1 or more, is " + roomHistory);
    check(jdbcUrl == null || !inMemory, "--jdbc-url and --in-memory exclude each other");
    check(
        !inMemory || !spec.commandLine().getParseResult().hasMatchedOption("--data"),
        "--data and --in-memory exclude each other");
    check(jdbcLogin == null || jdbcUrl != null, "--jdbc-login is for --jdbc-url");
    check(
        jdbcUrl == null || !jdbcUrl.toLowerCase(Locale.ROOT).contains("password="),
        "--jdbc-url: everybody can see a command line; put the password into --jdbc-login or"
            + " XNEST_JDBC_PASSWORD");
    check(
        jdbcUrl == null || hasDriver(jdbcUrl),
        "--jdbc-url: there is no driver for it; PostgreSQL and SQLite have theirs here");
    if (inMemory) {
      return new Stores(
          HistoryStore.inMemory(roomHistory),
          BlobStore.inMemory(),
          "All is kept in memory and gone at the end.");
    }
    lock(opened);
    HikariDataSource database = opened.add(new HikariDataSource(pool()));
    JdbcHistoryStore history = JdbcHistoryStore.on(database, Retention.newest(roomHistory));
    Path media = data.resolve("blobs");
    String where = jdbcUrl == null ? data.resolve("history.db").toString() : jdbcUrl;
    return new Stores(
        history,
        FileBlobStore.in(media, BLOB_BYTES, BLOB_AGE),
        "History in " + where + " " + promise(history) + "; media in " + media + " for 7 days.");
  }

  private static boolean hasDriver(String url) {
    try {
      DriverManager.getDriver(url);
      return true;
    } catch (SQLException none) {
      return false;
    }
  }

  private static String promise(HistoryStore history) {
    return switch (history.durability()) {
      case MEMORY -> "is lost with the database's process";
      case SURVIVES_KILL -> "survives a killed process, perhaps not a power cut";
      case SURVIVES_POWER_CUT -> "survives a killed process and a power cut";
      case UNKNOWN -> "is as safe as that database keeps it";
    };
  }

  /** Two servers in one folder would mix up its rooms. The lock goes with the process. */
  private void lock(Opened opened) throws IOException {
    try {
      Files.createDirectories(data);
      FileChannel channel =
          opened.add(
              FileChannel.open(
                  data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      if (channel.tryLock() == null) {
        throw inUse();
      }
    } catch (OverlappingFileLockException here) {
      throw inUse();
    } catch (FileSystemException failure) {
      throw new IOException(
          "cannot use the data folder " + data + " (--data): " + failure, failure);
    }
  }

  private IOException inUse() {
    return new IOException("the data folder " + data + " (--data) is in use by another server");
  }

  private HikariConfig pool() throws IOException {
    HikariConfig pool = new HikariConfig();
    pool.setMaximumPoolSize(CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(PATIENCE.toMillis());
    pool.setInitializationFailTimeout(-1);
    pool.setPoolName("xnest-history");
    if (jdbcUrl == null) {
      // as a URI, so that a folder's name may have a question mark;
      // with NORMAL a commit is in the operating system's hands: kill -9 does not undo it
      pool.setJdbcUrl(
          "jdbc:sqlite:"
              + data.resolve("history.db").toUri()
              + "?journal_mode=WAL&synchronous=NORMAL&transaction_mode=IMMEDIATE&busy_timeout="
              + PATIENCE.toMillis());
      return pool;
    }
    pool.setJdbcUrl(jdbcUrl);
    Map<String, String> environment = System.getenv();
    Properties login = new Properties();
    if (jdbcLogin != null) {
      try (Reader file = Files.newBufferedReader(jdbcLogin)) {
        login.load(file);
      } catch (IOException failure) {
        throw new IOException("cannot read --jdbc-login " + failure.getMessage(), failure);
      }
    }
    pool.setUsername(login.getProperty("user", environment.get("XNEST_JDBC_USER")));
    pool.setPassword(login.getProperty("password", environment.get("XNEST_JDBC_PASSWORD")));
    return pool;
  }

  private void check(boolean good, String otherwise) {
    if (!good) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
