package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§2 one order")
class OneOrderTest {
  private static final int PAGE_BYTES = 900;

  /** The store answers when {@code kit.storage()} lets it. */
  final RoomKit kit =
      RoomKit.create(
          builder ->
              builder
                  .history(new FaultyHistory())
                  .limits(Limits.builder().tailBytes(0).pageBytes(PAGE_BYTES).build()));

  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  private Guest givenSomebodyWhoStoresNothing() {
    return kit.enter(Entry.of(new RoomId("lobby"), "Ghost").withStoresHistory(false));
  }

  @Test
  void everybodyHearsTheSameInTheSameOrder() {
    kit.forgetWhatWasHeard();

    ming.types("one");
    lin.types("@changename:林");
    Guest wei = kit.enter("lobby", "Wei");
    lin.sends((byte) 2, (byte) 42);
    wei.types("two");
    wei.leaves();
    ming.types("three");

    List<Frame> all = ming.hearsAll();
    assertThat(all)
        .containsExactly(
            ming.said("one"),
            lin.renamed("林"),
            wei.joined(),
            lin.shared(BlobKind.PICTURE, "b1"),
            wei.said("two"),
            wei.left(),
            ming.said("three"));
    assertThat(lin.hearsAll()).isEqualTo(all);
    assertThat(wei.hearsAll().subList(4, 7)).isEqualTo(all.subList(2, 5));
  }

  @Test
  void framesAfterMembersAreExactlyTheEventsAfterThatSnapshot() {
    kit.storage().hold();
    Guest wei = kit.enter("lobby", "Wei");
    ming.types("@changename:大明");
    kit.forgetWhatWasHeard();

    kit.storage().letGo();
    ming.types("hi");

    List<Frame> heard = wei.hearsAll();
    assertThat(heard.get(2).event())
        .isEqualTo(
            new Event.Listed(
                List.of(
                    new Member(ming.id(), "大明"),
                    new Member(lin.id(), "Lin"),
                    new Member(wei.id(), "Wei"))));
    assertThat(heard.subList(4, heard.size())).containsExactly(wei.joined(), ming.said("hi"));
  }

  @Test
  void messageOnItsWayToTheStoreIsHeardLiveByWhoHasJoinedMeanwhile() {
    ming.types("old");
    kit.storage().hold();
    Guest wei = kit.enter("lobby", "Wei");
    ming.types("new");

    kit.storage().letGo();

    List<Frame> heard = wei.hearsAll();
    assertThat(Pasts.texts(heard.get(3))).containsExactly("old");
    assertThat(heard.subList(4, heard.size())).containsExactly(wei.joined(), ming.said("new"));
  }

  @Test
  void messageKeptBeforeTheWelcomeIsInItsHistoryAndNotHeardAgain() {
    kit.storage().hold();
    ming.types("new");
    Guest wei = kit.enter("lobby", "Wei");

    kit.storage().letGo();

    List<Frame> heard = wei.hearsAll();
    assertThat(Pasts.texts(heard.get(3))).containsExactly("new");
    assertThat(heard.subList(4, heard.size())).containsExactly(wei.joined());
  }

  @Test
  void historyHasNoGapWhenMuchIsHeardWhileItIsRead() {
    String large = "x".repeat(PAGE_BYTES * 2 / 3);
    kit.storage().hold();
    ming.types("small");
    ming.types("1" + large);
    ming.types("2" + large);
    kit.storage().runNext();
    Guest wei = kit.enter("lobby", "Wei");

    kit.storage().letGo();

    assertThat(Pasts.texts(wei.hearsAll().get(3))).containsExactly("2" + large);
  }

  @Test
  void nobodyHearsOfAMemberItWasNotToldOf() {
    kit.storage().hold();
    Guest wei = kit.enter("lobby", "Wei");
    kit.forgetWhatWasHeard();

    wei.types("too early");
    wei.types("@to:" + lin.id() + "|psst");
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(lin.hearsAll())
        .containsExactly(wei.joined(), wei.said("too early"), wei.whispered("psst"));
  }

  @Test
  void whatOneMemberSendsIsHeardInTheOrderItWasSent() {
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("one");
    ming.types("@changename:大明");
    ming.sends((byte) 1, (byte) 42);
    ming.types("@to:" + lin.id() + "|psst");
    ming.types("two");
    kit.storage().letGo();

    assertThat(lin.hearsAll())
        .containsExactly(
            ming.said("one"),
            ming.renamed("大明"),
            ming.shared(BlobKind.AUDIO, "b1"),
            ming.whispered("psst"),
            ming.said("two"));
  }

  @Test
  void uploadHoldsBackItsSenderAndNobodyElse() {
    Guest ghost = givenSomebodyWhoStoresNothing();
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.sends((byte) 2, (byte) 42);
    ming.types("@changename:大明");
    ghost.types("meanwhile");
    lin.types("@changename:林");

    assertThat(lin.hearsAll()).containsExactly(ghost.said("meanwhile"), lin.renamed("林"));
    kit.storage().letGo();
    assertThat(lin.hearsAll())
        .containsExactly(ming.shared(BlobKind.PICTURE, "b1"), ming.renamed("大明"));
  }

  @Test
  void keptMessageIsNotHeardBeforeItIsKept() {
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("one");
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(lin.hears()).isEqualTo(ming.said("one"));
  }

  @Test
  void sendTimeIsTakenOncePerEvent() {
    kit.forgetWhatWasHeard();

    ming.types("hi");

    String json = ming.hearsJson();
    assertThat(json).contains("\"send_time\":\"2015-4-8 14:2:6\"");
    assertThat(lin.hearsJson()).isEqualTo(json);
  }
}
