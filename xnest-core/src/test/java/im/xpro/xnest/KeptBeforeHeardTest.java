package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("kept before heard")
class KeptBeforeHeardTest {
  static final Duration PAUSE = Duration.ofMillis(100);
  static final Duration STORE_TIME = Limits.defaults().storeTime();

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(reports));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  KeptBeforeHeardTest() {
    kit.forgetWhatWasHeard();
  }

  Guest enterUnstored(String nickname) {
    Guest guest = kit.enter(Entry.of(new RoomId("lobby"), nickname).withStoresHistory(false));
    kit.forgetWhatWasHeard();
    return guest;
  }

  @Test
  void messageIsHeardOnlyOnceItIsKept() throws IOException {
    kit.storage().hold();

    ming.types("hello");
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("m1: hello");
    assertThat(Heard.by(lin)).containsExactly("m1: hello");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello");
  }

  @Test
  void messagesAreHeardAndKeptInTheOrderInWhichTheyCame() throws IOException {
    kit.storage().hold();

    ming.types("a");
    lin.types("b");
    ming.types("c");
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: a", "m2: b", "m1: c");
    assertThat(store.keptIn("lobby")).containsExactly("1:a", "2:b", "3:c");
    assertThat(store.appendedTexts()).containsExactly(List.of("a"), List.of("b", "c"));
  }

  @Test
  void whatWaitsIsOneBatchAtATime() {
    kit.storage().hold();

    ming.types("a");
    ming.types("b");

    assertThat(kit.storage().waiting()).isEqualTo(1);
  }

  @Test
  void inMemoryStoreTakesNoStorageThread() {
    RoomKit inMemory = RoomKit.create(builder -> builder.history(HistoryStore.inMemory(1_000)));
    inMemory.storage().hold();

    Guest wei = inMemory.enter("lobby", "Wei");
    wei.types("hello");
    wei.types("@history:0");

    assertThat(Heard.by(wei))
        .containsExactly(
            "self",
            "count 1",
            "members [m1]",
            "history []",
            "join m1",
            "m1: hello",
            "history [hello]");
    assertThat(inMemory.storage().waiting()).isZero();
  }

  // ---- the outcome is not known ----

  @Test
  void appendThatFailsIsRepeatedUntilItIsKept() throws IOException {
    store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);
    store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);

    ming.types("hello");
    kit.clock().turn(PAUSE);
    kit.expectNothingUnread();
    kit.clock().turn(PAUSE.multipliedBy(2));

    assertThat(Heard.by(ming)).containsExactly("m1: hello");
    assertThat(Heard.by(lin)).containsExactly("m1: hello");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello");
    assertThat(store.appends).hasSize(3).containsOnly(store.appends.get(0));
    assertThat(reports.failures).containsOnly("appending messages of room 'lobby'").hasSize(2);
  }

  @Test
  void messageThatWasKeptAfterAllIsKeptAndHeardOnce() throws IOException {
    store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);

    ming.types("hello");
    kit.expectNothingUnread();
    kit.clock().turn(PAUSE);

    assertThat(Heard.by(lin)).containsExactly("m1: hello");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello");
  }

  @Test
  void nothingNewerOvertakesAMessageOfUnknownOutcome() throws IOException {
    store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);

    ming.types("first");
    lin.types("second");
    kit.expectNothingUnread();
    kit.clock().turn(PAUSE);

    assertThat(Heard.by(ming)).containsExactly("m1: first", "m2: second");
    assertThat(store.keptIn("lobby")).containsExactly("1:first", "2:second");
  }

  @Test
  void errorThrownByAStoreIsAnUnknownOutcome() throws IOException {
    store.next.add(FaultyHistory.ERROR);

    ming.types("hello");
    kit.clock().turn(PAUSE);

    assertThat(Heard.by(lin)).containsExactly("m1: hello");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello");
  }

  @Test
  void pausesBetweenRepeatsGrowButStayBelowTenSeconds() {
    store.rooms.put(new RoomId("lobby"), FaultyHistory.UNKNOWN_NOT_KEPT);

    ming.types("hello");
    kit.clock().turn(Duration.ofSeconds(13));
    int soon = store.appends.size();
    kit.clock().turn(Duration.ofSeconds(64));

    assertThat(soon).isEqualTo(8);
    assertThat(store.appends).hasSize(18);
  }

  // ---- it is lost ----

  @Test
  void knownLossIsToldToItsSenderAndNobodyElse() {
    store.next.add(FaultyHistory.NOT_KEPT);

    ming.types("hello");

    assertThat(ming.hears()).isEqualTo(ming.failed(Keeper.LOST));
    kit.expectNothingUnread();
  }

  @Test
  void numberOfALostMessageGoesToTheNext() throws IOException {
    store.next.add(FaultyHistory.NOT_KEPT);

    ming.types("lost");
    ming.types("kept");

    assertThat(store.keptIn("lobby")).containsExactly("1:kept");
    assertThat(Heard.by(lin)).containsExactly("m1: kept");
  }

  @Test
  void collisionMakesItsRoomRefuseMessages() throws IOException {
    store.next.add(FaultyHistory.CONFLICT);

    ming.types("collides");
    lin.types("too late");

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.LOST);
    assertThat(Heard.by(lin)).containsExactly("error " + Keeper.LOST);
    assertThat(store.appends).hasSize(1);
    assertThat(store.keptIn("lobby")).isEmpty();
    assertThat(reports.causes).singleElement().isInstanceOf(HistoryStore.ConflictException.class);
  }

  @Test
  void collisionLeavesTheRestOfItsRoomAlone() {
    Guest wei = enterUnstored("Wei");
    store.next.add(FaultyHistory.CONFLICT);
    ming.types("collides");
    kit.forgetWhatWasHeard();

    wei.types("unstored");
    lin.types("@to:" + ming.id() + "|psst");
    lin.types("@changename:Lynn");

    assertThat(Heard.by(ming)).containsExactly("m3: unstored", "m2 whispers psst", "m2 is Lynn");
  }

  @Test
  void collisionLeavesOtherRoomsAlone() {
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    store.next.add(FaultyHistory.CONFLICT);

    ming.types("collides");
    wei.types("hello");

    assertThat(Heard.by(wei)).containsExactly("m3: hello");
  }

  // ---- the store does not answer ----

  @Test
  void senderHearsAfterADeadlineThatItsMessageIsPerhapsKept() {
    kit.storage().hold();
    ming.types("hello");

    kit.clock().turn(STORE_TIME.minusMillis(1));
    kit.expectNothingUnread();
    kit.clock().turn(Duration.ofMillis(1));

    assertThat(ming.hears()).isEqualTo(ming.failed(Keeper.PERHAPS));
    kit.expectNothingUnread();
  }

  @Test
  void deadlineOfALaterBatchIsAtMostTwiceAsLong() {
    ming.types("kept at once");
    kit.forgetWhatWasHeard();
    kit.clock().turn(Duration.ofMillis(1));
    kit.storage().hold();
    lin.types("hello");

    kit.clock().turn(STORE_TIME.multipliedBy(2));

    assertThat(Heard.by(lin)).containsExactly("error " + Keeper.PERHAPS);
  }

  @Test
  void deadlineOfALaterBatchIsNotThatOfAnEarlierOne() {
    ming.types("kept at once");
    kit.forgetWhatWasHeard();
    kit.clock().turn(STORE_TIME.minusMillis(1));
    kit.storage().hold();
    lin.types("hello");

    kit.clock().turn(Duration.ofMillis(1));

    kit.expectNothingUnread();
  }

  @Test
  void whatWaitsBehindAStoreThatDoesNotAnswerIsAKnownLoss() throws IOException {
    kit.storage().hold();
    ming.types("perhaps");
    ming.types("never");
    lin.types("never either");

    kit.clock().turn(STORE_TIME);
    lin.types("nor this");

    assertThat(Heard.by(ming))
        .containsExactly("error " + Keeper.PERHAPS, "error " + Keeper.NO_ANSWER);
    assertThat(Heard.by(lin))
        .containsExactly("error " + Keeper.NO_ANSWER, "error " + Keeper.NO_ANSWER);
    kit.storage().letGo();
    assertThat(store.keptIn("lobby")).containsExactly("1:perhaps");
  }

  @Test
  void whatTurnsOutKeptIsDeliveredBeforeAnythingNewer() throws IOException {
    kit.storage().hold();
    ming.types("perhaps");
    kit.clock().turn(STORE_TIME);
    kit.forgetWhatWasHeard();

    kit.storage().letGo();
    lin.types("newer");

    assertThat(Heard.by(ming)).containsExactly("m1: perhaps", "m2: newer");
    assertThat(Heard.by(lin)).containsExactly("m1: perhaps", "m2: newer");
    assertThat(store.keptIn("lobby")).containsExactly("1:perhaps", "2:newer");
  }

  @Test
  void whatTurnsOutLostIsToldToItsSender() {
    kit.storage().hold();
    ming.types("perhaps");
    kit.clock().turn(STORE_TIME);
    kit.forgetWhatWasHeard();
    store.next.add(FaultyHistory.NOT_KEPT);

    kit.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.LOST);
    kit.expectNothingUnread();
  }

  @Test
  void storeThatAnswersAgainHasItsDeadlineAgain() {
    kit.storage().hold();
    ming.types("perhaps");
    kit.clock().turn(STORE_TIME);
    kit.storage().letGo();
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("again");
    kit.clock().turn(STORE_TIME);

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.PERHAPS);
  }

  // ---- who waits, and who does not ----

  @Test
  void nothingOvertakesItsOwnSender() {
    kit.storage().hold();

    ming.types("first");
    ming.types("@to:" + lin.id() + "|second");
    ming.types("@changename:third");
    ming.types("@nonsense is said");
    ming.types("@to:nobody");
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin))
        .containsExactly("m1: first", "m1 whispers second", "m1 is third", "m1: @nonsense is said");
    assertThat(Heard.by(ming).get(3)).startsWith("error a private message");
  }

  @Test
  void othersAreHeardWhileAMessageWaits() {
    Guest wei = enterUnstored("Wei");
    Guest guo = kit.enter("lobby", "Guo");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    ming.types("waits");

    wei.types("unstored");
    lin.types("@changename:Lynn");
    lin.types("@to:" + wei.id() + "|psst");
    guo.leaves();
    kit.enter("lobby", "An");

    assertThat(Heard.by(lin)).containsExactly("m3: unstored", "m2 is Lynn", "leave m4", "join m5");
    assertThat(Heard.by(wei)).contains("m2 whispers psst");
    kit.storage().letGo();
    assertThat(Heard.by(lin)).containsExactly("m1: waits");
  }

  @Test
  void leaveWaitsForTheLastWords() {
    kit.storage().hold();

    ming.types("farewell");
    ming.leaves();
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: farewell", "leave m1");
  }

  @Test
  void whatIsHandedInBehindALeaveIsIgnored() {
    kit.storage().hold();

    ming.types("farewell");
    ming.leaves();
    ming.types("ghost");
    ming.leaves();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: farewell", "leave m1");
  }

  @Test
  void leaveWaitsForWordsThatArePerhapsKept() {
    kit.storage().hold();
    ming.types("farewell");
    kit.clock().turn(STORE_TIME);
    kit.forgetWhatWasHeard();

    ming.leaves();
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: farewell", "leave m1");
  }

  @Test
  void leaveFollowsWordsThatAreLost() {
    kit.storage().hold();
    store.next.add(FaultyHistory.NOT_KEPT);

    ming.types("farewell");
    ming.leaves();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("leave m1");
  }

  @Test
  void unstoredMessagesNeverReachTheStore() throws IOException {
    Guest wei = enterUnstored("Wei");
    kit.storage().hold();

    wei.types("unstored");

    assertThat(Heard.by(ming)).containsExactly("m3: unstored");
    assertThat(kit.storage().waiting()).isZero();
    assertThat(store.keptIn("lobby")).isEmpty();
  }

  @Test
  void historyNamesTheAuthorAsItWasCalledThen() {
    ming.types("as Ming");
    ming.types("@changename:Tiger");
    ming.types("as Tiger");

    assertThat(store.appends.get(0).get(0).nickname()).isEqualTo("小明");
    assertThat(store.appends.get(1).get(0).nickname()).isEqualTo("Tiger");
  }

  // ---- threads are wanting ----

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void storageExecutorThatRefusesIsAskedAgain(boolean outOfThreads) {
    boolean[] refusing = {false};
    Executor moody =
        task -> {
          if (refusing[0] && outOfThreads) {
            throw new OutOfMemoryError("unable to create native thread");
          } else if (refusing[0]) {
            throw new RejectedExecutionException("full");
          }
          task.run();
        };
    RoomKit other =
        RoomKit.create(builder -> builder.history(store).listener(reports).storageExecutor(moody));
    Guest wei = other.enter("lobby", "Wei");
    other.forgetWhatWasHeard();
    refusing[0] = true;
    wei.types("hello");
    wei.types("@history:0");
    wei.hearsNothing();

    refusing[0] = false;
    other.clock().turn(PAUSE);

    assertThat(Heard.by(wei)).containsExactly("m1: hello", "history [hello]");
    assertThat(reports.failures).containsExactly("handing messages to the storage thread");
  }
}
