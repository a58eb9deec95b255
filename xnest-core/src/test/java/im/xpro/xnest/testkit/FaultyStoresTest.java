package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.testkit.FaultyHistory.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class FaultyStoresTest {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  FaultyStoresTest() {
    kit.forgetWhatWasHeard();
  }

  private List<HistoryEntry> page() {
    kit.forgetWhatWasHeard();
    lin.asksForPage(0);
    return lin.hearsPage();
  }

  @Test
  void messageThatIsNotKeptIsNotHeard() {
    kit.history().failsNext(Fault.NOTHING_KEPT);

    ming.types("lost");
    ming.types("kept");

    ming.hears(ming.failed("the message could not be kept"), ming.said("kept"));
    lin.hears(ming.said("kept"));
    assertThat(page()).hasSize(1);
  }

  @Test
  void messageOfUnknownOutcomeIsHeardOnceItIsKept() throws IOException {
    kit.history().failsNext(Fault.UNKNOWN_NOT_KEPT, Fault.UNKNOWN_BUT_KEPT);

    var said = ming.said("hello");
    ming.types("hello");
    assertThat(kit.history().last(lin.entry().room())).isZero();
    kit.clock().turn(FIRST_PAUSE);
    assertThat(kit.history().last(lin.entry().room())).isOne();
    lin.hearsNothing();
    kit.clock().turn(FIRST_PAUSE.multipliedBy(2));

    lin.hears(said);
    assertThat(page()).hasSize(1);
  }

  @Test
  void roomWithAnotherWriterRefusesAllThatFollows() {
    kit.history().failsNext(Fault.CONFLICT);

    ming.types("one");
    ming.types("two");

    ming.hears(
        ming.failed("the message could not be kept"), ming.failed("the message could not be kept"));
    kit.expectNothingUnread();
  }

  @Test
  void storeFailsUntilItWorks() {
    kit.history().fails(Fault.NOTHING_KEPT);
    ming.types("one");
    ming.types("two");
    lin.hearsNothing();

    kit.history().works();
    ming.types("three");

    lin.hears(ming.said("three"));
  }

  @Test
  void unreadableStoreTurnsNewcomersOfANewRoomAway() {
    kit.history().failsToRead();
    Guest wei = kit.enter("garden", "Wei");
    kit.clock().turn(kit.xnest().limits().storeTime());
    assertThat(wei.closeCode()).isEqualTo(1013);

    kit.history().works();

    assertThat(wei.comesBack().closeCode()).isNull();
  }

  @Test
  void mediaThatAreNotStoredAreNotHeard() {
    kit.blobs().fails();
    ming.uploads(BlobKind.FILE, (byte) 1);
    ming.hears(ming.failed("the media could not be stored"));

    kit.blobs().works();
    ming.uploads(BlobKind.FILE, (byte) 1);

    lin.hears(ming.shared(BlobKind.FILE, "b2"));
    lin.hearsNothing();
  }

  @Test
  void slowStorageTakesItsTimeByTheClock() {
    kit.storage().takes(Duration.ofSeconds(2));
    var said = ming.said("hello");
    ming.types("hello");

    kit.clock().turn(Duration.ofMillis(1_999));
    lin.hearsNothing();
    kit.clock().turn(Duration.ofMillis(1));

    lin.hears(said);
    kit.storage().takes(Duration.ZERO);
    lin.types("fast again");
    ming.hears(said, lin.said("fast again"));
  }

  @Test
  void pausedStorageHoldsMessagesAndMediaBack() {
    kit.storage().hold();
    ming.types("hello");
    lin.uploads(BlobKind.FILE, (byte) 1);
    kit.expectNothingUnread();

    kit.storage().letGo();

    ming.hears(ming.said("hello"), lin.shared(BlobKind.FILE, "b1"));
  }

  @Test
  void negativeTimesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kit.storage().takes(Duration.ofMillis(-1)))
        .withMessage("each is PT-0.001S, must be 0 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kit.clock().turn(Duration.ofMillis(-1)))
        .withMessage("duration is PT-0.001S, must be 0 or more");
  }

  @TestFactory
  Stream<DynamicTest> historyThatWorksKeepsTheContract() {
    return HistoryStoreContract.checks(
            () -> {
              HistoryStore kept = HistoryStore.inMemory(10_000);
              return () -> FaultyHistory.around(kept);
            })
        .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
  }
}
