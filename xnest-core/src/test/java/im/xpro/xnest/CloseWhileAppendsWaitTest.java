package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A house on a real database is closed while somebody else holds the database's write lock. */
@Timeout(120)
class CloseWhileAppendsWaitTest {
  static final int MEMBERS = 3;
  static final int WORDS = 20;

  @TempDir Path folder;
  DataSource database;
  final Reports reports = new Reports();
  final List<Ear> ears = new ArrayList<>();
  Connection locker;

  @BeforeEach
  void lock() throws Exception {
    database = Databases.sqlite(folder);
    JdbcHistoryStore.on(database);
    locker = database.getConnection();
    execute("BEGIN IMMEDIATE");
  }

  void execute(String sql) throws Exception {
    try (Statement statement = locker.createStatement()) {
      statement.execute(sql);
    }
  }

  void release() throws Exception {
    execute("ROLLBACK");
    locker.close();
  }

  /** In which members have said what now waits. */
  Xnest houseWithWaitingWords(Duration closeTime) throws Exception {
    Xnest xnest =
        Xnest.builder()
            .history(JdbcHistoryStore.on(database))
            .listener(reports)
            .limits(Limits.builder().closeTime(closeTime).build())
            .build();
    for (int member = 0; member < MEMBERS; member++) {
      Ear ear = new Ear();
      ears.add(ear);
      Inlet inlet = xnest.enter(Entry.of(new RoomId("room " + member % 2), "Guest"), ear);
      ear.await(frames -> Heard.words(frames).contains("join " + inlet.id()));
      for (int i = 0; i < WORDS; i++) {
        inlet.text(member + " says " + i);
      }
    }
    return xnest;
  }

  List<HistoryEntry> kept() throws Exception {
    JdbcHistoryStore reopened = JdbcHistoryStore.on(database);
    List<HistoryEntry> all = new ArrayList<>();
    for (String room : List.of("room 0", "room 1")) {
      List<HistoryEntry> kept =
          reopened.read(new RoomId(room), Long.MAX_VALUE, 1_000, Long.MAX_VALUE);
      assertThat(kept)
          .extracting(HistoryEntry::number)
          .isEqualTo(LongStream.rangeClosed(1, kept.size()).boxed().toList());
      all.addAll(kept);
    }
    assertThat(all).extracting(Heard::text).doesNotHaveDuplicates();
    return all;
  }

  static List<String> errors(Ear ear) {
    return Heard.words(
        ear.frames().stream().filter(frame -> frame.event() instanceof Event.Failed).toList());
  }

  @Test
  void whatWaitsIsKeptAndHeardIfTheDatabaseAnswersInTime() throws Exception {
    Xnest xnest = houseWithWaitingWords(Duration.ofMinutes(1));

    CompletableFuture<Void> closed = CompletableFuture.runAsync(xnest::close);
    while (xnest.admit(Entry.of(new RoomId("room 0"), "Late")).toCompletableFuture().join()
        instanceof Decision.Accepted) {
      Thread.onSpinWait();
    }
    release();
    closed.get(60, TimeUnit.SECONDS);

    assertThat(kept()).hasSize(MEMBERS * WORDS);
    for (int member = 0; member < MEMBERS; member++) {
      String says = member + " says ";
      assertThat(Heard.messages(ears.get(member).frames()))
          .filteredOn(text -> text.startsWith(says))
          .hasSize(WORDS);
      assertThat(ears.get(member).closeCode()).isEqualTo(1001);
    }
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void whatCannotBeKeptInTimeIsToldToItsSenderBeforeTheEnd() throws Exception {
    Xnest xnest = houseWithWaitingWords(Duration.ofSeconds(2));

    xnest.close();

    for (Ear ear : ears) {
      assertThat(errors(ear)).hasSize(WORDS);
      assertThat(ear.closeCode()).isEqualTo(1001);
    }
    assertThat(reports.failures).contains("closing: 2 rooms still wait for their store");
    release();
    JdbcHistoryStore reopened = JdbcHistoryStore.on(database);
    while (reopened.last(new RoomId("room 0")) == 0) {
      // what was on its way is kept, as its senders were told that it perhaps is
      Thread.onSpinWait();
    }
    assertThat(kept()).hasSizeLessThan(MEMBERS * WORDS);
  }
}
