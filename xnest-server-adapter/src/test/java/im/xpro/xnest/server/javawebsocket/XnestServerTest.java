package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a server comes and goes. */
class XnestServerTest {
  private static final Set<Thread.State> WAITS_OR_ENDED =
      EnumSet.of(Thread.State.WAITING, Thread.State.TERMINATED);

  /** The clients here do not end by themselves. */
  private static Limits.Builder limits() {
    return Limits.builder().closeTime(Duration.ofMillis(500));
  }

  private static List<Thread> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().matches("xnest-(sweep|selector|reader)")
                    || thread.getName().startsWith("WebSocket"))
        .toList();
  }

  /** A thread lives on for a moment when its pool has ended. */
  private static void awaitNoThreadBut(List<Thread> before) {
    Served.await("no thread is left", () -> before.containsAll(ownThreads()));
  }

  @Test
  void portInUseIsSaidAtOnce() throws Exception {
    List<Thread> before = ownThreads();
    try (Served house = Served.with(limits())) {
      XnestServer.Builder second =
          XnestServer.builder(house.xnest).host("127.0.0.1").port(house.port());

      assertThatThrownBy(second::start)
          .isInstanceOf(BindException.class)
          .hasMessageContaining("127.0.0.1:" + house.port());
    }
    awaitNoThreadBut(before);
  }

  @Test
  void hostWithoutAnAddressIsSaidAtOnce() {
    try (Xnest xnest = Xnest.inMemory()) {
      XnestServer.Builder nowhere = XnestServer.builder(xnest).host("no.such.host.invalid");

      assertThatThrownBy(nowhere::start).isInstanceOf(UnknownHostException.class);
    }
  }

  @Test
  void closeTellsEverybodyAndLeavesNothingBehind() throws Exception {
    List<Thread> before = ownThreads();
    Served house = Served.with(limits());
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.enter("lobby", "Lin");
    RawClient silent = RawClient.connect(house.port());
    ming.say("and away");
    lin.hears("normal", "and away");

    Served.await("all have come", () -> house.server.connections().all().count() == 3);
    house.server.close();

    Served.await("both have left", () -> house.left.size() == 2);
    assertThat(house.left).containsExactlyInAnyOrder("Ming", "Lin");
    assertThat(ming.hearsClose()).isEqualTo(1001);
    assertThat(lin.hearsClose()).isEqualTo(1001);
    assertThat(silent.readToEnd()).startsWith("HTTP/1.1 503 ");
    awaitNoThreadBut(before);
    house.server.close();
    house.close();
    for (RawClient client : List.of(ming, lin, silent)) {
      client.close();
    }
  }

  @Test
  void secondCloseDoesNotCutWhatTheFirstLetsEnd() throws Exception {
    try (Served house = Served.with(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming")) {
      Thread first = new Thread(house.server::close);
      first.start();
      assertThat(ming.hearsClose()).isEqualTo(1001);
      Thread second = new Thread(house.server::close);
      second.start();
      Served.await("the second", () -> WAITS_OR_ENDED.contains(second.getState()));

      assertThat(first.isAlive()).isTrue();
      assertThat(second.isAlive()).isTrue();
      ming.write(RawClient.close(1001));
      ming.hearsEnd();
      ming.disconnect();
      first.join(30_000);
      second.join(30_000);
      assertThat(first.isAlive() || second.isAlive()).isFalse();
    }
  }

  @Test
  void closeIsNotHeldUpByWhoDoesNotReadOrEnd() throws Exception {
    Served house = Served.with(limits());
    try (RawClient slow = RawClient.connect(house.port(), 4 << 10);
        RawClient ming = house.enter("lobby", "Ming")) {
      house.enter(slow, "lobby", "Slow");
      for (int i = 0; i < 6; i++) {
        ming.say("x".repeat(1_000_000));
        ming.hears("normal");
      }
      long begun = System.nanoTime();

      house.close();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
      slow.hearsEnd();
    }
  }

  @Test
  void membersElsewhereHearTheLeaves() throws Exception {
    Queue<Event> heard = new ConcurrentLinkedQueue<>();
    Outlet elsewhere =
        new Outlet() {
          @Override
          public boolean offer(Outgoing frames) {
            frames.frames().forEach(frame -> heard.add(frame.event()));
            return true;
          }

          @Override
          public void close(int code, String reason) {}
        };
    try (Served house = Served.with(limits())) {
      house.xnest.enter(Entry.of(new RoomId("lobby"), "Elsewhere"), elsewhere);
      RawClient ming = house.enter("lobby", "Ming");

      house.server.close();

      Served.await("the leave", () -> heard.contains(new Event.Left()));
      ming.close();
    }
  }

  @Test
  void whoWaitsForAdmissionIsRefusedWhenTheServerCloses() throws Exception {
    BlockingQueue<Entry> asked = new LinkedBlockingQueue<>();
    Xnest.Builder never =
        Xnest.builder()
            .limits(limits().build())
            .admission(
                entry -> {
                  asked.add(entry);
                  return new CompletableFuture<>();
                });
    try (Served house = Served.with(never);
        RawClient ming = RawClient.connect(house.port())) {
      ming.write(request("/xgate/websocket/lobby"), text("early"));
      assertThat(asked.poll(30, TimeUnit.SECONDS)).isNotNull();

      house.server.close();

      assertThat(ming.readToEnd()).startsWith("HTTP/1.1 503 ");
    }
  }

  /** Keeps in memory, but not before it may. */
  private static final class StuckHistory implements HistoryStore {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final HistoryStore memory = HistoryStore.inMemory(10);

    @Override
    public void append(List<HistoryEntry> batch) throws IOException {
      asked.countDown();
      try {
        mayAnswer.await();
      } catch (InterruptedException interrupted) {
        throw new IOException(interrupted);
      }
      memory.append(batch);
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
        throws IOException {
      return memory.read(room, before, limit, maxLength);
    }

    @Override
    public long last(RoomId room) throws IOException {
      return memory.last(room);
    }
  }

  private static boolean isClosed(int port) {
    try {
      RawClient.connect(port).close();
      return false;
    } catch (IOException refused) {
      return true;
    }
  }

  @Test
  void memberHearsWhatBecameOfItsWordsBeforeTheServerIsGone() throws Exception {
    StuckHistory stuck = new StuckHistory();
    Limits.Builder limits = Limits.builder().closeTime(Duration.ofMinutes(1));
    try (Served house = Served.with(Xnest.builder().history(stuck).limits(limits.build()));
        RawClient ming = house.enter("lobby", "Ming");
        RawClient late = RawClient.connect(house.port())) {
      Served.await("both have come", () -> house.server.connections().all().count() == 2);
      ming.say("last words");
      assertThat(stuck.asked.await(30, TimeUnit.SECONDS)).isTrue();
      Thread closing = new Thread(house.server::close);
      closing.start();
      Served.await("a closed port", () -> isClosed(house.port()));

      late.write(request("/xgate/websocket/lobby"));

      assertThat(late.readToEnd()).startsWith("HTTP/1.1 503 ");
      stuck.mayAnswer.countDown();

      ming.hears("normal", "last words");
      assertThat(ming.hearsClose()).isEqualTo(1001);
      ming.disconnect();
      closing.join();
    }
  }

  @Test
  void endOfAMemberWhoseWordsHangIsSeen() throws Exception {
    StuckHistory stuck = new StuckHistory();
    try (Served house = Served.with(Xnest.builder().history(stuck).limits(limits().build()));
        RawClient ming = house.enter("lobby", "Ming")) {
      byte[][] flood = new byte[500][];
      Arrays.fill(flood, text("waits"));
      ming.write(flood);
      assertThat(stuck.asked.await(30, TimeUnit.SECONDS)).isTrue();
      Thread closing = new Thread(house.server::close);
      closing.start();

      ming.hears("error", "perhaps kept");
      assertThat(ming.hearsClose()).isEqualTo(1001);
      ming.disconnect();
      closing.join();
      stuck.mayAnswer.countDown();
    }
  }

  @Test
  void samePortIsFreeAtOnce() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try (Xnest xnest = Xnest.builder().limits(limits().build()).build()) {
      int port = 0;
      for (int i = 0; i < 5; i++) {
        try (XnestServer server = XnestServer.builder(xnest).host("127.0.0.1").port(port).start()) {
          port = server.port();
          clients.add(RawClient.enter(port, "lobby"));
        }
      }
    }
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void serverThatLostItsListeningSocketListensAgain() throws Exception {
    try (Served house = Served.with(limits());
        RawClient ming = house.enter("lobby", "Ming")) {
      Acceptor first = house.server.acceptors().get(0);
      first.stopListening();
      Served.await("a new one", () -> house.server.acceptors().size() == 2);
      try (RawClient lin = house.enter("lobby", "Lin")) {
        ming.hears("join", "Lin");
        ming.say("still here");
        lin.hears("normal", "still here");
      }
      ming.disconnect();

      Served.await("the first one ends", () -> !house.server.acceptors().contains(first));
      house.enter("lobby", "Wei").close();
    }
  }
}
