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
  final List<Member> letGo = new ArrayList<>();
  final List<Throwable> failures = new ArrayList<>();
  final RoomKit kit = RoomKit.create(builder -> builder.listener(new Recorder()));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  final class Recorder implements XnestListener {
    @Override
    public void letGo(RoomId room, Member member) {
      letGo.add(member);
    }

    @Override
    public void failed(String doing, Throwable cause) {
      failures.add(cause);
    }
  }

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
    lin.types("@changename:林");
    lin.stalls();

    ming.types("hi");

    assertThat(letGo).containsExactly(new Member(lin.id(), "林"));
  }

  @Test
  void whatTheSlowOneHadSaidIsStillHeard() {
    RoomKit slow = RoomKit.create(builder -> builder.history(new OffThreadHistory()));
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
    assertThat(failures).isEmpty();
  }

  @Test
  void whoComesWhileTheServerIsGoingAwayIsClosedWith1001() {
    kit.xnest().close();

    Guest late = kit.enter("lobby", "Late");

    assertThat(late.closeCode()).isEqualTo(1001);
  }

  /** Everything it is asked for goes wrong. */
  private static class BrokenOutlet implements Outlet {
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

    @Override
    public void pause() {
      fail();
    }

    @Override
    public void resume() {
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
    assertThat(letGo).containsExactly(new Member(inlet.id(), "Broken"));
    assertThat(failures).hasSize(2);
  }
}
