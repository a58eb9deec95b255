package im.xpro.xnest.server;

import im.xpro.xnest.Entry;
import im.xpro.xnest.protocol.Nicknames;
import java.util.List;
import java.util.Objects;
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
  @Nullable String read(Entry entry) {
    return entry.cookies().getOrDefault(NAME, List.of()).stream()
        .map(this::usable)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private @Nullable String usable(String raw) {
    String value = PercentEncoding.decode(raw);
    String nickname = value == null ? "" : Nicknames.clean(value);
    boolean fits = Nicknames.characters(nickname) <= maxCharacters;
    return fits && !nickname.isEmpty() ? nickname : null;
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
