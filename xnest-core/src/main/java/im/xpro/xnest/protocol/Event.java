package im.xpro.xnest.protocol;

import java.util.List;

/**
 * What has happened (PROTOCOL section 2). {@link Frame} adds who, where and when.
 *
 * <p>Heard by everybody: {@link Joined}, {@link Left}, {@link Said}, {@link Shared}, {@link
 * Renamed}. Heard by one member alone: the others.
 */
public sealed interface Event {
  /** What a room's history can hold. */
  sealed interface Message extends Event permits Said, Shared {}

  /** {@code self}: the receiver's own id, which the frame bears as its sender. */
  record You() implements Event {}

  /** {@code member_count}: how many members there are, the receiver included. */
  record Counted(int members) implements Event {}

  /** {@code members}: who is there, in the order in which they joined. */
  record Listed(List<Member> members) implements Event {}

  /** {@code history}: one page of the past, oldest first. */
  record Past(List<HistoryEntry> entries) implements Event {}

  /** {@code join}. */
  record Joined(String nickname) implements Event {}

  /** {@code leave}. */
  record Left() implements Event {}

  /**
   * {@code normal}: said to everybody.
   *
   * @param text a lone surrogate, as of an emoji cut in two, becomes U+FFFD: no UTF-8 can carry it,
   *     so no store would give it back
   */
  record Said(String text) implements Message {
    /** With what UTF-8 can carry of {@code text}. */
    public Said {
      text = Characters.withoutLoneSurrogates(text);
    }
  }

  /** {@code audio}, {@code picture}, {@code file}: media were stored under the id {@code blob}. */
  record Shared(BlobKind kind, String blob) implements Message {}

  /**
   * {@code private}: said to the receiver alone.
   *
   * @param text as that of {@link Said}
   */
  record Whispered(String text) implements Event {
    /** With what UTF-8 can carry of {@code text}. */
    public Whispered {
      text = Characters.withoutLoneSurrogates(text);
    }
  }

  /** {@code changename}: the name that was really set. */
  record Renamed(String nickname) implements Event {}

  /** {@code error}: what the receiver asked for was not done. */
  record Failed(String why) implements Event {}
}
