package im.xpro.xnest;

import im.xpro.xnest.protocol.Command;
import java.util.Objects;

/** A {@link Filter}'s answer to a {@link Draft}. */
public sealed interface Verdict {
  /** As it is. */
  Verdict PASSED = new Passed();

  /** May be published as it is. */
  record Passed() implements Verdict {}

  /**
   * May be published so.
   *
   * @param command of the same kind as the draft's
   */
  record Changed(Command command) implements Verdict {
    /** Refuses null. */
    public Changed {
      Objects.requireNonNull(command, "command");
    }
  }

  /**
   * Is not published.
   *
   * @param reason the payload of the {@code error} that its sender gets
   */
  record Refused(String reason) implements Verdict {
    /** Refuses null. */
    public Refused {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
