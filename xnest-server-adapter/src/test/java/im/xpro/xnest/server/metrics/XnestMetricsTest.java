package im.xpro.xnest.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class XnestMetricsTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `(xnest[.a-z]+)` \\| (\\w+) \\| (`\\w+`)? ?\\| ", Pattern.MULTILINE);

  final MeterRegistry registry = new SimpleMeterRegistry();
  final AtomicBoolean storeFails = new AtomicBoolean();
  final Xnest xnest =
      Xnest.builder()
          .history(faulty(HistoryStore.inMemory(100)))
          .listener(new XnestMetrics(registry))
          .admission(
              entry ->
                  CompletableFuture.completedStage(
                      "Bob".equals(entry.nickname())
                          ? new Decision.Refused(403, "not you")
                          : new Decision.Accepted(entry)))
          .build();
  final XnestServer server;

  XnestMetricsTest() throws IOException {
    server = XnestServer.builder(xnest).host("127.0.0.1").port(0).start();
  }

  @AfterEach
  void close() {
    server.close();
    xnest.close();
  }

  /** Asked on a storage thread; keeps nothing while {@link #storeFails}. */
  private HistoryStore faulty(HistoryStore kept) {
    return (HistoryStore)
        Proxy.newProxyInstance(
            HistoryStore.class.getClassLoader(),
            new Class<?>[] {HistoryStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("answersAtOnce")) {
                return false;
              }
              if (method.getName().equals("append") && storeFails.get()) {
                throw new HistoryStore.NotKeptException("full", null);
              }
              try {
                return method.invoke(kept, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  private RawClient enter(String nickname) throws IOException {
    RawClient client = RawClient.connect(server.port());
    client.shakeHands("lobby?nickname=" + nickname);
    client.hears("join", nickname);
    return client;
  }

  private double count(String name, String... tags) {
    return registry.get(name).tags(tags).counter().count();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  /** What is counted behind an answer is there soon after it. */
  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain: %s", what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void roomsMembersMessagesAndBytesAreCounted() throws Exception {
    RawClient ming = enter("Ming");
    RawClient lin = enter("Lin");
    // 5 for the first, 4 and a join for both
    await("11 frames", () -> count("xnest.frames.sent") == 11);
    // counted behind the bytes of the last of them
    await("lag", () -> registry.get("xnest.delivery.lag").timer().count() == 2);
    double bytes = count("xnest.data.sent");

    ming.say("大家好");
    long heard = ming.hears("normal", "大家好").getBytes(StandardCharsets.UTF_8).length;
    long framed = heard + (heard < 126 ? 2 : 4);
    lin.hears("normal", "大家好");

    assertThat(gauge("xnest.rooms")).isEqualTo(1);
    assertThat(gauge("xnest.members")).isEqualTo(2);
    assertThat(count("xnest.messages.received")).isEqualTo(1);
    assertThat(count("xnest.data.received")).isEqualTo(9);
    await("13 frames", () -> count("xnest.frames.sent") == 13);
    await("bytes", () -> count("xnest.data.sent") == bytes + 2 * framed);
    await("lag", () -> registry.get("xnest.delivery.lag").timer().count() == 3);
    assertThat(count("xnest.entries.kept")).isEqualTo(1);
    assertThat(registry.get("xnest.append").tag("outcome", "kept").timer().count()).isEqualTo(1);
    ming.close();
    lin.close();
    await("no member", () -> gauge("xnest.members") == 0);
    await("no room", () -> gauge("xnest.rooms") == 0);
  }

  @Test
  void whatIsRefusedAndWhatFailsIsCounted() throws Exception {
    RawClient ming = enter("Ming");
    storeFails.set(true);

    ming.say("hello");
    ming.hears("error", "the message could not be kept");
    refused(RawClient.request("/xgate/websocket/lobby?nickname=Bob"));
    refused(RawClient.request("/xgate/websocket/lobby?nickname=Bob"));
    refused(RawClient.request("/elsewhere"));
    refused(RawClient.request("/xgate/websocket/."));
    refused("nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8));

    await("refused", () -> count("xnest.messages.refused") == 1);
    assertThat(count("xnest.failures")).isEqualTo(1);
    assertThat(count("xnest.entries.kept")).isZero();
    assertThat(registry.get("xnest.append").tag("outcome", "failed").timer().count()).isEqualTo(1);
    assertThat(count("xnest.handshakes.refused", "status", "403")).isEqualTo(2);
    assertThat(count("xnest.handshakes.refused", "status", "404")).isEqualTo(1);
    assertThat(count("xnest.handshakes.refused", "status", "400")).isEqualTo(2);
    ming.close();
  }

  private void refused(byte[] request) throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      client.write(request);
      client.readToEnd();
    }
  }

  @Test
  void slowMembersLagAndWhoIsTurnedAwayAreCounted() {
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .history(faulty(HistoryStore.inMemory(100)))
                    .limits(Limits.builder().roomMembers(2).build())
                    .listener(new XnestMetrics(registry, Tags.of("house", "kit"))));
    Guest ming = kit.enter("lobby", "Ming");
    Guest lin = kit.enter("lobby", "Lin");
    kit.enter("lobby", "Wei");
    lin.stalls();
    kit.storage().hold();
    ming.types("hello");
    kit.clock().turn(Duration.ofSeconds(2));
    kit.storage().letGo();

    assertThat(count("xnest.members.slow", "house", "kit")).isEqualTo(1);
    assertThat(count("xnest.members.turned.away", "house", "kit")).isEqualTo(1);
    assertThat(registry.get("xnest.delivery.lag").tag("house", "kit").timer().max(TimeUnit.SECONDS))
        .isEqualTo(2);
  }

  @Test
  void pageAboutMetricsListsExactlyThese() throws IOException {
    xnest.listener().entryRefused(new RoomId("lobby"), new Decision.Refused(403, "no"));

    List<String> told =
        ROW.matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
            .results()
            .map(row -> row.group(1) + " " + row.group(2) + " " + row.group(3))
            .toList();

    assertThat(told).doesNotHaveDuplicates();
    // this registry lists the buckets of timers as gauges
    Stream<Meter> meters =
        registry.getMeters().stream().filter(meter -> meter.getId().syntheticAssociation() == null);
    assertThat(meters.map(XnestMetricsTest::row).distinct())
        .containsExactlyInAnyOrderElementsOf(told);
  }

  private static String row(Meter meter) {
    List<String> tags = meter.getId().getTags().stream().map(Tag::getKey).toList();
    return meter.getId().getName()
        + " "
        + meter.getId().getType().name().toLowerCase(Locale.ROOT)
        + " "
        + (tags.isEmpty() ? null : "`" + String.join(",", tags) + "`");
  }
}
