package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptIdentityTest {
  final RoomKit kit = RoomKit.create();
  final Entry entry = Entry.of(new RoomId("lobby"), "Lin");

  @Test
  void whatAPersonSaysIsKeptWithItsIdentity() {
    Guest lin = kit.enter(entry.with(Grant.plain().withIdentity("user:42")));
    Guest wei = kit.enter(entry.withNickname("Wei"));
    lin.types("hello");
    wei.types("hi");
    kit.forgetWhatWasHeard();

    wei.types("@history:0");

    assertThat(Pasts.entries(wei.hears()))
        .extracting(HistoryEntry::identity)
        .containsExactly("user:42", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\nb", "\u009f"})
  void identityHasNoControlCharacters(String identity) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Grant.plain().withIdentity(identity))
        .withMessage("identity has a control character");
  }
}
