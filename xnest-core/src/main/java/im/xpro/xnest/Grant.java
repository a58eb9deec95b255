package im.xpro.xnest;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Admission} gives a member beyond its entry: who it is to the application, and what
 * it may do. Varied by the {@code with} methods.
 *
 * <pre>{@code
 * Grant moderator = Grant.plain().withIdentity("user:42").withAttribute("role", "moderator");
 * Decision accepted = Decision.accept(entry.withNickname("Lin").with(moderator));
 * }</pre>
 *
 * @param identity the application's name of the person, the same at each of its connections; null
 *     if it does not know. Who is kept out or muted is known by it, and what it said is kept with
 *     it
 * @param attributes the application's own, such as roles; never on the wire
 * @param mayRename false if the nickname is fixed
 * @param maySend false if it may only listen: neither words nor media, nor private ones
 * @param evenIfFull true if it may enter a room that has all the members it may have
 */
public record Grant(
    @Nullable String identity,
    Map<String, String> attributes,
    boolean mayRename,
    boolean maySend,
    boolean evenIfFull) {
  private static final int MAX_IDENTITY = 200;
  private static final Grant PLAIN = new Grant(null, Map.of(), true, true, false);

  /**
   * Refuses null.
   *
   * @throws IllegalArgumentException if {@code identity} has no character, more than 200, or one
   *     that controls
   */
  public Grant {
    attributes = Map.copyOf(Objects.requireNonNull(attributes, "attributes"));
    if (identity != null && (identity.isEmpty() || identity.length() > MAX_IDENTITY)) {
      throw new IllegalArgumentException(
          "identity has " + identity.length() + " characters, must have 1 to " + MAX_IDENTITY);
    }
    if (identity != null && identity.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("identity has a control character");
    }
  }

  /** What everybody has: no identity, may rename itself and send. */
  public static Grant plain() {
    return PLAIN;
  }

  /** The same for a person that the application knows. */
  public Grant withIdentity(@Nullable String of) {
    return new Grant(of, attributes, mayRename, maySend, evenIfFull);
  }

  /** The same with one attribute more, or changed. */
  public Grant withAttribute(String name, String value) {
    Map<String, String> more = new HashMap<>(attributes);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return new Grant(identity, more, mayRename, maySend, evenIfFull);
  }

  /** The same, with or without the right to change its nickname. */
  public Grant withMayRename(boolean may) {
    return new Grant(identity, attributes, may, maySend, evenIfFull);
  }

  /** The same, with or without the right to send. */
  public Grant withMaySend(boolean may) {
    return new Grant(identity, attributes, mayRename, may, evenIfFull);
  }

  /** The same, with or without the right to enter a full room. */
  public Grant withEvenIfFull(boolean may) {
    return new Grant(identity, attributes, mayRename, maySend, may);
  }
}
