package im.xpro.xnest.testkit;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Rooms in which everything happens within the call: one thread, a clock that is turned by hand,
 * ids {@code m1}, {@code m2}, … and blobs {@code b1}, {@code b2}, …, both in the order of asking.
 *
 * <pre>{@code
 * RoomKit kit = RoomKit.create();
 * Guest ming = kit.enter("lobby", "小明");
 * Guest lin = kit.enter("lobby", "Lin");
 * kit.forgetWhatWasHeard();
 *
 * ming.types("大家好");
 *
 * assertThat(lin.hears()).isEqualTo(ming.said("大家好"));
 * }</pre>
 */
public final class RoomKit {
  /** The time of the protocol's own examples. */
  private static final Instant START = Instant.parse("2015-04-08T14:02:06Z");

  private final FakeClock clock = FakeClock.at(START);
  private final HeldExecutor storage = new HeldExecutor();
  private final List<Guest> guests = new ArrayList<>();
  private final Xnest xnest;

  private RoomKit(Consumer<Xnest.Builder> setup) {
    Xnest.Builder builder =
        Xnest.builder()
            .executor(Runnable::run)
            .storageExecutor(storage)
            .botExecutor(Runnable::run)
            .clock(clock)
            .timer(clock)
            .zone(ZoneOffset.UTC)
            .blobBase(URI.create("http://chat.example.com"))
            .nicknames(counting("guest"));
    Supplier<String> members = counting("m");
    builder.memberIds(() -> new MemberId(members.get())).blobIds(counting("b"));
    setup.accept(builder);
    xnest = builder.build();
  }

  private static Supplier<String> counting(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return () -> prefix + count.incrementAndGet();
  }

  /** With everything in memory. */
  public static RoomKit create() {
    return create(builder -> {});
  }

  /** With what {@code setup} changes: stores, limits, a listener. */
  public static RoomKit create(Consumer<Xnest.Builder> setup) {
    return new RoomKit(setup);
  }

  /** What the guests talk to. */
  public Xnest xnest() {
    return xnest;
  }

  /** Stands at 2015-04-08 14:02:06 UTC at first. */
  public FakeClock clock() {
    return clock;
  }

  /** What asks the stores, unless they answer at once: held back, it makes them slow. */
  public HeldExecutor storage() {
    return storage;
  }

  /** Lets somebody in, without asking the admission rule. */
  public Guest enter(String room, String nickname) {
    return enter(Entry.of(new RoomId(room), nickname));
  }

  /** Lets somebody in, without asking the admission rule. */
  public Guest enter(Entry entry) {
    Guest guest = new Guest(this, xnest, entry);
    guests.add(guest);
    return guest;
  }

  /** Lets every guest forget the frames that it has not read. */
  public void forgetWhatWasHeard() {
    guests.forEach(Guest::forget);
  }

  /**
   * Checks that every guest has read every frame.
   *
   * @throws AssertionError with a transcript if not
   */
  public void expectNothingUnread() {
    guests.forEach(Guest::hearsNothing);
  }
}
