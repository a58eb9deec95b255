package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§2 error")
class ErrorTest {
  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  @Test
  void onlyTheMemberWhoCausedItHearsItAsItsOwn() {
    kit.forgetWhatWasHeard();

    ming.types("@history:x");

    assertThat(ming.hears()).isEqualTo(ming.failed("history Cursor error"));
    kit.expectNothingUnread();
  }

  @Test
  void connectionStays() {
    kit.forgetWhatWasHeard();

    ming.types("@to:nobody|psst");
    ming.types("I am still here");

    assertThat(lin.hears()).isEqualTo(ming.said("I am still here"));
    assertThat(ming.closeCode()).isNull();
  }

  @Test
  void errorsAreNeverStored() {
    ming.types("@to:nobody|psst");
    kit.forgetWhatWasHeard();

    assertThat(Pasts.page(ming, 0)).isEmpty();
  }
}
