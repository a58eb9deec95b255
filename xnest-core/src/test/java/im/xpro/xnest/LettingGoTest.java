package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§5 who reads too slowly, and a server going away")
class LettingGoTest {
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.listener(reports));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  @Test
  void memberTooFarBehindIsClosedWith1013AndTheOthersHearItsLeave() {
    kit.forgetWhatWasHeard();
    lin.stalls();

    ming.types("hi");
    ming.types("again");

    assertThat(lin.closeCode()).isEqualTo(1013);
    assertThat(ming.hearsAll()).containsExactly(ming.said("hi"), lin.left(), ming.said("again"));
    lin.hearsNothing();
  }

  @Test
  void whoIsBehindWithWhatIsForItAloneIsLetGoToo() {
    lin.stalls();

    ming.types("@to:" + lin.id() + "|psst");

    assertThat(lin.closeCode()).isEqualTo(1013);
  }

  @Test
  void listenerHearsOfItUnderThePresentName() {
    List<Member> letGo = new ArrayList<>();
    XnestListener listener =
        new XnestListener() {
          @Override
          public void letGo(RoomId room, Member member) {
            letGo.add(member);
          }
        };
    RoomKit heard = RoomKit.create(builder -> builder.listener(listener));
    Guest wei = heard.enter("lobby", "Wei");
    wei.types("@changename:伟");
    wei.stalls();

    wei.types("hi");

    assertThat(letGo).containsExactly(new Member(wei.id(), "伟"));
  }

  @Test
  void whatTheSlowOneHadSaidIsStillHeard() {
    RoomKit slow = RoomKit.create(builder -> builder.history(new FaultyHistory()));
    Guest bo = slow.enter("lobby", "Bo");
    Guest wei = slow.enter("lobby", "Wei");
    slow.forgetWhatWasHeard();
    slow.storage().hold();
    wei.types("last words");
    wei.stalls();

    bo.types("@changename:Bob");
    slow.storage().letGo();

    assertThat(bo.hearsAll())
        .containsExactly(bo.renamed("Bob"), wei.said("last words"), wei.left());
  }

  @Test
  void serverGoingAwayClosesEverybodyWith1001() {
    Guest wei = kit.enter("garden", "Wei");

    kit.xnest().close();

    assertThat(List.of(ming.closeCode(), lin.closeCode(), wei.closeCode()))
        .containsExactly(1001, 1001, 1001);
  }

  @Test
  void whatWasSaidBeforeGoingAwayIsKept() {
    ming.types("hi");

    kit.xnest().close();

    assertThat(lin.hearsAll()).contains(ming.said("hi"));
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void whoComesWhileTheServerIsGoingAwayIsClosedWith1001() {
    kit.xnest().close();

    Guest late = kit.enter("lobby", "Late");

    assertThat(late.closeCode()).isEqualTo(1001);
  }

  /** Everything it is asked for goes wrong. */
  private static final class BrokenOutlet implements Outlet {
    boolean broken;

    private void fail() {
      if (broken) {
        throw new IllegalStateException("broken");
      }
    }

    @Override
    public boolean offer(Outgoing frames) {
      fail();
      return true;
    }

    @Override
    public void close(int code, String reason) {
      fail();
    }
  }

  @Test
  void outletThatThrowsCostsItsOwnMemberOnly() {
    BrokenOutlet outlet = new BrokenOutlet();
    Inlet inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Broken"), outlet);
    kit.forgetWhatWasHeard();
    outlet.broken = true;

    ming.types("hi");

    assertThat(lin.hearsAll()).hasSize(2).first().isEqualTo(ming.said("hi"));
    assertThat(reports.events).contains("letGo lobby " + inlet.id());
    assertThat(reports.failures).hasSize(2);
  }
}
