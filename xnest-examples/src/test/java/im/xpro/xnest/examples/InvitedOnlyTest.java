package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InvitedOnlyTest {
  final InvitedOnly rule = new InvitedOnly(Map.of("i-1", "小明", "i-2", "Lin"));
  final RoomKit kit = RoomKit.create(builder -> builder.admission(rule));
  final Entry wish = Entry.of(new RoomId("party"), "Somebody");

  @Test
  void whoIsInvitedEntersUnderTheNameOnTheInvitation() {
    Guest ming = kit.knocks(wish.withParameter("invitation", "i-1")).entered();
    kit.forgetWhatWasHeard();

    Guest lin = kit.knocks(wish.withParameter("invitation", "i-2")).entered();

    ming.hears(lin.joined());
    assertThat(ming.sees("Lin").id()).isEqualTo(lin.id());
    assertThat(lin.entry().grant().identity()).isEqualTo("invited:Lin");
  }

  @Test
  void nameOnTheInvitationStays() {
    Guest ming = kit.knocks(wish.withParameter("invitation", "i-1")).entered();
    kit.forgetWhatWasHeard();

    ming.renames("大明");

    ming.hears(ming.failed("you may not change your name here"));
  }

  @Test
  void whoBringsNoneOrAWrongOneIsRefused() {
    Decision.Refused no = new Decision.Refused(403, "by invitation only");

    assertThat(kit.knocks(wish).refused()).isEqualTo(no);
    assertThat(kit.knocks(wish.withParameter("invitation", "i-3")).refused()).isEqualTo(no);
  }
}
