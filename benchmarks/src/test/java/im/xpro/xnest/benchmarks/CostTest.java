package im.xpro.xnest.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a delivery may cost at most, in what is the same on every machine: bytes and writes. */
@Timeout(60)
class CostTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String LINE = "a line of about sixty bytes, as people write them in chats..";

  @Test
  void aMemberMoreMakesAMessageAllocateNextToNothingMore() {
    double few = allocatedPerMessage(100);
    double many = allocatedPerMessage(1_000);

    // the outlet's own view of the shared bytes, where the compiler does not see through it
    assertThat((many - few) / 900).isLessThan(80);
    assertThat(few).isLessThan(20_000);
  }

  private static double allocatedPerMessage(int members) {
    try (QuietHouse house = new QuietHouse()) {
      Inlet speaker = house.enter("hall");
      for (int i = 1; i < members; i++) {
        speaker = house.enter("hall");
      }
      say(speaker, 500);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      say(speaker, 500);
      return (THREADS.getCurrentThreadAllocatedBytes() - before) / 500.0;
    }
  }

  private static void say(Inlet speaker, int messages) {
    for (int i = 0; i < messages; i++) {
      speaker.text(LINE);
    }
  }

  @Test
  void membersOfABusyRoomGetManyMessagesInOneWriteAndFewBytesOfGarbage() throws IOException {
    try (Xnest xnest = Xnest.builder().limits(Limits.builder().withoutRates().build()).build();
        XnestServer server = XnestServer.builder(xnest).host("127.0.0.1").port(0).start();
        Guests guests = new Guests(room(server), Dialect.PLAIN)) {
      guests.join("hall", 100);
      guests.settle();
      guests.say(2_000);
      guests.hearAll();
      double allocated = allocatedByOthers();
      double writes = writesByOthers();
      long before = guests.deliveries();

      guests.say(5_000);
      guests.hearAll();

      double deliveries = guests.deliveries() - before;
      assertThat((allocatedByOthers() - allocated) / deliveries).isLessThan(200);
      assumeThat(writes).as("counted by Linux alone").isNotNaN();
      assertThat((writesByOthers() - writes) / deliveries).isLessThan(0.5);
    }
  }

  private static URI room(XnestServer server) {
    return URI.create("ws://127.0.0.1:" + server.port() + "/xgate/websocket/");
  }

  /** By all threads but this one, which is the members. */
  private static double allocatedByOthers() {
    long all = Arrays.stream(THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())).sum();
    return all - THREADS.getCurrentThreadAllocatedBytes();
  }

  private static double writesByOthers() throws IOException {
    return Child.writes(Path.of("/proc/self/io")) - Child.writes(Path.of("/proc/thread-self/io"));
  }
}
