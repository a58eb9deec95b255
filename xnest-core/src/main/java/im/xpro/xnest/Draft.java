package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.RoomId;

/**
 * Something that a member wishes to publish, before anybody has heard it.
 *
 * @param command a {@link Command.Say}, {@link Command.Whisper}, {@link Command.Share} or {@link
 *     Command.Rename}
 */
public record Draft(RoomId room, Participant sender, Command command) {
  /** Whether filters see it: history requests and what cannot be read are no drafts. */
  static boolean isOf(Command command) {
    return command instanceof Command.Say
        || command instanceof Command.Whisper
        || command instanceof Command.Share
        || command instanceof Command.Rename;
  }

  /** What was written: the words of a message, or the wished nickname; empty for media. */
  public String text() {
    if (command instanceof Command.Say say) {
      return say.text();
    }
    if (command instanceof Command.Whisper whisper) {
      return whisper.text();
    }
    return command instanceof Command.Rename rename ? rename.nickname() : "";
  }

  /** The verdict that leaves it as it is. */
  public Verdict pass() {
    return Verdict.PASSED;
  }

  /**
   * The verdict that changes what was written.
   *
   * @throws IllegalStateException if it is media, which have no text
   */
  public Verdict withText(String text) {
    if (command instanceof Command.Say) {
      return new Verdict.Changed(new Command.Say(text));
    }
    if (command instanceof Command.Whisper whisper) {
      return new Verdict.Changed(new Command.Whisper(whisper.to(), text));
    }
    if (command instanceof Command.Rename) {
      return new Verdict.Changed(new Command.Rename(text));
    }
    throw new IllegalStateException("media have no text");
  }

  /** The verdict that refuses it; {@code reason} is for its sender's eyes. */
  public Verdict refuse(String reason) {
    return new Verdict.Refused(reason);
  }
}
