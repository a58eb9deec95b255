package im.xpro.xnest.protocol;

import im.xpro.xnest.protocol.Command.FetchHistory;
import im.xpro.xnest.protocol.Command.Rename;
import im.xpro.xnest.protocol.Command.Say;
import im.xpro.xnest.protocol.Command.Share;
import im.xpro.xnest.protocol.Command.Unreadable;
import im.xpro.xnest.protocol.Command.Whisper;
import java.nio.ByteBuffer;

/**
 * Reads what a client sends (PROTOCOL section 3). Bad input is a value, {@link Unreadable}, never
 * an exception. Any thread.
 */
public final class CommandParser {
  private static final String TO = "@to:";
  private static final String CHANGE_NAME = "@changename:";
  private static final String HISTORY = "@history:";

  private final int maxNicknameCharacters;

  /**
   * @param maxNicknameCharacters Unicode code points that a new name may have after cleaning
   * @throws IllegalArgumentException if it is less than 1
   */
  public CommandParser(int maxNicknameCharacters) {
    if (maxNicknameCharacters < 1) {
      throw new IllegalArgumentException(
          "maxNicknameCharacters is " + maxNicknameCharacters + ", must be 1 or more");
    }
    this.maxNicknameCharacters = maxNicknameCharacters;
  }

  /** Reads a text message. What is no command is said as it is. */
  public Command text(String text) {
    if (text.startsWith(TO)) {
      return whisper(text.substring(TO.length()));
    }
    if (text.startsWith(CHANGE_NAME)) {
      return rename(text.substring(CHANGE_NAME.length()));
    }
    if (text.startsWith(HISTORY)) {
      return fetchHistory(text.substring(HISTORY.length()));
    }
    return new Say(text);
  }

  /** Reads a binary message; what it returns may share {@code message}'s bytes. */
  public Command binary(ByteBuffer message) {
    if (!message.hasRemaining()) {
      return new Unreadable("the binary frame is empty");
    }
    ByteBuffer content = message.slice(message.position() + 1, message.remaining() - 1);
    if (!content.hasRemaining()) {
      return new Unreadable("the binary frame has no content");
    }
    return new Share(BlobKind.ofFirstByte(message.get(message.position())), content);
  }

  private static Command whisper(String rest) {
    int bar = rest.indexOf('|');
    if (bar < 0) {
      return new Unreadable("a private message is written @to:{pid}|{text}");
    }
    String to = rest.substring(0, bar);
    if (Characters.isBlank(to)) {
      return new Unreadable("a private message needs the id of a member: @to:{pid}|{text}");
    }
    return new Whisper(new MemberId(to), rest.substring(bar + 1));
  }

  private Command rename(String rest) {
    String name = Nicknames.clean(rest);
    if (name.isEmpty()) {
      return new Unreadable("the nickname is empty");
    }
    if (Characters.count(name) > maxNicknameCharacters) {
      return new Unreadable("the nickname has more than " + maxNicknameCharacters + " characters");
    }
    return new Rename(name);
  }

  private static Command fetchHistory(String rest) {
    if (rest.isEmpty() || !rest.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return new Unreadable("history Cursor error");
    }
    try {
      return new FetchHistory(Long.parseLong(rest));
    } catch (NumberFormatException tooBigForAnyPage) {
      return new FetchHistory(Long.MAX_VALUE);
    }
  }
}
