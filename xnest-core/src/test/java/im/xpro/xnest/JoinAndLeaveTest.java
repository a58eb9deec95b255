package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§2 join and leave")
class JoinAndLeaveTest {
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.listener(reports));

  @Test
  void everybodyHearsAJoinTheJoinerAsItsFifthFrame() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(ming.hears()).isEqualTo(lin.joined());
    assertThat(lin.hearsAll()).hasSize(5).last().isEqualTo(lin.joined());
    kit.expectNothingUnread();
  }

  @Test
  void everybodyWhoStaysHearsALeave() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    Guest wei = kit.enter("lobby", "Wei");
    kit.forgetWhatWasHeard();

    ming.leaves();

    assertThat(lin.hears()).isEqualTo(ming.left());
    assertThat(wei.hears()).isEqualTo(ming.left());
    kit.expectNothingUnread();
  }

  @Test
  void whatWasSaidBeforeLeavingIsHeardBeforeTheLeave() {
    RoomKit slow = RoomKit.create(builder -> builder.history(new FaultyHistory()));
    Guest ming = slow.enter("lobby", "小明");
    Guest lin = slow.enter("lobby", "Lin");
    slow.forgetWhatWasHeard();
    slow.storage().hold();

    ming.types("bye");
    ming.leaves();
    slow.storage().letGo();

    assertThat(lin.hearsAll()).containsExactly(ming.said("bye"), ming.left());
  }

  @Test
  void whatIsHandedInAfterLeavingIsIgnored() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    ming.leaves();
    ming.types("am I still there?");
    ming.leaves();

    assertThat(lin.hearsAll()).containsExactly(ming.left());
  }

  @Test
  void nothingIsHeardInOtherRooms() {
    Guest wei = kit.enter("garden", "Wei");
    kit.forgetWhatWasHeard();

    Guest ming = kit.enter("lobby", "小明");
    ming.types("大家好");
    ming.types("@changename:大明");
    ming.sends((byte) 2, (byte) 1);
    ming.leaves();

    wei.hearsNothing();
  }

  @Test
  void roomComesIntoBeingWithItsFirstMemberAndGoesWithItsLast() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    ming.leaves();
    lin.leaves();
    kit.enter("lobby", "Wei");

    assertThat(reports.events)
        .containsExactly(
            "opened lobby",
            "joined lobby m1",
            "joined lobby m2",
            "left lobby m1",
            "left lobby m2",
            "closed lobby",
            "opened lobby",
            "joined lobby m3");
  }

  @Test
  void historyIsStillThereWhenTheRoomComesBack() {
    Guest ming = kit.enter("lobby", "小明");
    ming.types("大家好");
    ming.leaves();

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(Pasts.texts(lin.hearsAll().get(3))).containsExactly("大家好");
  }

  @Test
  void secondJoinWithTheSameNicknameKeepsBoth() {
    Guest one = kit.enter("lobby", "Lin");
    Guest other = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    one.leaves();

    assertThat(one.id()).isNotEqualTo(other.id());
    assertThat(other.hears()).isEqualTo(one.left());
    assertThat(other.closeCode()).isNull();
  }
}
