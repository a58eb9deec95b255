package im.xpro.xnest.protocol;

import java.util.Objects;

/**
 * Who a member is: opaque, never used again in any room, not even after a restart (PROTOCOL section
 * 2). On the wire it is called {@code pid}.
 *
 * @param value not blank, without {@code |}, which ends it in {@code @to:{pid}|{text}}
 */
public record MemberId(String value) {
  /**
   * @throws IllegalArgumentException if {@code value} is blank or has a {@code |}
   */
  public MemberId {
    Objects.requireNonNull(value, "value");
    if (Characters.isBlank(value) || value.indexOf('|') >= 0) {
      throw new IllegalArgumentException("member id is blank or has a '|': '" + value + "'");
    }
  }

  /** The id alone, for logs and messages. */
  @Override
  public String toString() {
    return value;
  }
}
