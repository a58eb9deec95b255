package im.xpro.xnest.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One commit of so many messages to SQLite, set as the example server sets it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GroupCommitBench {
  @Param({"1", "10", "100"})
  public int messages;

  private final RoomId room = new RoomId("hall");
  private final HikariDataSource database = new HikariDataSource();
  private Path folder = Path.of("");
  private HistoryStore store = HistoryStore.inMemory(1);
  private long number;

  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory("xnest-bench");
    database.setMaximumPoolSize(2);
    database.setJdbcUrl(
        "jdbc:sqlite:"
            + folder.resolve("history.db")
            + "?journal_mode=WAL&synchronous=NORMAL&transaction_mode=IMMEDIATE");
    store = JdbcHistoryStore.on(database);
  }

  @TearDown
  public void delete() throws IOException {
    database.close();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Benchmark
  public long append() throws IOException {
    List<HistoryEntry> batch = new ArrayList<>();
    Event.Message said =
        new Event.Said("a line of about sixty bytes, as people write them in chats..");
    for (int i = 0; i < messages; i++) {
      batch.add(
          new HistoryEntry(
              room, ++number, new MemberId("<0.31891.2>"), "Lin", said, Instant.now()));
    }
    store.append(batch);
    return number;
  }
}
