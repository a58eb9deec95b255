package im.xpro.xnest.server.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.testkit.Deviation;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.server.testkit.TestedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What the filter counts, and how it ends, beyond what the contract asks of every adapter. */
final class DoorRules {
  private final JakartaServer server;

  DoorRules(JakartaServer server) {
    this.server = server;
  }

  Stream<DynamicTest> tests() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "slowAdmissionsLetInNoMoreThanTheLimit", this::slowAdmissionsLetInNoMore),
        DynamicTest.dynamicTest("addressHasNoMoreThanItsShare", this::addressHasNoMoreThanItsShare),
        DynamicTest.dynamicTest("failedUpgradeCountsNoMore", this::failedUpgradeCountsNoMore),
        DynamicTest.dynamicTest(
            "stopDuringAnAdmissionRefusesIt", this::stopDuringAnAdmissionRefusesIt),
        DynamicTest.dynamicTest("stopDuringAnUpgradeClosesIt", this::stopDuringAnUpgradeClosesIt),
        DynamicTest.dynamicTest(
            "textThatIsNotWholeCountsItsBytes", this::textThatIsNotWholeCountsItsBytes));
  }

  private interface Visit {
    void on(int port, ChatFilter chat) throws Exception;
  }

  private void serve(Xnest.Builder house, ChatFilter.Upgrader upgrader, Visit visit)
      throws Exception {
    try (Xnest xnest = house.build()) {
      Gateway gateway = Gateway.of(xnest);
      ChatFilter chat = ChatFilter.on(xnest, gateway, upgrader);
      TestedServer.Running running =
          server.start(new TestedServer.Setup(xnest, gateway, BlobStore.inMemory(), null), chat);
      try {
        visit.on(running.port(), chat);
      } finally {
        running.stop();
      }
    }
  }

  static void soon(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain").isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static RawClient asking(int port) throws IOException {
    RawClient client = RawClient.connect(port);
    client.write(RawClient.request("/xgate/websocket/lobby"));
    return client;
  }

  private static int status(RawClient client) throws IOException {
    return Integer.parseInt(client.readHead().substring(9, 12));
  }

  /** Admissions that wait for {@code released}. */
  private static Xnest.Builder slow(AtomicInteger asked, CompletableFuture<Void> released) {
    return Xnest.builder()
        .admission(
            entry -> {
              asked.incrementAndGet();
              return released.thenApplyAsync(now -> Decision.accept(entry));
            });
  }

  private void slowAdmissionsLetInNoMore() throws Exception {
    int most = 5;
    AtomicInteger asked = new AtomicInteger();
    CompletableFuture<Void> released = new CompletableFuture<>();
    Limits limits = Limits.builder().connections(most).build();
    serve(
        slow(asked, released).limits(limits),
        ChatFilter::upgrade,
        (port, chat) -> {
          List<RawClient> clients = new ArrayList<>();
          for (int i = 0; i < 4 * most; i++) {
            clients.add(asking(port));
          }
          soon(() -> asked.get() == clients.size());

          released.complete(null);

          List<Integer> answers = new ArrayList<>();
          for (RawClient client : clients) {
            answers.add(status(client));
          }
          assertThat(answers).containsOnly(101, 503);
          assertThat(answers).filteredOn(status -> status == 101).hasSize(most);
          disconnect(clients);
        });
  }

  private static void disconnect(List<RawClient> clients) throws IOException {
    for (RawClient client : clients) {
      client.disconnect();
    }
  }

  private void addressHasNoMoreThanItsShare() throws Exception {
    serve(
        Xnest.builder().limits(Limits.builder().connectionsPerAddress(1).build()),
        ChatFilter::upgrade,
        (port, chat) -> {
          RawClient first = asking(port);
          assertThat(status(first)).isEqualTo(101);
          RawClient second = asking(port);
          assertThat(status(second)).isEqualTo(503);

          disconnect(List.of(first, second));

          soon(() -> statusOf(port) == 101);
        });
  }

  /** Of one who asks and goes. */
  private static int statusOf(int port) {
    try (RawClient client = asking(port)) {
      return status(client);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private void failedUpgradeCountsNoMore() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    serve(
        Xnest.builder().limits(Limits.builder().connections(1).build()),
        (request, response, session) -> {
          switch (asked.incrementAndGet()) {
            case 1 -> throw new IOException("on purpose");
            case 2 -> response.sendError(400);
            default -> ChatFilter.upgrade(request, response, session);
          }
        },
        (port, chat) -> {
          for (int expected : new int[] {500, 400, 101}) {
            soon(() -> statusOf(port) == expected);
          }
        });
  }

  private void stopDuringAnAdmissionRefusesIt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CompletableFuture<Void> released = new CompletableFuture<>();
    serve(
        slow(asked, released),
        ChatFilter::upgrade,
        (port, chat) -> {
          RawClient late = asking(port);
          soon(() -> asked.get() == 1);
          chat.close();

          released.complete(null);

          assertThat(status(late)).isEqualTo(503);
          late.disconnect();
        });
  }

  private void stopDuringAnUpgradeClosesIt() throws Exception {
    AtomicReference<ChatFilter> filter = new AtomicReference<>();
    Limits limits = Limits.builder().closeTime(Duration.ofMillis(100)).build();
    serve(
        Xnest.builder().limits(limits),
        (request, response, session) -> {
          filter.get().close();
          ChatFilter.upgrade(request, response, session);
        },
        (port, chat) -> {
          filter.set(chat);
          RawClient late = asking(port);

          assertThat(status(late)).isEqualTo(101);
          assertThat(late.hearsClose()).isEqualTo(1001);
          late.write(RawClient.close(1001));
          late.hearsEnd();
        });
  }

  /** Three times 1 MiB, of a third as many characters, is more than 2.5 MiB. */
  private void textThatIsNotWholeCountsItsBytes() throws Exception {
    if (server.deviations().contains(Deviation.ANY_UPLOADS)) {
      return;
    }
    AtomicInteger left = new AtomicInteger();
    int most = 1 << 20;
    Limits limits =
        Limits.builder().maxTextBytes(most).maxBinaryBytes(most).unfinishedBytes(5 << 19).build();
    serve(
        Xnest.builder()
            .limits(limits)
            .listener(
                new XnestListener() {
                  @Override
                  public void left(RoomId room, Member member) {
                    left.incrementAndGet();
                  }
                }),
        ChatFilter::upgrade,
        (port, chat) -> {
          List<RawClient> clients = new ArrayList<>();
          byte[] almost = "中".repeat(most / 3).getBytes(UTF_8);
          for (int i = 0; i < 3; i++) {
            RawClient client = RawClient.enter(port, "lobby");
            client.writeUntilCut(RawClient.frame(RawClient.TEXT, most, almost));
            clients.add(client);
          }
          soon(() -> left.get() > 0);
          disconnect(clients);
        });
  }
}
