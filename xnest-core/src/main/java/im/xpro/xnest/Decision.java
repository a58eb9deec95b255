package im.xpro.xnest;

import java.util.Objects;

/** The answer to an {@link Entry}. */
public sealed interface Decision {
  /** May enter, as {@code entry} says. */
  static Decision accept(Entry entry) {
    return new Accepted(entry);
  }

  /**
   * May not enter.
   *
   * @param status HTTP status of the refused handshake, 400 to 599
   * @param reason one line that the client may read
   * @throws IllegalArgumentException as {@link Refused} does
   */
  static Decision refuse(int status, String reason) {
    return new Refused(status, reason);
  }

  /** May enter, as {@code entry} says: an {@link Admission} may have changed its nickname. */
  record Accepted(Entry entry) implements Decision {
    /** Refuses null. */
    public Accepted {
      Objects.requireNonNull(entry, "entry");
    }
  }

  /**
   * May not enter.
   *
   * @param status HTTP status of the refused handshake, 400 to 599
   * @param reason one line that the client may read
   */
  record Refused(int status, String reason) implements Decision {
    /**
     * @throws IllegalArgumentException if {@code status} is not one of an error, or {@code reason}
     *     is more than one line
     */
    public Refused {
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("status is " + status + ", must be 400 to 599");
      }
      if (Objects.requireNonNull(reason, "reason").chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("reason has a control character");
      }
    }
  }
}
