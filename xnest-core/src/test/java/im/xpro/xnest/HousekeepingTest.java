package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Stores are asked every minute, and soon again while there is more to do. */
class HousekeepingTest {
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration SOON = Duration.ofMillis(50);

  final Chores history = new Chores();
  final Chores media = new Chores();

  /** Does nothing but to be asked. */
  static final class Chores implements HistoryStore, BlobStore {
    final Queue<Boolean> more = new ArrayDeque<>();
    boolean fails;
    int asked;

    @Override
    public boolean tidy() throws IOException {
      asked++;
      if (fails) {
        throw new IOException("away");
      }
      return !more.isEmpty() && more.remove();
    }

    @Override
    public void append(List<HistoryEntry> batch) {}

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength) {
      return List.of();
    }

    @Override
    public long last(RoomId room) {
      return 0;
    }

    @Override
    public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content) {}

    @Override
    public Blob get(RoomId room, String id) {
      return null;
    }

    @Override
    public void remove(RoomId room, String id) {}
  }

  RoomKit kit() {
    RoomKit kit = RoomKit.create(builder -> builder.history(history).blobs(media));
    kit.enter("lobby", "小明");
    return kit;
  }

  @Test
  void bothStoresAreAskedEveryMinute() {
    RoomKit kit = kit();

    kit.clock().turn(MINUTE);
    kit.clock().turn(MINUTE);

    assertThat(history.asked).isEqualTo(2);
    assertThat(media.asked).isEqualTo(2);
  }

  @Test
  void storeWithMoreToDoIsAskedSoonAgain() {
    history.more.addAll(List.of(true, true, false));
    RoomKit kit = kit();

    kit.clock().turn(MINUTE);
    kit.clock().turn(SOON);
    kit.clock().turn(SOON);
    kit.clock().turn(SOON);

    assertThat(history.asked).isEqualTo(3);
  }

  @Test
  void failureOfOneStoreKeepsTheOtherFromNothing() {
    history.fails = true;
    media.more.addAll(List.of(true, false));
    RoomKit kit = kit();

    kit.clock().turn(MINUTE);
    kit.clock().turn(SOON);

    assertThat(media.asked).isEqualTo(2);
    history.fails = false;
    kit.clock().turn(MINUTE);
    assertThat(history.asked).isEqualTo(3);
  }
}
