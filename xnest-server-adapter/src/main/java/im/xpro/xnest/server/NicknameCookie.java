package im.xpro.xnest.server;

import im.xpro.xnest.protocol.Nicknames;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that remembers a nickname until the next visit (PROTOCOL section 1, cookie).
 *
 * @param crossSite whether it goes to pages of other sites too
 * @param maxCharacters code points in a nickname
 */
record NicknameCookie(boolean crossSite, int maxCharacters) {
  private static final String NAME = "nickname";

  /** The first one that can be used, cleaned; null if none can. */
  @Nullable String read(Handshake handshake) {
    return handshake.header("cookie").stream()
        .flatMap(line -> Stream.of(line.split(";")))
        .map(this::usable)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private @Nullable String usable(String pair) {
    int equals = pair.indexOf('=');
    if (equals < 0 || !pair.substring(0, equals).strip().equals(NAME)) {
      return null;
    }
    String value = PercentEncoding.decode(unquoted(pair.substring(equals + 1).strip()));
    String nickname = value == null ? "" : Nicknames.clean(value);
    boolean fits = Nicknames.characters(nickname) <= maxCharacters;
    return fits && !nickname.isEmpty() ? nickname : null;
  }

  /** A cookie's value may stand in quotes (RFC 6265 section 4.1.1). */
  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** The value of {@code Set-Cookie}; printable ASCII, whatever the nickname. */
  String write(String nickname) {
    return NAME
        + "="
        + PercentEncoding.encode(nickname)
        + "; Max-Age=86400; Path=/; HttpOnly; SameSite="
        + (crossSite ? "None; Secure" : "Lax");
  }
}
