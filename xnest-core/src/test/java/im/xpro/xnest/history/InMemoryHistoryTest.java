package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryHistoryTest {
  static final RoomId A = new RoomId("a");
  static final RoomId B = new RoomId("b");
  static final int MANY = 1_000_000;

  final HistoryStore store = new InMemoryHistory(5, MANY, MANY);

  static HistoryEntry entry(RoomId room, long number, String text) {
    return new HistoryEntry(
        room, number, new MemberId("m1"), "小明", new Event.Said(text), Instant.EPOCH);
  }

  static HistoryEntry entry(RoomId room, long number) {
    return entry(room, number, "text " + number);
  }

  static List<HistoryEntry> entries(RoomId room, long from, long to) {
    List<HistoryEntry> entries = new ArrayList<>();
    for (long number = from; number <= to; number++) {
      entries.add(entry(room, number));
    }
    return entries;
  }

  static List<Long> numbers(HistoryStore store, RoomId room) throws IOException {
    return store.read(room, Long.MAX_VALUE, MANY, MANY).stream().map(HistoryEntry::number).toList();
  }

  @Test
  void roomThatIsNotKnownIsEmpty() throws IOException {
    assertThat(store.last(A)).isZero();
    assertThat(numbers(store, A)).isEmpty();
  }

  @Test
  void whatIsKeptComesBackOldestFirst() throws IOException {
    store.append(List.of(entry(A, 1), entry(B, 1), entry(A, 2)));

    assertThat(store.read(A, 3, 50, MANY)).containsExactly(entry(A, 1), entry(A, 2));
    assertThat(store.read(B, 3, 50, MANY)).containsExactly(entry(B, 1));
    assertThat(store.last(A)).isEqualTo(2);
  }

  @Test
  void newestOfThoseBelowComeUpToTheLimit() throws IOException {
    store.append(entries(A, 1, 5));

    assertThat(store.read(A, 5, 2, MANY)).containsExactly(entry(A, 3), entry(A, 4));
    assertThat(store.read(A, 1, 2, MANY)).isEmpty();
  }

  @Test
  void noEntryFollowsOnceTheLengthIsPassed() throws IOException {
    store.append(List.of(entry(A, 1, "1234"), entry(A, 2, "1234"), entry(A, 3, "1234")));

    assertThat(store.read(A, 4, 50, 8)).hasSize(3);
    assertThat(store.read(A, 4, 50, 7)).hasSize(2);
    assertThat(store.read(A, 4, 50, 0)).containsExactly(entry(A, 3, "1234"));
  }

  @Test
  void batchThatComesAgainIsKeptOnce() throws IOException {
    store.append(entries(A, 1, 3));

    store.append(entries(A, 2, 4));

    assertThat(numbers(store, A)).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void batchThatComesAgainAfterSomeOfItWasForgottenIsAccepted() throws IOException {
    store.append(entries(A, 1, 8));

    store.append(entries(A, 1, 8));

    assertThat(numbers(store, A)).containsExactly(4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void anotherEntryOfTheSameNumberIsAConflictAndNothingOfItsBatchIsKept() throws IOException {
    store.append(entries(A, 1, 3));

    assertThatThrownBy(() -> store.append(List.of(entry(B, 1), entry(A, 3, "other"), entry(A, 4))))
        .isInstanceOf(ConflictException.class)
        .hasMessage("entry 3 of room 'a' is another one already");

    assertThat(numbers(store, A)).containsExactly(1L, 2L, 3L);
    assertThat(numbers(store, B)).isEmpty();
    assertThat(store.last(B)).isZero();
  }

  @Test
  void oldestOfARoomAreForgottenBeyondItsNumber() throws IOException {
    store.append(entries(A, 1, 7));

    assertThat(numbers(store, A)).containsExactly(3L, 4L, 5L, 6L, 7L);
    assertThat(store.last(A)).isEqualTo(7);
  }

  @Test
  void oldestOfARoomAreForgottenBeyondItsBytesButNotTheNewest() throws IOException {
    HistoryStore small = new InMemoryHistory(50, 1_000, MANY);

    small.append(List.of(entry(A, 1, "x".repeat(200)), entry(A, 2, "x".repeat(200))));
    assertThat(numbers(small, A)).containsExactly(2L);
    small.append(List.of(entry(A, 3, "x".repeat(5_000))));

    assertThat(numbers(small, A)).containsExactly(3L);
  }

  @Test
  void roomLongestUnusedIsForgottenWhole() throws IOException {
    HistoryStore small = new InMemoryHistory(50, MANY, 4_000);
    RoomId c = new RoomId("c");
    small.append(List.of(entry(A, 1, "x".repeat(200)), entry(A, 2, "x")));
    small.append(List.of(entry(B, 1, "x".repeat(200))));
    small.read(A, MANY, 1, 1);

    small.append(List.of(entry(c, 1, "x".repeat(600))));

    assertThat(numbers(small, A)).hasSize(2);
    assertThat(numbers(small, B)).isEmpty();
    assertThat(numbers(small, c)).hasSize(1);
  }

  @Test
  void numbersOfAForgottenRoomNeverComeAgain() throws IOException {
    HistoryStore small = new InMemoryHistory(50, MANY, 4_000);
    small.append(entries(A, 1, 9));
    small.append(List.of(entry(B, 1, "x".repeat(1_200))));

    assertThat(numbers(small, A)).isEmpty();
    assertThat(small.last(A)).isEqualTo(9);
    assertThat(small.last(new RoomId("new"))).isEqualTo(9);
    assertThat(small.last(B)).isEqualTo(1);
    small.append(List.of(entry(A, 10)));
    assertThat(numbers(small, A)).containsExactly(10L);
  }

  @Test
  void manyRoomsOfOneShortWordAreBoundedToo() throws IOException {
    HistoryStore small = new InMemoryHistory(50, MANY, 80_000);

    for (int room = 0; room < 1_000; room++) {
      small.append(List.of(entry(new RoomId("room " + room), 1, "")));
    }

    int kept = 0;
    for (int room = 0; room < 1_000; room++) {
      kept += numbers(small, new RoomId("room " + room)).size();
    }
    assertThat(kept).isBetween(50, 100);
  }

  @Test
  void oneRoomHasNoMoreThanAllTogether() throws IOException {
    HistoryStore small = new InMemoryHistory(1_000, MANY, 10_000);

    small.append(entries(A, 1, 500));

    assertThat(numbers(small, A).size()).isLessThan(50);
  }

  @Test
  void roomsOwnRuleForgetsMore() throws IOException {
    store.append(entries(A, 1, 5));
    store.append(entries(B, 1, 5));

    store.retain(A, Retention.newest(3));
    assertThat(numbers(store, A)).containsExactly(3L, 4L, 5L);
    store.append(entries(A, 6, 6));
    assertThat(numbers(store, A)).containsExactly(4L, 5L, 6L);
    store.retain(A, Retention.newest(50));
    store.append(entries(A, 7, 9));
    assertThat(numbers(store, A)).containsExactly(5L, 6L, 7L, 8L, 9L);
    assertThat(numbers(store, B)).hasSize(5);
  }

  @Test
  void whatIsTooOldForItsRoomGoesWhenItIsTidied() throws IOException {
    HistoryStore aged =
        new InMemoryHistory(5, MANY, MANY, () -> Instant.EPOCH.plus(Duration.ofDays(2)));
    aged.append(entries(A, 1, 2));
    aged.append(entries(B, 1, 2));
    aged.retain(A, Retention.forever().noOlderThan(Duration.ofDays(1)));

    assertThat(aged.tidy()).isFalse();

    assertThat(numbers(aged, A)).isEmpty();
    assertThat(aged.last(A)).isEqualTo(2);
    assertThat(numbers(aged, B)).hasSize(2);
  }

  /** Else a message of a room that is open would count as kept already. */
  @Test
  void ruleOfAForgottenRoomTouchesNoNumber() throws IOException {
    HistoryStore small = new InMemoryHistory(50, MANY, 4_000);
    small.append(entries(A, 1, 2));
    small.append(entries(B, 1, 9));
    small.append(List.of(entry(new RoomId("c"), 1, "x".repeat(1_200))));
    assertThat(numbers(small, A)).isEmpty();

    small.retain(A, Retention.newest(3));

    assertThat(small.last(A)).isEqualTo(9);
    small.append(List.of(entry(A, 3)));
    assertThat(numbers(small, A)).containsExactly(3L);
  }

  @Test
  void itMustKeepSomething() {
    assertThatThrownBy(() -> HistoryStore.inMemory(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("entriesPerRoom is 0, must be 1 or more");
  }
}
