package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§3 change of name")
class ChangeNameTest {
  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  @Test
  void everybodyHearsTheNewNameTheMemberToo() {
    kit.forgetWhatWasHeard();

    ming.types("@changename:黑旋风李逵");

    assertThat(ming.hears()).isEqualTo(ming.renamed("黑旋风李逵"));
    assertThat(lin.hears()).isEqualTo(ming.renamed("黑旋风李逵"));
    kit.expectNothingUnread();
  }

  static Stream<Arguments> typedAndSet() {
    return Stream.of(
        arguments("a:b:c", "a:b:c"),
        arguments(":", ":"),
        arguments("  Bo  ", "Bo"),
        arguments("B\u0007o\u0000", "Bo"),
        arguments("\u00a0Bo\u3000", "Bo"),
        arguments("B o", "B o"));
  }

  @ParameterizedTest
  @MethodSource("typedAndSet")
  void nameReallySetIsAllAfterTheFirstColonCleaned(String typed, String set) {
    kit.forgetWhatWasHeard();

    ming.types("@changename:" + typed);

    assertThat(lin.hears()).isEqualTo(ming.renamed(set));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u0000\u0001", " \u0007 \u00a0"})
  void emptyNameIsAnErrorForItsSenderAlone(String name) {
    kit.forgetWhatWasHeard();

    ming.types("@changename:" + name);

    assertThat(ming.hears()).isEqualTo(ming.failed("the nickname is empty"));
    kit.expectNothingUnread();
  }

  @Test
  void nameOfSixtyFourEmojiIsSetAndOneMoreIsAnError() {
    kit.forgetWhatWasHeard();

    ming.types("@changename:" + "😀".repeat(64));
    assertThat(ming.hears()).isEqualTo(ming.renamed("😀".repeat(64)));

    ming.types("@changename:" + "😀".repeat(65));
    assertThat(ming.hears()).isEqualTo(ming.failed("the nickname has more than 64 characters"));
  }

  @Test
  void newcomerAndHistoryKnowTheNewName() {
    ming.types("before");
    ming.types("@changename:大明");
    ming.types("after");

    Guest wei = kit.enter("lobby", "Wei");

    wei.hears();
    wei.hears();
    assertThat(((Event.Listed) wei.hears().event()).members())
        .contains(new Member(ming.id(), "大明"));
    assertThat(Pasts.entries(wei.hears()))
        .extracting(entry -> entry.nickname())
        .containsExactly("小明", "大明");
  }

  @Test
  void twoMembersMayHaveTheSameName() {
    kit.forgetWhatWasHeard();

    ming.types("@changename:Lin");

    assertThat(lin.hears()).isEqualTo(ming.renamed("Lin"));
  }

  @Test
  void changesOfNameAreNeverStored() {
    ming.types("@changename:大明");
    kit.forgetWhatWasHeard();

    assertThat(Pasts.page(lin, 0)).isEmpty();
  }
}
