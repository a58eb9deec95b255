package im.xpro.xnest.protocol;

import java.nio.ByteBuffer;

/**
 * What a member may ask of a room (PROTOCOL section 3). Made from one text or binary message by
 * {@link CommandParser}.
 */
public sealed interface Command {
  /** Says {@code text} to everybody, exactly as it is, even empty. */
  record Say(String text) implements Command {}

  /** Says {@code text} to one member of the same room. */
  record Whisper(MemberId to, String text) implements Command {}

  /** Takes another name, already cleaned and not empty. */
  record Rename(String nickname) implements Command {}

  /** Asks for page {@code cursor} of the past, 0 being the newest. Never negative. */
  record FetchHistory(long cursor) implements Command {}

  /** Shares media; {@code content} is not empty and belongs to this command. */
  record Share(BlobKind kind, ByteBuffer content) implements Command {}

  /** Could not be read; {@code why} is short and fit for the sender's eyes. */
  record Unreadable(String why) implements Command {}
}
