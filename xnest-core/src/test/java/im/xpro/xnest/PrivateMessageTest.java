package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§3 private message")
class PrivateMessageTest {
  final RoomKit kit = RoomKit.create();

  @Test
  void whisperReachesItsAddresseeAndNobodyElse() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    Guest wei = kit.enter("lobby", "Wei");
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|今天你吃饭了吗?");

    assertThat(lin.hears()).isEqualTo(ming.whispered("今天你吃饭了吗?"));
    wei.hearsNothing();
    kit.expectNothingUnread();
  }
}
