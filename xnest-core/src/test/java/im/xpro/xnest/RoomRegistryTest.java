package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

class RoomRegistryTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final RoomId ELSEWHERE = new RoomId("elsewhere");

  final RoomRegistry rooms =
      new RoomRegistry(TestHouse.with(Runnable::run, new Tails(1_000_000), new XnestListener() {}));

  @Test
  void roomIsThereAsLongAsSomebodyHoldsIt() {
    Room first = rooms.hold(LOBBY);
    Room second = rooms.hold(LOBBY);
    Room other = rooms.hold(ELSEWHERE);

    assertThat(second).isSameAs(first).isNotSameAs(other);
    assertThat(rooms.all()).containsExactlyInAnyOrder(first, other);
    rooms.release(first);
    assertThat(rooms.get(LOBBY)).isSameAs(first);
    rooms.release(first);
    assertThat(rooms.get(LOBBY)).isNull();
    assertThat(rooms.size()).isEqualTo(1);
  }

  @Test
  void nextRoomOfTheSameNameIsANewOne() {
    Room first = rooms.hold(LOBBY);
    rooms.release(first);

    assertThat(rooms.hold(LOBBY)).isNotSameAs(first);
  }

  @Test
  void whoWaitsForTheLastRoomIsTold() {
    List<String> told = new ArrayList<>();
    Room room = rooms.hold(LOBBY);
    rooms.whenEmpty(() -> told.add("empty"));
    assertThat(told).isEmpty();

    rooms.release(room);

    assertThat(told).containsExactly("empty");
  }

  @Test
  void whoWaitsWhereThereIsNoRoomIsToldAtOnce() {
    List<String> told = new ArrayList<>();

    rooms.whenEmpty(() -> told.add("empty"));

    assertThat(told).containsExactly("empty");
  }

  @Test
  void nobodyHoldsARoomThatIsGone() throws InterruptedException {
    ConcurrentMap<Room, Integer> holders = new ConcurrentHashMap<>();
    Queue<String> faults = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          new Thread(
              () -> {
                for (int round = 0; round < 20_000; round++) {
                  Room room = rooms.hold(LOBBY);
                  holders.merge(room, 1, Integer::sum);
                  if (rooms.get(LOBBY) != room) {
                    faults.add("a room that is held is not the one of its name");
                  }
                  holders.computeIfPresent(room, (same, count) -> count == 1 ? null : count - 1);
                  rooms.release(room);
                }
              }));
    }

    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(20_000);
      assertThat(thread.isAlive()).isFalse();
    }

    assertThat(faults).isEmpty();
    assertThat(holders).isEmpty();
    assertThat(rooms.size()).isZero();
  }
}
