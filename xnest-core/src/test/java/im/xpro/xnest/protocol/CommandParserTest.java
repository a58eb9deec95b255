package im.xpro.xnest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Command.FetchHistory;
import im.xpro.xnest.protocol.Command.Rename;
import im.xpro.xnest.protocol.Command.Say;
import im.xpro.xnest.protocol.Command.Share;
import im.xpro.xnest.protocol.Command.Unreadable;
import im.xpro.xnest.protocol.Command.Whisper;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§3 reading what a client sends")
class CommandParserTest {
  final CommandParser parser = new CommandParser(3);

  @Test
  void privateMessageIsSplitAtItsFirstBar() {
    assertThat(parser.text("@to:<0.31891.2>|a|b"))
        .isEqualTo(new Whisper(new MemberId("<0.31891.2>"), "a|b"));
    assertThat(parser.text("@to:m1|")).isEqualTo(new Whisper(new MemberId("m1"), ""));
  }

  @Test
  void privateMessageWithoutBarOrIdIsUnreadable() {
    assertThat(parser.text("@to:m1")).isInstanceOf(Unreadable.class);
    assertThat(parser.text("@to:")).isInstanceOf(Unreadable.class);
    assertThat(parser.text("@to:|hi")).isInstanceOf(Unreadable.class);
    assertThat(parser.text("@to: \t|hi")).isInstanceOf(Unreadable.class);
  }

  @Test
  void nameIsCleanedThenMeasured() {
    assertThat(parser.text("@changename: a:b\u0000 ")).isEqualTo(new Rename("a:b"));
    assertThat(parser.text("@changename:😀😀😀")).isEqualTo(new Rename("😀😀😀"));
    assertThat(parser.text("@changename:abcd"))
        .isEqualTo(new Unreadable("the nickname has more than 3 characters"));
    assertThat(parser.text("@changename: \u0000"))
        .isEqualTo(new Unreadable("the nickname is empty"));
  }

  @Test
  void cursorIsANonNegativeInteger() {
    assertThat(parser.text("@history:0")).isEqualTo(new FetchHistory(0));
    assertThat(parser.text("@history:007")).isEqualTo(new FetchHistory(7));
    assertThat(parser.text("@history:9223372036854775808"))
        .isEqualTo(new FetchHistory(Long.MAX_VALUE));
    assertThat(parser.text("@history:-1")).isEqualTo(new Unreadable("history Cursor error"));
    assertThat(parser.text("@history:")).isEqualTo(new Unreadable("history Cursor error"));
  }

  @Test
  void anyOtherTextIsSaidAsItIs() {
    assertThat(parser.text("")).isEqualTo(new Say(""));
    assertThat(parser.text(" @to:m1|hi ")).isEqualTo(new Say(" @to:m1|hi "));
    assertThat(parser.text("@to")).isEqualTo(new Say("@to"));
  }

  @Test
  void binaryIsReadFromItsPositionToItsLimit() {
    ByteBuffer message = ByteBuffer.wrap(new byte[] {9, 2, 7, 8, 9}).position(1).limit(4);

    assertThat(parser.binary(message))
        .isEqualTo(new Share(BlobKind.PICTURE, ByteBuffer.wrap(new byte[] {7, 8})));
  }

  @Test
  void binaryWithoutContentIsUnreadable() {
    assertThat(parser.binary(ByteBuffer.allocate(0))).isInstanceOf(Unreadable.class);
    assertThat(parser.binary(ByteBuffer.wrap(new byte[] {2}))).isInstanceOf(Unreadable.class);
  }
}
