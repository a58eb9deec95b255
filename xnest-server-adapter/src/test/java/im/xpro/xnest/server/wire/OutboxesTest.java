package im.xpro.xnest.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.wire.Outboxes.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxesTest {
  private static final int MOST = 1_000;
  private static final int SPARE = 200;
  private static final int LARGE = 2 << 20;

  private final AtomicInteger alarms = new AtomicInteger();
  private final Budget budget = new Budget(MOST, SPARE, alarms::incrementAndGet);
  private final Outboxes outboxes = new Outboxes(budget);

  /** Something that takes {@code size} in all. */
  private Kept<String> keep(int size) {
    return outboxes.keep("", size - Outboxes.OVERHEAD, null);
  }

  @Test
  void allThatMayWaitWaitsAndOneByteMoreIsReported() {
    Kept<String> first = keep(MOST - 200);
    keep(200);
    assertThat(outboxes.isOver()).isFalse();
    assertThat(alarms).hasValue(0);

    keep(Outboxes.OVERHEAD);
    assertThat(outboxes.isOver()).isTrue();
    assertThat(alarms).hasValue(1);

    outboxes.release(first);
    assertThat(outboxes.isOver()).isFalse();
    assertThat(budget.taken()).isEqualTo(200 + Outboxes.OVERHEAD);
  }

  @Test
  void nothingLargeFollowsOnceMoreWaitsThanCouldBeMadeRoomFor() {
    keep(MOST + SPARE);
    assertThat(outboxes.refuses(LARGE + 1)).isFalse();
    Kept<String> last = keep(Outboxes.OVERHEAD);
    assertThat(outboxes.refuses(LARGE + 1)).isTrue();
    assertThat(outboxes.refuses(LARGE)).isFalse();

    outboxes.release(last);
    assertThat(outboxes.refuses(LARGE + 1)).isFalse();
  }

  @Test
  void whatManyShareCountsOnceUntilTheLastOfThemLetsGo() {
    List<Outgoing> sent = welcome();
    List<Kept<String>> kept = new ArrayList<>();
    long size = 0;
    for (Outgoing one : sent) {
      size += one.bytes();
      for (int i = 0; i < 10; i++) {
        kept.add(outboxes.keep("", (int) one.bytes(), one));
      }
    }
    assertThat(budget.taken()).isEqualTo(size + 10L * sent.size() * Outboxes.OVERHEAD);

    for (Kept<String> one : kept) {
      assertThat(budget.taken()).isGreaterThan(Outboxes.OVERHEAD);
      outboxes.release(one);
    }
    assertThat(budget.taken()).isZero();
  }

  private static List<Outgoing> welcome() {
    List<Outgoing> heard = new ArrayList<>();
    Outlet outlet =
        new Outlet() {
          @Override
          public boolean offer(Outgoing frames) {
            return heard.add(frames);
          }

          @Override
          public void close(int code, String reason) {}
        };
    try (Xnest xnest = Xnest.builder().executor(Runnable::run).build()) {
      xnest.enter(Entry.of(new RoomId("lobby"), "Ming"), outlet);
    }
    assertThat(heard).isNotEmpty();
    return heard;
  }
}
