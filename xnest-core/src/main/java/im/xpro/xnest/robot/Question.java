package im.xpro.xnest.robot;

import im.xpro.xnest.protocol.Member;
import java.util.List;
import java.util.Objects;

/**
 * Something that a member asks a {@link Robot}.
 *
 * @param text without the call and the blanks around, perhaps empty
 * @param asker as it is called now
 * @param members all who are in the room, the asker and the robot too, in the order in which they
 *     joined
 */
public record Question(String text, Member asker, List<Member> members) {
  /** Refuses null. */
  public Question {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(asker, "asker");
    members = List.copyOf(Objects.requireNonNull(members, "members"));
  }

  /** Whether it has a Chinese character, and so wants an answer in Chinese. */
  public boolean isChinese() {
    return Words.isChinese(text);
  }
}
