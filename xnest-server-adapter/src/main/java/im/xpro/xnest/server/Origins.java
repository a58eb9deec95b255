package im.xpro.xnest.server;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pages of which sites may open connections (RFC 6455 section 10.2). A browser lets pages of any
 * site connect to any server, sends its cookies along, and tells the page's origin: this is what
 * keeps a foreign page from speaking in the name of whoever looks at it.
 *
 * <p>It binds browsers only. A handshake without an origin is allowed by every rule, as no browser
 * sends one, and any other client could tell whatever origin it likes.
 */
public final class Origins {
  private static final Pattern ORIGIN =
      Pattern.compile(
          "([a-z][a-z0-9+.-]*)://(\\[[0-9a-f:.]+]|[^\\[\\]/?#@:\\s]+)(?::([0-9]{1,5}))?");

  private static final Map<String, Integer> DEFAULT_PORTS =
      Map.of("http", 80, "https", 443, "ws", 80, "wss", 443);

  /**
   * An origin in the one way to write it (RFC 6454 section 6.2).
   *
   * @param port null for the scheme's own
   */
  private record Site(String scheme, String host, @Nullable Integer port) {
    static @Nullable Site of(String origin) {
      Matcher parts = ORIGIN.matcher(origin.strip().toLowerCase(Locale.ROOT));
      if (!parts.matches()) {
        return null;
      }
      String scheme = parts.group(1);
      Integer port = parts.group(3) == null ? null : Integer.valueOf(parts.group(3));
      boolean usual = port != null && port.equals(DEFAULT_PORTS.get(scheme));
      return new Site(scheme, canonical(parts.group(2)), usual ? null : port);
    }

    /** An address of IPv6 may be written in many ways. */
    private static String canonical(String host) {
      byte[] address = host.startsWith("[") ? IpRange.address(host) : null;
      return address == null ? host : Arrays.toString(address);
    }
  }

  /** Asked with an origin and the request's host, neither empty. */
  private final BiPredicate<String, String> rule;

  private Origins(BiPredicate<String, String> rule) {
    this.rule = rule;
  }

  /** Pages of all sites: an open chat. */
  public static Origins any() {
    return new Origins((origin, host) -> true);
  }

  /**
   * Pages of these sites, such as {@code https://www.example.com} or {@code http://localhost:8081}.
   * The scheme's own port may be left out; case does not matter.
   *
   * @throws IllegalArgumentException if one is no scheme, host and perhaps port; {@code null}, the
   *     origin of sandboxed pages and of files, is none as anybody can have it
   */
  public static Origins only(String... origins) {
    Set<Site> sites = Arrays.stream(origins).map(Origins::site).collect(Collectors.toSet());
    return new Origins((origin, host) -> sites.contains(Site.of(origin)));
  }

  private static Site site(String origin) {
    Site site = Site.of(origin);
    if (site == null) {
      throw new IllegalArgumentException(
          "an origin is written https://www.example.com, not " + origin);
    }
    return site;
  }

  /**
   * Pages of the host to which the connection goes, by the name in its {@code Host} header,
   * whatever their port and scheme.
   */
  public static Origins sameHost() {
    return new Origins(
        (origin, host) -> {
          Site page = Site.of(origin);
          Site server = Site.of("http://" + host);
          return page != null && server != null && page.host().equals(server.host());
        });
  }

  /** What this or {@code other} allows. */
  public Origins or(Origins other) {
    return new Origins(rule.or(other.rule));
  }

  /** Why {@code handshake}, one with a host, is refused; null if it is not. */
  Answer.@Nullable Refused refusal(Handshake handshake) {
    boolean allowed =
        handshake.header("origin").stream()
            .allMatch(
                origin -> rule.test(origin, Objects.requireNonNull(handshake.single("host"))));
    return allowed
        ? null
        : new Answer.Refused(403, "pages of this origin may not connect", List.of());
  }
}
