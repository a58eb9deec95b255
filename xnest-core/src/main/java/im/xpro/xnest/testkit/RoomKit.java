package im.xpro.xnest.testkit;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
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
 * Members may send at any rate, unless a test sets its own {@link Limits}.
 *
 * <pre>{@code
 * RoomKit kit = RoomKit.create();
 * Guest ming = kit.enter("lobby", "小明");
 * Guest lin = kit.enter("lobby", "Lin");
 * kit.forgetWhatWasHeard();
 *
 * ming.types("大家好");
 *
 * lin.hears(ming.said("大家好"));
 * ming.hears(ming.said("大家好"));
 * kit.expectNothingUnread();
 * }</pre>
 */
public final class RoomKit {
  /** The time of the protocol's own examples. */
  private static final Instant START = Instant.parse("2015-04-08T14:02:06Z");

  private static final int ENTRIES_PER_ROOM = 1_000;

  private final Transcript happened = new Transcript(this::now);
  private final FakeClock clock =
      new FakeClock(START, duration -> happened.note("the clock is turned by " + duration));
  private final HeldExecutor storage = new HeldExecutor(clock, happened::note);
  private final FaultyHistory history =
      FaultyHistory.around(HistoryStore.inMemory(ENTRIES_PER_ROOM));
  private final FaultyBlobs blobs = FaultyBlobs.around(BlobStore.inMemory());
  private final List<Guest> guests = new ArrayList<>();
  private final Xnest xnest;

  private RoomKit(Consumer<Xnest.Builder> setup) {
    Xnest.Builder builder =
        Xnest.builder()
            .history(history)
            .blobs(blobs)
            .listener(new Reports())
            .executor(Runnable::run)
            .storageExecutor(storage)
            .botExecutor(Runnable::run)
            .clock(clock)
            .timer(clock)
            .limits(Limits.builder().withoutRates().build())
            .zone(ZoneOffset.UTC)
            .blobBase(URI.create("http://chat.example.com"))
            .nicknames(counting("guest"));
    Supplier<String> members = counting("m");
    builder.memberIds(() -> new MemberId(members.get())).blobIds(counting("b"));
    setup.accept(builder);
    xnest = builder.build();
  }

  private final class Reports implements XnestListener {
    @Override
    public void failed(String doing, Throwable cause) {
      happened.note("reported: " + doing + ": " + Transcript.shown(cause.toString()));
    }
  }

  private Instant now() {
    return clock.instant();
  }

  private static Supplier<String> counting(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return () -> prefix + count.incrementAndGet();
  }

  /** With everything in memory, behind stores that can be made slow or failing. */
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

  /**
   * What asks the stores: held back or delayed, it makes them slow. Stores that {@linkplain
   * HistoryStore#answersAtOnce answer at once}, as plain {@link HistoryStore#inMemory} does, are
   * asked without it.
   */
  public HeldExecutor storage() {
    return storage;
  }

  /** Where messages are kept, in memory, unless the setup has changed that. */
  public FaultyHistory history() {
    return history;
  }

  /** Where media are kept, in memory, unless the setup has changed that. */
  public FaultyBlobs blobs() {
    return blobs;
  }

  /** Lets somebody in, without asking the admission rule. */
  public Guest enter(String room, String nickname) {
    return enter(Entry.of(new RoomId(room), nickname));
  }

  /** Lets somebody in, without asking the admission rule. */
  public Guest enter(Entry entry) {
    happened.note(
        entry.room(), (entry.nickname() == null ? "somebody" : entry.nickname()) + " enters");
    Guest guest = new Guest(this, entry);
    guests.add(guest);
    return guest;
  }

  /**
   * Lets somebody ask to be let in, as a handshake does: the limits and the admission rule decide.
   */
  public Knock knocks(String room, String nickname) {
    return knocks(Entry.of(new RoomId(room), nickname));
  }

  /**
   * Lets somebody ask to be let in, as a handshake does: the limits and the admission rule decide.
   */
  public Knock knocks(Entry entry) {
    return new Knock(this, entry);
  }

  /** Lets every guest forget the frames that it has not read. */
  public void forgetWhatWasHeard() {
    guests.forEach(Guest::forget);
  }

  /**
   * Checks that every guest has read every frame.
   *
   * @throws AssertionError with the transcript if not
   */
  public void expectNothingUnread() {
    guests.forEach(Guest::hearsNothing);
  }

  /**
   * What guests did and heard so far, a line for each with its time, the newest 500: to be shown
   * where a check fails that is not the kit's own, as in {@code
   * assertThat(…).as(kit::transcript)…}.
   */
  public String transcript() {
    return happened.toString();
  }

  Transcript happened() {
    return happened;
  }
}
