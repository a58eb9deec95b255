package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member as the application sees it: with what its {@link Admission} gave it.
 *
 * @param member its id and its present nickname
 * @param remote its address, null if unknown
 * @param isMuted true while it may not send
 */
public record Participant(
    Member member, Grant grant, @Nullable InetSocketAddress remote, boolean isMuted) {
  /** Refuses null. */
  public Participant {
    Objects.requireNonNull(member, "member");
    Objects.requireNonNull(grant, "grant");
  }

  /** Its id, the {@code pid} on the wire. */
  public MemberId id() {
    return member.id();
  }

  /** Its present nickname. */
  public String nickname() {
    return member.nickname();
  }
}
