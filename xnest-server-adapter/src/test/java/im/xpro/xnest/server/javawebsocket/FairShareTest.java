package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Who takes much and gives nothing makes room for those who come after it. */
class FairShareTest {
  private static final int MIB = 1 << 20;

  /** Two of the largest messages may be unfinished. */
  private static Limits.Builder limits() {
    return Limits.builder().withoutRates().maxBinaryBytes(MIB).unfinishedBytes(1);
  }

  /** Sends all of a large message but its last byte. */
  private static void hog(RawClient client) throws IOException {
    client.write(frame(BINARY, MIB, new byte[MIB - 1]));
  }

  /** Those who have sent nothing for so long that it shows. */
  private static long idle(Served house) {
    return house.server.connections().all().filter(one -> one.burden() > 4).count();
  }

  @Test
  void allThatMayBeUnfinishedIsLeftAloneAndWithMoreTheSlowestGoes() throws Exception {
    try (Served house = Served.with(limits());
        RawClient first = house.enter("other", "First");
        RawClient second = house.enter("other", "Second");
        RawClient ming = house.enter("lobby", "Ming")) {
      hog(first);
      hog(second);
      Served.await("both are idle", () -> idle(house) == 2);
      assertThat(house.left).isEmpty();

      hog(ming);
      Served.await("one has gone", () -> !house.left.isEmpty());
      ming.write(new byte[1]);

      ming.hears("file");
      assertThat(house.left).hasSize(1).isSubsetOf("First", "Second");
      RawClient gone = house.left.contains("First") ? first : second;
      assertThat(gone.hearsClose()).isEqualTo(1013);
      RawClient stays = gone == first ? second : first;
      stays.write(new byte[1]);
      stays.hears("file");
    }
  }

  @Test
  void largeMessageMayTakeLongerAsLongAsItMakesProgress() throws Exception {
    int piece = 64 << 10;
    Limits.Builder limits =
        Limits.builder()
            .messageTime(Duration.ofSeconds(4))
            .progressBytes(piece)
            .pingEvery(Duration.ofMillis(500));
    try (Served house = Served.with(limits);
        RawClient phone = house.enter("lobby", "Phone")) {
      phone.write(frame(BINARY, 10 * piece, new byte[0]));
      for (int i = 0; i < 10; i++) {
        awaitPing(phone);
        phone.write(new byte[piece]);
      }

      phone.hears("file");
    }
  }

  private static void awaitPing(RawClient client) throws IOException {
    RawClient.Frame frame;
    do {
      frame = client.read();
    } while (frame != null && frame.opcode() != 9);
  }

  @Test
  void readingThatIsPausedCostsNothing() throws Exception {
    Limits.Builder limits =
        Limits.builder().messageRate(1).messageBurst(1).pingEvery(Duration.ofMillis(500));
    byte[][] flood = new byte[5_000][];
    Arrays.fill(flood, text("x"));
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (Served house = Served.with(limits);
        RawClient lin = house.enter("lobby", "Lin");
        RawClient ming = house.enter("lobby", "Ming")) {
      ming.write(flood);
      awaitPing(lin);
      long before = TlsTest.selectorNanos(threads);
      for (int i = 0; i < 3; i++) {
        awaitPing(lin);
      }

      long used = TlsTest.selectorNanos(threads) - before;
      assertThat(Duration.ofNanos(used)).isLessThan(Duration.ofMillis(500));
    }
  }

  @Test
  void whoWaitsToBeLetInKeepsNobodyOut() throws Exception {
    Queue<Entry> asked = new ConcurrentLinkedQueue<>();
    Xnest.Builder asks =
        Xnest.builder()
            .limits(Limits.builder().pendingHandshakes(1).build())
            .admission(
                entry -> {
                  asked.add(entry);
                  return "Waits".equals(entry.nickname())
                      ? new CompletableFuture<>()
                      : CompletableFuture.completedStage(new Decision.Accepted(entry));
                });
    List<RawClient> waiting = new ArrayList<>();
    try (Served house = Served.with(asks)) {
      for (int i = 0; i < 10; i++) {
        RawClient one = house.connect();
        waiting.add(one);
        one.write(request("/xgate/websocket/lobby?nickname=Waits"));
        int come = i + 1;
        Served.await("it waits", () -> asked.size() == come);
      }

      house.enter("lobby", "Ming").close();
      for (RawClient one : waiting) {
        one.close();
      }
    }
  }
}
