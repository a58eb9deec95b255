package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EraseTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final FaultyHistory store = new FaultyHistory();
  final BlobStore blobs = BlobStore.inMemory();
  final Reports reports = new Reports();
  final RoomKit kit = kit(Limits.defaults());

  RoomKit kit(Limits limits) {
    return RoomKit.create(
        builder -> builder.history(store).blobs(blobs).limits(limits).listener(reports));
  }

  CompletableFuture<Integer> erase(Erasure what) {
    return Erased.in(kit.xnest(), "lobby", what);
  }

  /** What a newcomer is welcomed with. */
  static List<String> welcome(RoomKit kit) {
    return Heard.messages(kit.enter("lobby", "Newcomer").hearsAll());
  }

  List<HistoryEntry> givenEntries(int last) throws IOException {
    List<HistoryEntry> entries =
        LongStream.rangeClosed(1, last)
            .mapToObj(
                number ->
                    new HistoryEntry(
                        LOBBY,
                        number,
                        new MemberId("old" + number % 10),
                        "Old",
                        new Event.Said("" + number),
                        Instant.EPOCH,
                        "user:" + number % 10))
            .toList();
    store.kept.append(entries);
    return entries;
  }

  // ---- what nobody sees any more ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void erasedEntryIsInNoWelcomeAndNoPage(boolean inMemory) {
    RoomKit any = inMemory ? RoomKit.create() : kit;
    Guest ming = any.enter("lobby", "小明");
    Pasts.count(ming, 1, 60);
    any.forgetWhatWasHeard();

    assertThat(Erased.in(any.xnest(), "lobby", Erasure.one(58))).isCompletedWithValue(1);
    assertThat(Erased.in(any.xnest(), "lobby", Erasure.one(5))).isCompletedWithValue(1);
    assertThat(Erased.in(any.xnest(), "lobby", Erasure.one(61))).isCompletedWithValue(0);
    assertThat(Erased.in(any.xnest(), "lobby", Erasure.one(58))).isCompletedWithValue(0);

    List<String> left = Pasts.numbers(1, 60);
    left = left.stream().filter(text -> !text.equals("58") && !text.equals("5")).toList();
    any.expectNothingUnread();
    assertThat(welcome(any)).isEqualTo(left.subList(8, 58));
    any.forgetWhatWasHeard();
    assertThat(Pasts.page(ming, 0)).isEqualTo(left.subList(8, 58));
    assertThat(Pasts.page(ming, 1)).isEqualTo(left.subList(0, 8));
    ming.types("61");
    assertThat(welcome(any)).endsWith("59", "60", "61");
  }

  @Test
  void oneMembersAndOnePersonsEntriesGo() {
    Entry entry = Entry.of(LOBBY, "Lin").with(Grant.plain().withIdentity("user:42"));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter(entry);
    Guest linAgain = kit.enter(entry);
    ming.types("a");
    lin.types("b");
    linAgain.types("c");
    lin.types("d");
    ming.types("e");

    assertThat(erase(Erasure.from(linAgain.id()))).isCompletedWithValue(1);
    assertThat(welcome(kit)).containsExactly("a", "b", "d", "e");
    assertThat(erase(Erasure.of("user:42"))).isCompletedWithValue(2);
    assertThat(welcome(kit)).containsExactly("a", "e");
    assertThat(erase(Erasure.of("user:43"))).isCompletedWithValue(0);
  }

  @Test
  void roomThatIsNotOpenIsErasedAndStaysClosed() throws IOException {
    givenEntries(1_234);

    assertThat(erase(Erasure.all())).isCompletedWithValue(1_234);

    assertThat(store.keptIn("lobby")).isEmpty();
    assertThat(kit.xnest().rooms.size()).isZero();
    assertThat(reports.events).isEmpty();
  }

  @Test
  void numbersGoOnAfterEverythingIsErasedAndARestart() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    Pasts.count(ming, 1, 3);
    erase(Erasure.all());
    ming.types("d");
    erase(Erasure.all());

    RoomKit restarted = kit(Limits.defaults());
    restarted.enter("lobby", "小明").types("e");

    assertThat(store.keptIn("lobby")).containsExactly("5:e");
    assertThat(welcome(restarted)).containsExactly("e");
  }

  @Test
  void mediaGoWithTheirEntries() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    ming.sends((byte) 2, (byte) 42);
    ming.types("words");
    ming.sends((byte) 1, (byte) 43);

    assertThat(erase(Erasure.one(1))).isCompletedWithValue(1);

    assertThat(blobs.get(LOBBY, "b1")).isNull();
    assertThat(blobs.get(LOBBY, "b2")).isNotNull();
    assertThat(erase(Erasure.all())).isCompletedWithValue(2);
    assertThat(blobs.get(LOBBY, "b2")).isNull();
  }

  // ---- pages over holes ----

  static List<Long> seeds() {
    return Seeds.some(20);
  }

  /** Whoever walks back sees nothing twice, and all that is never erased. */
  @ParameterizedTest
  @MethodSource("seeds")
  void walkOverHolesHasNoGapAndNoRepeat(long seed) throws IOException {
    Random random = new Random(seed);
    List<HistoryEntry> entries = givenEntries(700);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    List<String> seen = new ArrayList<>();

    List<String> page = Pasts.page(ming, 0);
    for (int cursor = 1; !page.isEmpty(); cursor++) {
      seen.addAll(0, page);
      long at = 1 + random.nextInt(700);
      Erasure some =
          random.nextInt(4) == 0
              ? Erasure.from(new MemberId("old" + random.nextInt(10)))
              : Erasure.all();
      erase(some.within(at, at + random.nextInt(80)));
      if (random.nextInt(3) == 0) {
        ming.types("new");
        kit.forgetWhatWasHeard();
      }
      page = Pasts.page(ming, cursor);
    }

    List<String> old = entries.stream().map(Heard::text).toList();
    List<String> left =
        store.keptIn("lobby").stream()
            .map(kept -> kept.split(":")[1])
            .filter(old::contains)
            .toList();
    assertThat(seen).as("seed " + seed).doesNotHaveDuplicates().containsAll(left);
    assertThat(seen).as("seed " + seed).isEqualTo(old.stream().filter(seen::contains).toList());
  }

  // ---- what is on its way ----

  @Test
  void newestPageThatWasOnItsWayIsReadAgain() {
    RoomKit small = kit(Limits.builder().tailBytes(0).build());
    Guest ming = small.enter("lobby", "小明");
    Pasts.count(ming, 1, 3);
    small.forgetWhatWasHeard();
    small.storage().hold();

    Guest lin = small.enter("lobby", "Lin");
    CompletableFuture<Integer> erased = Erased.in(small.xnest(), "lobby", Erasure.one(2));
    store.whileReading =
        () -> {
          small.storage().runNext();
          assertThat(erased).isCompletedWithValue(1);
        };
    small.storage().letGo();

    assertThat(Heard.messages(lin.hearsAll())).containsExactly("1", "3");
  }

  @Test
  void whatIsErasedWhenItWasHeardDuringALoadIsNotInIt() {
    RoomKit small = kit(Limits.builder().tailBytes(0).build());
    Guest ming = small.enter("lobby", "小明");
    Pasts.count(ming, 1, 2);
    small.forgetWhatWasHeard();
    small.storage().hold();

    Guest lin = small.enter("lobby", "Lin");
    ming.types("3");
    store.whileReading =
        () -> {
          small.storage().runNext();
          CompletableFuture<Integer> erased = Erased.in(small.xnest(), "lobby", Erasure.one(3));
          small.storage().runNext();
          assertThat(erased).isCompletedWithValue(1);
        };
    small.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("m1: 3", "join m2");
    assertThat(Heard.messages(lin.hearsAll())).containsExactly("1", "2");
  }

  @Test
  void pageThatWasOnItsWayIsSentWithoutWhatIsErased() throws IOException {
    givenEntries(120);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("@history:1");
    erase(Erasure.all().within(40, 60));
    store.whileReading = () -> kit.storage().runNext();
    kit.storage().letGo();

    assertThat(Pasts.texts(ming.hears()))
        .hasSize(29)
        .startsWith("21")
        .contains("39", "61")
        .doesNotContain("40", "60");
  }

  /** An empty one would tell the client that there is nothing further back. */
  @Test
  void pageOfWhichNothingIsLeftIsReadAgain() throws IOException {
    givenEntries(120);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("@history:1");
    erase(Erasure.all().within(15, 70));
    store.whileReading = () -> kit.storage().runNext();
    kit.storage().letGo();

    assertThat(Pasts.texts(ming.hears())).isEqualTo(Pasts.numbers(1, 14));
  }

  @Test
  void messageOfUnknownOutcomeIsHeardFirstAndErasedThen() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    ming.types("a");
    kit.forgetWhatWasHeard();
    store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);
    ming.types("b");

    CompletableFuture<Integer> erased = erase(Erasure.from(ming.id()));
    ming.types("c");
    assertThat(erased).isNotDone();
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(erased).isCompletedWithValue(2);
    assertThat(Heard.by(ming)).containsExactly("m1: b", "m1: c");
    assertThat(store.keptIn("lobby")).containsExactly("3:c");
    assertThat(welcome(kit)).containsExactly("c");
  }

  @Test
  void messageThatIsLostIsNoMatterToTheErasure() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    ming.types("a");
    store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);
    store.next.add(FaultyHistory.NOT_KEPT);
    ming.types("b");

    CompletableFuture<Integer> erased = erase(Erasure.all());
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(erased).isCompletedWithValue(1);
    ming.types("c");
    assertThat(store.keptIn("lobby")).containsExactly("2:c");
  }

  @Test
  void whatIsSaidWhileARoomIsErasedStays() throws IOException {
    givenEntries(1_200);
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();

    CompletableFuture<Integer> erased = erase(Erasure.all());
    kit.storage().runNext();
    ming.types("new");
    kit.storage().letGo();

    assertThat(erased).isCompletedWithValue(1_200);
    assertThat(store.keptIn("lobby")).containsExactly("1201:new");
    assertThat(welcome(kit)).containsExactly("new");
  }

  @Test
  void whatIsSaidAfterARoomThatWasNotOpenIsErasedStays() throws IOException {
    givenEntries(3);
    kit.storage().hold();
    kit.xnest().room("garden").eraseAll();
    CompletableFuture<Integer> erased = erase(Erasure.all());
    Guest ming = kit.enter("lobby", "小明");
    while (ming.sees().isEmpty() && kit.storage().runNext()) {}

    ming.types("later");
    kit.storage().letGo();

    assertThat(erased).isCompletedWithValue(3);
    assertThat(welcome(kit)).containsExactly("later");
  }

  @Test
  void erasureThatIsAskedForBetweenTwoReadsThatFailIsAnswered() {
    RoomKit faulty = RoomKit.create();
    Room held = faulty.xnest().rooms.hold(LOBBY);
    faulty.history().failsToRead();
    CompletableFuture<Integer> first = Erased.in(faulty.xnest(), "lobby", Erasure.all());
    CompletableFuture<Integer> second = Erased.in(faulty.xnest(), "lobby", Erasure.all());
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isNotDone();
    faulty.history().works();

    faulty.clock().turn(Duration.ofSeconds(1));

    assertThat(second).isCompletedWithValue(0);
    faulty.xnest().rooms.release(held);
    assertThat(faulty.xnest().rooms.size()).isZero();
  }

  @Test
  void appendsWaitForNoMoreThanOneStep() throws IOException {
    givenEntries(5_000);
    Guest ming = kit.enter("garden", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    erase(Erasure.all());
    kit.storage().runNext();
    ming.types("hello");
    kit.storage().runNext();

    assertThat(Heard.by(ming)).containsExactly("m1: hello");
    assertThat(store.keptIn("lobby")).hasSizeGreaterThanOrEqualTo(4_000);
  }

  @Test
  void oneSendersEntriesAreSearchedInSteps() throws IOException {
    for (long first = 1; first <= 25_000; first += 1_000) {
      store.kept.append(
          LongStream.range(first, first + 1_000)
              .mapToObj(
                  number ->
                      new HistoryEntry(
                          LOBBY,
                          number,
                          new MemberId(number % 12_000 == 7 ? "rare" : "m"),
                          "Old",
                          new Event.Said(""),
                          Instant.EPOCH))
              .toList());
    }
    CompletableFuture<Integer> erased = erase(Erasure.from(new MemberId("rare")));

    assertThat(erased).isCompletedWithValue(3);
    assertThat(store.erasures)
        .allSatisfy(step -> assertThat(step.last() - step.first()).isLessThan(10_000).isPositive())
        .hasSizeLessThan(10);
  }

  // ---- failures ----

  @Test
  void erasureThatFailsIsToldAndMayBeAskedAgain() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    Pasts.count(ming, 1, 3);
    store.unerasable = true;

    assertThat(erase(Erasure.all()))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(IOException.class)
        .withMessageContaining("unerasable");
    assertThat(welcome(kit)).containsExactly("1", "2", "3");
    store.unerasable = false;

    assertThat(erase(Erasure.all())).isCompletedWithValue(3);
    assertThat(welcome(kit)).isEmpty();
  }

  @Test
  void storeThatCannotEraseSaysSo() {
    kit.enter("lobby", "小明").types("hello");
    store.cannotErase = true;

    assertThat(erase(Erasure.all()))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(UnsupportedOperationException.class)
        .withMessageContaining("cannot erase");
  }

  @Test
  void mediaThatStayAreAFailureButNobodyIsShownTheEntry() {
    BlobStore stubborn =
        new BlobStore() {
          @Override
          public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
              throws IOException {
            blobs.put(room, id, kind, isKept, content);
          }

          @Override
          public Blob get(RoomId room, String id) throws IOException {
            return blobs.get(room, id);
          }

          @Override
          public void remove(RoomId room, String id) throws IOException {
            if (id.equals("b1")) {
              throw new IOException("stays");
            }
            blobs.remove(room, id);
          }
        };
    RoomKit any = RoomKit.create(builder -> builder.history(store).blobs(stubborn));
    Guest ming = any.enter("lobby", "小明");
    ming.sends((byte) 2, (byte) 42);
    ming.sends((byte) 2, (byte) 43);

    assertThat(Erased.in(any.xnest(), "lobby", Erasure.all()))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining("the entries are erased, but not all of their media");
    assertThat(welcome(any)).isEmpty();
    assertThat(blobs).satisfies(store -> assertThat(store.get(LOBBY, "b2")).isNull());
  }
}
