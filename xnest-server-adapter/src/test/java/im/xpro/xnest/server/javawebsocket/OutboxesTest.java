package im.xpro.xnest.server.javawebsocket;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.javawebsocket.Outboxes.Kept;
import im.xpro.xnest.server.wire.Budget;
import java.nio.ByteBuffer;
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

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size - Outboxes.OVERHEAD);
  }

  @Test
  void allThatMayWaitWaitsAndOneByteMoreIsReported() {
    Kept first = outboxes.keep(bytes(MOST - 200), null);
    outboxes.keep(bytes(200), null);
    assertThat(outboxes.isOver()).isFalse();
    assertThat(alarms).hasValue(0);

    outboxes.keep(bytes(Outboxes.OVERHEAD), null);
    assertThat(outboxes.isOver()).isTrue();
    assertThat(alarms).hasValue(1);

    outboxes.release(first);
    assertThat(outboxes.isOver()).isFalse();
    assertThat(budget.taken()).isEqualTo(200 + Outboxes.OVERHEAD);
  }

  @Test
  void nothingLargeFollowsOnceMoreWaitsThanCouldBeMadeRoomFor() {
    outboxes.keep(bytes(MOST + SPARE), null);
    assertThat(outboxes.refuses(LARGE + 1)).isFalse();
    Kept last = outboxes.keep(bytes(Outboxes.OVERHEAD), null);
    assertThat(outboxes.refuses(LARGE + 1)).isTrue();
    assertThat(outboxes.refuses(LARGE)).isFalse();

    outboxes.release(last);
    assertThat(outboxes.refuses(LARGE + 1)).isFalse();
  }

  @Test
  void whatManyShareCountsOnceUntilTheLastOfThemLetsGo() {
    List<Outgoing> sent = welcome();
    List<Kept> kept = new ArrayList<>();
    long size = 0;
    for (Outgoing one : sent) {
      size += one.bytes();
      for (int i = 0; i < 10; i++) {
        kept.add(outboxes.keep(one.framed(), one));
      }
    }
    assertThat(budget.taken()).isEqualTo(size + 10L * sent.size() * Outboxes.OVERHEAD);

    for (Kept one : kept) {
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
