package im.xpro.xnest.testkit;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.MemberId;

/**
 * A member of a room, a {@link Guest} or one that a guest {@linkplain Guest#sees sees}, such as a
 * bot, with the frames that tell of it, made as if each happened now.
 */
public sealed interface Someone permits Guest, Seen {
  /** Its id, the {@code pid} on the wire. */
  MemberId id();

  /** The frame that bears {@code event} as this member's, now. */
  Frame frame(Event event);

  /** The frame that tells of its coming. */
  Frame joined();

  /** The frame that tells of its going. */
  default Frame left() {
    return frame(new Event.Left());
  }

  /** The frame that bears its words to everybody. */
  default Frame said(String text) {
    return frame(new Event.Said(text));
  }

  /** The frame that bears its words to one member. */
  default Frame whispered(String text) {
    return frame(new Event.Whispered(text));
  }

  /** The frame that tells of its new name. */
  default Frame renamed(String nickname) {
    return frame(new Event.Renamed(nickname));
  }

  /** The frame that announces its media. */
  default Frame shared(BlobKind kind, String blob) {
    return frame(new Event.Shared(kind, blob));
  }

  /** The frame that tells it, and nobody else, what went wrong. */
  default Frame failed(String why) {
    return frame(new Event.Failed(why));
  }
}
