package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§2 from: ids of members")
class IdsTest {
  @Test
  void idsLookLikeTheOriginals() {
    assertThat(new Ids().member().value()).matches("<0\\.[0-9]+\\.[0-9]+>");
  }

  @Test
  void idsAreNeverUsedAgainNotEvenAfterARestart() {
    Set<MemberId> ids = new HashSet<>();
    for (int start = 0; start < 100; start++) {
      Ids fresh = new Ids();
      for (int i = 0; i < 100; i++) {
        ids.add(fresh.member());
      }
    }

    assertThat(ids).hasSize(10_000);
  }

  @Test
  void whoComesBackHasAnotherId() {
    RoomKit kit = RoomKit.create(builder -> builder.memberIds(new Ids()::member));
    Guest before = kit.enter("lobby", "Lin");
    before.leaves();

    Guest after = kit.enter("lobby", "Lin");
    Guest elsewhere = kit.enter("garden", "Lin");

    assertThat(Set.of(before.id(), after.id(), elsewhere.id())).hasSize(3);
  }

  @Test
  void theDefaultIdsAreThese() {
    Xnest xnest = Xnest.builder().executor(Runnable::run).build();

    Inlet inlet = xnest.enter(Entry.of(new RoomId("lobby"), "Lin"), new Ear());

    assertThat(inlet.id().value()).matches("<0\\.1\\.[0-9]+>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a|b", "|"})
  void noIdIsBlankOrHasABar(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> new MemberId(value));
  }
}
