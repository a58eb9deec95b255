package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wall clock jumps a day back while members talk. */
class ClockSetBackTest {
  @TempDir Path folder;
  Instant now = Instant.parse("2015-04-08T14:00:00Z");

  @Test
  void orderAndHistoryAreAsIfNothingHadHappened() throws Exception {
    JdbcHistoryStore history =
        JdbcHistoryStore.on(
            Databases.sqlite(folder), Retention.newest(1_000).noOlderThan(Duration.ofDays(30)));
    RoomKit kit = RoomKit.create(setup -> setup.history(history).clock(() -> now));
    Guest ming = kit.enter("lobby", "小明");
    ming.types("before");

    now = now.minus(Duration.ofDays(1));
    ming.types("after");
    Guest lin = kit.enter("lobby", "Lin");
    ming.types("at last");

    assertThat(Heard.by(ming)).containsSubsequence("m1: before", "m1: after", "m1: at last");
    assertThat(Heard.by(lin)).contains("history [before, after]").endsWith("m1: at last");
  }
}
