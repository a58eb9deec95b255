package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final RoomId GARDEN = new RoomId("garden");
  static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  @TempDir Path folder;

  static List<HistoryEntry> entries(RoomId room, long from, long to, Instant at) {
    return LongStream.rangeClosed(from, to)
        .mapToObj(
            number ->
                new HistoryEntry(
                    room, number, new MemberId("m1"), "Ming", new Event.Said("word"), at))
        .toList();
  }

  static List<Long> numbers(HistoryStore store, RoomId room) throws IOException {
    return store.read(room, Long.MAX_VALUE, 5_000, Long.MAX_VALUE).stream()
        .map(HistoryEntry::number)
        .toList();
  }

  static int stepsOf(HistoryStore store) throws IOException {
    int steps = 1;
    while (store.tidy()) {
      steps++;
      assertThat(steps).as("steps without an end").isLessThan(100);
    }
    return steps;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void newestOfEachRoomStayAndNumbersGoOn(boolean autoCommit) throws Exception {
    SwitchedDatabase database = new SwitchedDatabase(Databases.sqlite(folder));
    database.setAutoCommit(autoCommit);
    HistoryStore store = JdbcHistoryStore.on(database.dataSource(), Retention.newest(10));
    store.append(entries(LOBBY, 1, 1_200, NOW));
    store.append(entries(GARDEN, 1, 5, NOW));

    assertThat(stepsOf(store)).as("steps of 500 rows").isGreaterThanOrEqualTo(3);

    assertThat(numbers(store, LOBBY)).hasSize(10).startsWith(1_191L).endsWith(1_200L);
    assertThat(numbers(store, GARDEN)).hasSize(5);
    assertThat(store.last(LOBBY)).isEqualTo(1_200);
    store.append(entries(LOBBY, 1_201, 1_201, NOW));
    assertThat(store.last(LOBBY)).isEqualTo(1_201);
  }

  @Test
  void whatIsTooOldGoesAndTheLastNumberStays() throws Exception {
    HistoryStore store =
        JdbcHistoryStore.on(
            Databases.sqlite(folder), Retention.forever().noOlderThan(Duration.ofDays(1)));
    store.append(entries(LOBBY, 1, 700, NOW.minus(Duration.ofDays(2))));
    store.append(entries(LOBBY, 701, 703, NOW));
    store.append(entries(GARDEN, 1, 3, NOW.minus(Duration.ofDays(2))));

    stepsOf(store);

    assertThat(numbers(store, LOBBY)).containsExactly(701L, 702L, 703L);
    assertThat(numbers(store, GARDEN)).isEmpty();
    assertThat(store.last(GARDEN)).isEqualTo(3);
  }

  @Test
  void nothingGoesWhereItIsKeptForever() throws Exception {
    HistoryStore store = JdbcHistoryStore.on(Databases.sqlite(folder));
    store.append(entries(LOBBY, 1, 700, NOW.minus(Duration.ofDays(9_000))));

    assertThat(stepsOf(store)).isEqualTo(1);

    assertThat(numbers(store, LOBBY)).hasSize(700);
  }

  @Test
  void roomsBeyondOneStepHaveTheirTurnToo() throws Exception {
    HistoryStore store = JdbcHistoryStore.on(Databases.sqlite(folder), Retention.newest(1));
    for (int room = 0; room < 250; room++) {
      store.append(entries(new RoomId("room " + room), 1, 2, NOW));
    }

    stepsOf(store);

    for (int room = 0; room < 250; room++) {
      assertThat(numbers(store, new RoomId("room " + room))).containsExactly(2L);
    }
  }
}
