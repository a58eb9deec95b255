package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§3 private message")
class PrivateMessageTest {
  final RoomKit kit = RoomKit.create();
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");
  final Guest wei = kit.enter("lobby", "Wei");

  @Test
  void whisperReachesItsAddresseeAndNobodyElse() {
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|今天你吃饭了吗?");

    assertThat(lin.hears()).isEqualTo(ming.whispered("今天你吃饭了吗?"));
    wei.hearsNothing();
    kit.expectNothingUnread();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "|", "a|b|c", " blanks ", "@to:m3|nested", "line\nbreak"})
  void everythingAfterTheFirstBarIsTheText(String text) {
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|" + text);

    assertThat(lin.hears()).isEqualTo(ming.whispered(text));
    kit.expectNothingUnread();
  }

  @Test
  void halfOfAnEmojiIsReplacedAsInWordsForAll() {
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|half \ud83d");

    assertThat(lin.hearsJson()).contains("\"payload\":\"half \ufffd\"");
    ming.types("half \ude00");
    assertThat(lin.hearsJson()).contains("\"payload\":\"half \ufffd\"");
  }

  @Test
  void onesOwnWhisperToOneselfIsHeard() {
    kit.forgetWhatWasHeard();

    ming.types("@to:" + ming.id() + "|note to self");

    assertThat(ming.hears()).isEqualTo(ming.whispered("note to self"));
    kit.expectNothingUnread();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@to:m2",
        "@to:",
        "@to:|secret",
        "@to: |secret",
        "@to:m99|secret",
        "@to: m2|secret"
      })
  void whatNamesNobodyIsAnErrorAndShownToNobody(String text) {
    kit.forgetWhatWasHeard();

    ming.types(text);

    Frame error = ming.hears();
    assertThat(error.event()).isInstanceOf(Event.Failed.class);
    assertThat(error.from()).isEqualTo(ming.id());
    kit.expectNothingUnread();
  }

  @Test
  void memberOfAnotherRoomIsNotReached() {
    Guest bo = kit.enter("garden", "Bo");
    kit.forgetWhatWasHeard();

    ming.types("@to:" + bo.id() + "|psst");

    assertThat(ming.hears().event()).isInstanceOf(Event.Failed.class);
    kit.expectNothingUnread();
  }

  @Test
  void memberWhoHasLeftIsNotReached() {
    lin.leaves();
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|psst");

    assertThat(ming.hears().event()).isInstanceOf(Event.Failed.class);
    kit.expectNothingUnread();
  }

  @Test
  void errorStaysShortHoweverLongTheId() {
    kit.forgetWhatWasHeard();

    ming.types("@to:" + "m".repeat(1_000_000) + "|psst");

    assertThat(((Event.Failed) ming.hears().event()).why()).hasSizeLessThan(100);
  }

  @Test
  void whispersAreNeverStored() {
    ming.types("@to:" + lin.id() + "|psst");
    kit.forgetWhatWasHeard();

    assertThat(Pasts.page(ming, 0)).isEmpty();
    assertThat(Pasts.page(lin, 0)).isEmpty();
  }
}
