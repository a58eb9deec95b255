package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§1 is_store_history=false")
class StoreHistoryFlagTest {
  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest ghost = kit.enter(Entry.of(new RoomId("lobby"), "Ghost").withStoresHistory(false));

  @Test
  void whatItSaysIsHeardAndNeverStored() {
    kit.forgetWhatWasHeard();

    ghost.types("off the record");

    assertThat(ming.hears()).isEqualTo(ghost.said("off the record"));
    assertThat(ghost.hears()).isEqualTo(ghost.said("off the record"));
    assertThat(Pasts.page(ming, 0)).isEmpty();
  }

  @Test
  void mediaItSendsAreHeardAndNotInTheHistory() {
    kit.forgetWhatWasHeard();

    ghost.sends((byte) 2, (byte) 42);

    assertThat(ming.hears()).isEqualTo(ghost.shared(BlobKind.PICTURE, "b1"));
    assertThat(Pasts.page(ming, 0)).isEmpty();
  }

  @Test
  void itReadsTheHistoryLikeAnybody() {
    ming.types("on the record");
    kit.forgetWhatWasHeard();

    assertThat(Pasts.page(ghost, 0)).containsExactly("on the record");
  }

  @Test
  void othersAreStoredAsBefore() {
    ghost.types("off the record");
    ming.types("on the record");

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(Pasts.texts(lin.hearsAll().get(3))).containsExactly("on the record");
  }

  @Test
  void storingIsTheDefault() {
    assertThat(Entry.of(new RoomId("lobby"), "Lin").storesHistory()).isTrue();
  }
}
