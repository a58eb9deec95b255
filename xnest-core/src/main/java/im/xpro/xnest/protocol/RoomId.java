package im.xpro.xnest.protocol;

import java.util.Objects;

/**
 * The name of a room (a <i>xnest</i>), as its users chose it: compared code point by code point,
 * kept as given, never cut (PROTOCOL section 1).
 *
 * <p>Its length is limited at the door, by {@code Limits.maxRoomIdCharacters}.
 *
 * @param value not blank, no control characters, no {@code /}, not {@code .} or {@code ..}
 */
public record RoomId(String value) {
  /**
   * @throws IllegalArgumentException naming the rule that {@code value} breaks
   */
  public RoomId {
    Objects.requireNonNull(value, "value");
    if (Characters.isBlank(value)) {
      throw new IllegalArgumentException("room id is blank");
    }
    if (value.equals(".") || value.equals("..")) {
      throw new IllegalArgumentException("room id is '.' or '..'");
    }
    if (value.indexOf('/') >= 0) {
      throw new IllegalArgumentException("room id has a '/'");
    }
    if (value.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("room id has a control character");
    }
    if (Characters.hasLoneSurrogate(value)) {
      throw new IllegalArgumentException("room id is not valid Unicode");
    }
  }

  /** Its length in Unicode code points. */
  public int characters() {
    return Characters.count(value);
  }

  /** The name alone, for logs and messages. */
  @Override
  public String toString() {
    return value;
  }
}
