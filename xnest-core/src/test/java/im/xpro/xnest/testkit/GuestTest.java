package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Limits;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GuestTest {
  private static final Duration SILENCE = Limits.defaults().silence();

  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  GuestTest() {
    kit.forgetWhatWasHeard();
  }

  @Test
  void whispersToOneAlone() {
    Guest wei = kit.enter("lobby", "Wei");
    kit.forgetWhatWasHeard();

    ming.whispers(lin, "psst");
    ming.whispers(wei.id(), "and you");
    ming.whispers(new MemberId("nobody"), "?");

    lin.hears(ming.whispered("psst"));
    wei.hears(ming.whispered("and you"));
    ming.hears(ming.failed("no member of this room has that id"));
    kit.expectNothingUnread();
  }

  @Test
  void renamesItself() {
    ming.renames("大明");

    lin.hears(ming.renamed("大明"));
    assertThat(ming).hasToString("大明 (m1)");
    assertThat(lin.sees()).contains(new Member(ming.id(), "大明"));
  }

  @Test
  void pagesThroughThePast() {
    ming.types("one");
    ming.types("two");
    kit.forgetWhatWasHeard();

    lin.asksForPage(0);

    assertThat(lin.hearsPage())
        .extracting(HistoryEntry::message)
        .containsExactly(new Event.Said("one"), new Event.Said("two"));
    kit.expectNothingUnread();
  }

  @Test
  void welcomeIsFourFramesAndTheNewestPage() {
    ming.types("one");

    Guest wei = kit.enter("lobby", "Wei");

    assertThat(wei.hearsWelcome())
        .extracting(HistoryEntry::message)
        .containsExactly(new Event.Said("one"));
    wei.hears(wei.joined());
    wei.types("hi");
    assertThatThrownBy(wei::hearsWelcome)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(
            "Wei (m3) should hear its welcome, but hears\n  14:02:06.000 [lobby]");
  }

  @Test
  void uploadsMediaOfEachKind() throws Exception {
    ming.uploads(BlobKind.AUDIO, (byte) 7);
    ming.uploads(BlobKind.PICTURE, (byte) 7, (byte) 8);
    ming.uploads(BlobKind.FILE, (byte) 7);

    lin.hears(
        ming.shared(BlobKind.AUDIO, "b1"),
        ming.shared(BlobKind.PICTURE, "b2"),
        ming.shared(BlobKind.FILE, "b3"));
    assertThat(kit.blobs().get(ming.entry().room(), "b2").open(0))
        .hasBinaryContent(new byte[] {7, 8});
  }

  @Test
  void seesWhoIsThereByWhatItWasTold() {
    Guest wei = kit.enter("lobby", "Wei");
    ming.leaves();

    assertThat(lin.sees()).extracting(Member::nickname).containsExactly("Lin", "Wei");
    assertThat(lin.sees("Wei").said("hi")).isEqualTo(wei.said("hi"));
    assertThat(lin.sees("Wei").joined()).isEqualTo(wei.joined());
  }

  @Test
  void whoBringsNoNameIsCalledAsTheRoomCallsIt() {
    Guest somebody = kit.enter("lobby", "");

    lin.hears(somebody.joined());
    assertThat(somebody).hasToString("guest1 (m3)");
  }

  // ---- its connection ----

  @Test
  void whoVanishesIsAMemberUntilTheServerNotices() {
    ming.vanishes();
    lin.types("are you there?");
    kit.forgetWhatWasHeard();
    ming.hearsNothing();

    kit.clock().turn(SILENCE.minusMillis(1));
    lin.hearsNothing();
    kit.clock().turn(Duration.ofMillis(1));

    lin.hears(ming.left());
    assertThat(ming.closeCode()).isNull();
  }

  @Test
  void whoHasVanishedCanDoNothing() {
    ming.vanishes();

    assertThatIllegalStateException()
        .isThrownBy(() -> ming.types("boo"))
        .withMessage("小明 (m1) has vanished");
    assertThatIllegalStateException().isThrownBy(ming::leaves);
    assertThatIllegalStateException().isThrownBy(ming::readsOn);
  }

  @Test
  void whoComesBackBeforeItIsMissedIsThereTwice() {
    ming.vanishes();
    Guest again = ming.comesBack();
    lin.hears(again.joined());
    assertThat(lin.sees()).hasSize(3);

    kit.clock().turn(SILENCE);

    lin.hears(ming.left());
    assertThat(lin.sees("小明").id()).isEqualTo(again.id());
  }

  @Test
  void whoStopsReadingHearsLaterWhatWaited() {
    ming.stopsReading();
    lin.types("one");
    lin.types("two");
    ming.hearsNothing();

    ming.readsOn();

    ming.hears(lin.said("one"), lin.said("two"));
    lin.types("three");
    ming.hears(lin.said("three"));
  }

  @Test
  void whoStopsReadingIsLetGoOnceTooMuchWaits() {
    RoomKit small = RoomKit.create(b -> b.limits(Limits.builder().outboxBytes(1_000).build()));
    Guest slow = small.enter("lobby", "Slow");
    Guest bo = small.enter("lobby", "Bo");
    small.forgetWhatWasHeard();
    slow.stopsReading();

    for (int i = 0; i < 20 && slow.closeCode() == null; i++) {
      bo.types("x".repeat(300));
    }

    assertThat(slow.closeCode()).isEqualTo(1013);
    assertThat(bo.hearsAll()).contains(slow.left());
    slow.readsOn();
    assertThat(slow.hearsAll()).hasSize(2);
  }

  @Test
  void whoReadsOnInTimeStartsWithAnEmptyConnection() {
    RoomKit small = RoomKit.create(b -> b.limits(Limits.builder().outboxBytes(1_000).build()));
    Guest slow = small.enter("lobby", "Slow");
    Guest bo = small.enter("lobby", "Bo");

    for (int i = 0; i < 10; i++) {
      slow.stopsReading();
      bo.types("x".repeat(300));
      slow.readsOn();
    }

    assertThat(slow.closeCode()).isNull();
  }

  @Test
  void whoStallsIsLetGoAndMayComeBack() {
    ming.stalls();
    lin.types("hello");
    assertThat(ming.closeCode()).isEqualTo(1013);

    Guest again = ming.comesBack();

    assertThat(again.id()).isNotEqualTo(ming.id());
    assertThat(again.sees("Lin").id()).isEqualTo(lin.id());
    again.types("sorry");
    assertThat(lin.hearsAll()).endsWith(again.joined(), again.said("sorry"));
  }
}
