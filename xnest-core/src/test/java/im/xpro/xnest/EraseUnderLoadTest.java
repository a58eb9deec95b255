package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** With real threads: members talk and come while their room is erased again and again. */
class EraseUnderLoadTest {
  static final int ROUNDS = 40;
  static final int WORDS_PER_ROUND = 10;

  /** Notices when it is asked for two changes at once. */
  static final class Watched implements HistoryStore {
    final HistoryStore kept = HistoryStore.inMemory(100_000);
    final AtomicInteger inside = new AtomicInteger();
    final AtomicBoolean overlapped = new AtomicBoolean();

    interface Change<T> {
      T make() throws IOException;
    }

    private <T> T alone(Change<T> change) throws IOException {
      if (inside.incrementAndGet() > 1) {
        overlapped.set(true);
      }
      try {
        Thread.yield();
        return change.make();
      } finally {
        inside.decrementAndGet();
      }
    }

    @Override
    public void append(List<HistoryEntry> batch) throws IOException {
      alone(
          () -> {
            kept.append(batch);
            return batch;
          });
    }

    @Override
    public List<HistoryEntry> erase(RoomId room, Erasure what) throws IOException {
      return alone(() -> kept.erase(room, what));
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
        throws IOException {
      return kept.read(room, before, limit, maxLength);
    }

    @Override
    public long last(RoomId room) throws IOException {
      return kept.last(room);
    }
  }

  static long messages(Ear ear) {
    return ear.frames().stream().filter(frame -> frame.event() instanceof Event.Said).count();
  }

  @Test
  void nothingThatWasHeardBeforeAnErasureIsShownAfterIt() throws Exception {
    Watched store = new Watched();
    Limits limits = Limits.builder().tailBytes(3_000).build();
    try (Xnest xnest = Xnest.builder().history(store).limits(limits).build()) {
      Ear ming = new Ear();
      Entry lobby = Entry.of(new RoomId("lobby"), "小明");
      Inlet inlet = xnest.enter(lobby, ming);
      Inlet elsewhere = xnest.enter(Entry.of(new RoomId("garden"), "Wei"), new Ear());

      for (int round = 0; round < ROUNDS; round++) {
        for (int word = 0; word < WORDS_PER_ROUND; word++) {
          inlet.text("word");
          elsewhere.text("word");
        }
        long heard = messages(ming);
        Erased.in(xnest, "lobby", Erasure.all()).get(30, TimeUnit.SECONDS);
        Ear lin = new Ear();
        Inlet guest = xnest.enter(lobby.withNickname("Lin"), lin);
        Event.Past past = (Event.Past) lin.await(frames -> frames.size() >= 4).get(3).event();
        assertThat(past.entries()).allMatch(entry -> entry.number() > heard);
        guest.leave();
      }

      int all = ROUNDS * WORDS_PER_ROUND;
      ming.await(frames -> messages(ming) == all);
      assertThat(Erased.in(xnest, "garden", Erasure.all()).get(30, TimeUnit.SECONDS)).isPositive();
      assertThat(store.last(lobby.room())).isEqualTo(all);
    }
    assertThat(store.overlapped).isFalse();
  }
}
