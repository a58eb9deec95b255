package im.xpro.xnest.server.metrics;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens in the rooms: the meters {@code xnest.…} of docs/metrics.md. Any thread.
 *
 * <pre>{@code
 * Xnest xnest = Xnest.builder().listener(new XnestMetrics(registry)).build();
 * }</pre>
 *
 * <p>No tag tells of a room, a member or a reason: there may be any number of those.
 */
@SuppressWarnings("exports") // modules that use this require micrometer.core; others need not
public final class XnestMetrics implements XnestListener {
  private static final Duration[] BUCKETS =
      List.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000).stream()
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final Tags tags;
  private final AtomicInteger rooms = new AtomicInteger();
  private final AtomicInteger members = new AtomicInteger();
  private final Counter slow;
  private final Counter turnedAway;
  private final Counter received;
  private final Counter receivedBytes;
  private final Counter refused;
  private final Counter sent;
  private final Counter sentBytes;
  private final Timer lag;
  private final Timer kept;
  private final Timer notKept;
  private final Counter entries;
  private final Counter failures;

  /** Registers its meters in {@code registry}. For one {@code Xnest}. */
  public XnestMetrics(MeterRegistry registry) {
    this(registry, Tags.empty());
  }

  /**
   * Registers its meters in {@code registry}. For one {@code Xnest}.
   *
   * @param tags of every meter; where a registry counts several houses, they tell them apart
   */
  public XnestMetrics(MeterRegistry registry, Iterable<Tag> tags) {
    this.registry = registry;
    this.tags = Tags.of(tags);
    gauge("xnest.rooms", "Open rooms", rooms);
    gauge("xnest.members", "Members of all rooms, companions included", members);
    slow = counter("xnest.members.slow", "Members let go as they read too slowly", null);
    turnedAway = counter("xnest.members.turned.away", "Accepted, but could not enter", null);
    received = counter("xnest.messages.received", "Messages read from members", null);
    receivedBytes = counter("xnest.data.received", "Bytes of messages read", "bytes");
    refused = counter("xnest.messages.refused", "Answered with an error", null);
    sent = counter("xnest.frames.sent", "Frames offered, for each member that hears", null);
    sentBytes = counter("xnest.data.sent", "Bytes of frames offered", "bytes");
    lag = timer("xnest.delivery.lag", "From the decision on a frame to its offer", tags);
    kept = append("kept");
    notKept = append("failed");
    entries = counter("xnest.entries.kept", "Entries that the store has kept", null);
    failures = counter("xnest.failures", "Failures reported and logged", null);
  }

  private void gauge(String name, String description, AtomicInteger value) {
    Gauge.builder(name, value, AtomicInteger::get)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private Counter counter(String name, String description, @Nullable String unit) {
    return Counter.builder(name)
        .description(description)
        .baseUnit(unit)
        .tags(tags)
        .register(registry);
  }

  private Timer append(String outcome) {
    return timer("xnest.append", "Appends to the history store", tags.and("outcome", outcome));
  }

  private Timer timer(String name, String description, Iterable<Tag> with) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .tags(with)
        .register(registry);
  }

  @Override
  public void roomOpened(RoomId room) {
    rooms.incrementAndGet();
  }

  @Override
  public void roomClosed(RoomId room) {
    rooms.decrementAndGet();
  }

  @Override
  public void entryRefused(@Nullable RoomId room, Decision.Refused answer) {
    Counter.builder("xnest.handshakes.refused")
        .description("Handshakes refused")
        .tags(tags)
        .tag("status", Integer.toString(answer.status()))
        .register(registry)
        .increment();
  }

  @Override
  public void turnedAway(RoomId room, String reason) {
    turnedAway.increment();
  }

  @Override
  public void joined(RoomId room, Member member) {
    members.incrementAndGet();
  }

  @Override
  public void left(RoomId room, Member member) {
    members.decrementAndGet();
  }

  @Override
  public void letGo(RoomId room, Member member) {
    slow.increment();
  }

  @Override
  public void received(RoomId room, MemberId from, long bytes) {
    received.increment();
    receivedBytes.increment(bytes);
  }

  @Override
  public void refused(RoomId room, Member member, String why) {
    refused.increment();
  }

  @Override
  public void delivered(RoomId room, Outgoing frames, int hearers, Duration behind) {
    sent(frames, hearers);
    lag.record(behind);
  }

  @Override
  public void answered(RoomId room, MemberId to, Outgoing frames) {
    sent(frames, 1);
  }

  private void sent(Outgoing frames, int hearers) {
    sent.increment((double) frames.frames().size() * hearers);
    sentBytes.increment((double) frames.bytes() * hearers);
  }

  @Override
  public void appended(int count, Duration took, boolean isKept) {
    (isKept ? kept : notKept).record(took);
    if (isKept) {
      entries.increment(count);
    }
  }

  @Override
  public void failed(String doing, Throwable cause) {
    failures.increment();
  }
}
