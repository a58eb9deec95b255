package im.xpro.xnest.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The target of a handshake, nothing decoded (PROTOCOL section 1).
 *
 * @param query without its question mark, empty if there is none
 */
record RequestTarget(String path, String query) {
  private static final String DOOR = "/xgate/websocket";
  private static final String BELOW = DOOR + "/";

  /** What stands before the path where the target is a whole URL (RFC 9112 section 3.2.2). */
  private static final Pattern ORIGIN =
      Pattern.compile("^https?://[^/?]*", Pattern.CASE_INSENSITIVE);

  static RequestTarget parse(String raw) {
    String target = ORIGIN.matcher(raw).replaceFirst("");
    int mark = target.indexOf('?');
    return mark < 0
        ? new RequestTarget(target, "")
        : new RequestTarget(target.substring(0, mark), target.substring(mark + 1));
  }

  /** Whether the path is a room's, however bad. */
  boolean isRoom() {
    return path.equals(DOOR) || path.startsWith(BELOW);
  }

  /** The segment that names the room; null where the path has none or more than one. */
  @Nullable String room() {
    if (!isRoom()) {
      return null;
    }
    String rest = path.equals(DOOR) ? "" : path.substring(BELOW.length());
    String segment = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    return segment.indexOf('/') < 0 ? segment : null;
  }

  /**
   * All parameters in their order, form-decoded. What cannot be decoded is left out.
   *
   * @throws IllegalArgumentException if it is the first value of {@code strict} that cannot
   */
  Map<String, List<String>> parameters(String strict) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = PercentEncoding.decodeForm(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : PercentEncoding.decodeForm(pair.substring(equals + 1));
      if (name == null || pair.isEmpty()) {
        continue;
      }
      if (value != null) {
        found.computeIfAbsent(name, none -> new ArrayList<>()).add(value);
      } else if (name.equals(strict) && !found.containsKey(name)) {
        throw new IllegalArgumentException(name + " has a bad percent-encoding");
      }
    }
    found.replaceAll((name, values) -> List.copyOf(values));
    return found;
  }
}
