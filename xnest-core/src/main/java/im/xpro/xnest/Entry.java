package im.xpro.xnest;

import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's wish to enter a room, with all that is known at the handshake (PROTOCOL section 1).
 * Varied by the {@code with} methods.
 *
 * @param nickname the wished one, cleaned; null if none is known: a friendly random one is then
 *     given
 * @param storesHistory false if what this member sends is never to be stored
 * @param query all parameters of the handshake's URL, decoded, values in their order
 * @param headers of the handshake; names in lower case, values in their order
 * @param remote the client's address, null if unknown; behind a proxy that the server does not
 *     trust it is the proxy's
 * @param isSecure true if the handshake came over TLS, as far as the server or a proxy that it
 *     trusts knows
 * @param grant what an {@link Admission} gave beyond the entry itself; {@link Grant#plain} before
 */
public record Entry(
    RoomId room,
    @Nullable String nickname,
    boolean storesHistory,
    Map<String, List<String>> query,
    Map<String, List<String>> headers,
    @Nullable InetSocketAddress remote,
    boolean isSecure,
    Grant grant) {
  /** Cleans the nickname; one that is blank counts as absent. */
  public Entry {
    Objects.requireNonNull(room, "room");
    nickname = nickname == null ? null : Nicknames.clean(nickname);
    nickname = nickname == null || nickname.isEmpty() ? null : nickname;
    query = Map.copyOf(Objects.requireNonNull(query, "query"));
    headers = Map.copyOf(Objects.requireNonNull(headers, "headers"));
    Objects.requireNonNull(grant, "grant");
  }

  /** Enters {@code room} as {@code nickname}, with history, from nowhere in particular. */
  public static Entry of(RoomId room, @Nullable String nickname) {
    return new Entry(room, nickname, true, Map.of(), Map.of(), null, false, Grant.plain());
  }

  /** The same under another name. */
  public Entry withNickname(@Nullable String other) {
    return new Entry(room, other, storesHistory, query, headers, remote, isSecure, grant);
  }

  /** The same with or without its messages being stored. */
  public Entry withStoresHistory(boolean stores) {
    return new Entry(room, nickname, stores, query, headers, remote, isSecure, grant);
  }

  /** The same with one more value of a query parameter. */
  public Entry withParameter(String name, String value) {
    return new Entry(
        room, nickname, storesHistory, more(query, name, value), headers, remote, isSecure, grant);
  }

  /** The same with one more value of a header, its name in any case. */
  public Entry withHeader(String name, String value) {
    Map<String, List<String>> all =
        more(headers, Objects.requireNonNull(name, "name").toLowerCase(Locale.ROOT), value);
    return new Entry(room, nickname, storesHistory, query, all, remote, isSecure, grant);
  }

  /** The same from another address. */
  public Entry withRemote(@Nullable InetSocketAddress address) {
    return new Entry(room, nickname, storesHistory, query, headers, address, isSecure, grant);
  }

  private static Map<String, List<String>> more(
      Map<String, List<String>> values, String name, String value) {
    Objects.requireNonNull(name, "name");
    List<String> all = new ArrayList<>(values.getOrDefault(name, List.of()));
    all.add(Objects.requireNonNull(value, "value"));
    Map<String, List<String>> more = new HashMap<>(values);
    more.put(name, List.copyOf(all));
    return more;
  }

  /** The same with what it is granted. */
  public Entry with(Grant granted) {
    return new Entry(room, nickname, storesHistory, query, headers, remote, isSecure, granted);
  }

  /** The first value of a query parameter, null if there is none. */
  public @Nullable String parameter(String name) {
    return first(query, name);
  }

  /** The first value of a header, its name in any case; null if there is none. */
  public @Nullable String header(String name) {
    return first(headers, name.toLowerCase(Locale.ROOT));
  }

  /**
   * The cookies of the handshake (RFC 6265 section 5.4): values in their order, without quotes, not
   * decoded further. What is no pair of a name and a value is left out.
   */
  public Map<String, List<String>> cookies() {
    Map<String, List<String>> found = new LinkedHashMap<>();
    for (String line : headers.getOrDefault("cookie", List.of())) {
      for (String pair : line.split(";")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? "" : pair.substring(0, equals).strip();
        if (!name.isEmpty()) {
          found
              .computeIfAbsent(name, none -> new ArrayList<>(1))
              .add(unquoted(pair.substring(equals + 1).strip()));
        }
      }
    }
    found.replaceAll((name, values) -> List.copyOf(values));
    return Collections.unmodifiableMap(found);
  }

  /** A cookie's value may stand in quotes (RFC 6265 section 4.1.1). */
  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** The first value of a cookie, as {@link #cookies} has it; null if there is none. */
  public @Nullable String cookie(String name) {
    return first(cookies(), name);
  }

  /**
   * The site whose page opens the connection, such as {@code https://www.example.com}, or the word
   * {@code null} (RFC 6454 section 7); null where none is told, as by clients that are no browser.
   */
  public @Nullable String origin() {
    return header("origin");
  }

  private static @Nullable String first(Map<String, List<String>> values, String name) {
    List<String> found = values.getOrDefault(name, List.of());
    return found.isEmpty() ? null : found.get(0);
  }
}
