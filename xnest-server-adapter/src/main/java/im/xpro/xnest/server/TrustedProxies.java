package im.xpro.xnest.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front of a server, by address. What they tell of who has connected to them is
 * believed: address, scheme and host, by {@code Forwarded} (RFC 7239) or by {@code
 * X-Forwarded-For}, {@code -Proto} and {@code -Host}. Nobody else is believed.
 *
 * <p>The list of addresses is read from its end, where the nearest proxy has written: the first
 * that is no trusted proxy's is the client's, and what stands before it is the client's own
 * invention. What cannot be read ends the list. A proxy must set, or remove, each of these headers
 * that it lets pass; where both kinds are there and do not say the same, neither is believed.
 */
public final class TrustedProxies {
  private static final int MOST_HOPS = 32;
  private static final String FOR = "x-forwarded-for";
  private static final String PROTO = "x-forwarded-proto";
  private static final String X_HOST = "x-forwarded-host";
  private static final List<String> USUAL = List.of(FOR, PROTO, X_HOST);

  /** With a port an address of IPv6 stands in brackets. */
  private static final Pattern WITH_PORT = Pattern.compile("(\\[.*]|[^:]*):([0-9]{1,5})");

  private static final Pattern HOST =
      Pattern.compile("([0-9A-Za-z._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");
  private static final Pattern PAIR =
      Pattern.compile("\\s*([0-9A-Za-z-]+)=(?:\"([^\"\\\\]*)\"|([^\\s\";,]*))\\s*");

  private final List<IpRange> ranges;

  private TrustedProxies(List<IpRange> ranges) {
    this.ranges = ranges;
  }

  /** None: a server that clients reach directly. */
  public static TrustedProxies none() {
    return new TrustedProxies(List.of());
  }

  /**
   * Those with an address in one of {@code ranges}, such as {@code 127.0.0.1}, {@code 10.0.0.0/8}
   * or {@code 2001:db8::/32}.
   *
   * @throws IllegalArgumentException naming what is no range
   */
  public static TrustedProxies in(String... ranges) {
    return new TrustedProxies(Arrays.stream(ranges).map(IpRange::parse).toList());
  }

  /**
   * What proxies have told.
   *
   * @param client null if it is unknown
   * @param isSecure null if it is unknown
   * @param host null if it is unknown
   */
  private record Told(
      @Nullable InetSocketAddress client, @Nullable Boolean isSecure, @Nullable String host) {
    boolean saysTheSame(Told other) {
      return Objects.equals(address(), other.address())
          && Objects.equals(isSecure, other.isSecure)
          && Objects.equals(host, other.host);
    }

    /** One kind of header tells of ports, the other mostly does not. */
    private @Nullable InetAddress address() {
      return client == null ? null : client.getAddress();
    }
  }

  /** {@code handshake} as the outermost trusted proxy received it. */
  Handshake original(Handshake handshake) {
    InetSocketAddress peer = handshake.remote();
    if (peer == null || !trusts(peer)) {
      return handshake;
    }
    boolean standard = !handshake.header("forwarded").isEmpty();
    boolean usual = USUAL.stream().anyMatch(name -> !handshake.header(name).isEmpty());
    Told told = standard ? forwarded(handshake) : xForwarded(handshake);
    if (standard && usual && !told.saysTheSame(xForwarded(handshake))) {
      return handshake;
    }
    Map<String, List<String>> headers = new HashMap<>(handshake.headers());
    if (told.host() != null) {
      headers.put("host", List.of(told.host()));
    }
    return new Handshake(
        handshake.method(),
        handshake.target(),
        headers,
        told.client() == null ? peer : told.client(),
        told.isSecure() == null ? handshake.isSecure() : told.isSecure());
  }

  private boolean trusts(InetSocketAddress peer) {
    InetAddress address = peer.getAddress();
    return address != null
        && ranges.stream().anyMatch(range -> range.contains(address.getAddress()));
  }

  private Told xForwarded(Handshake handshake) {
    FromTheEnd hops = new FromTheEnd(handshake.header(FOR));
    InetSocketAddress client = null;
    for (int hop = 0; hop < MOST_HOPS && (client == null || trusts(client)); hop++) {
      InetSocketAddress before = node(hops.next());
      if (before == null) {
        break;
      }
      client = before;
    }
    String proto = new FromTheEnd(handshake.header(PROTO)).next();
    String host = new FromTheEnd(handshake.header(X_HOST)).next();
    return new Told(client, isSecure(proto), host(host));
  }

  private Told forwarded(Handshake handshake) {
    FromTheEnd hops = new FromTheEnd(handshake.header("forwarded"));
    Told told = new Told(null, null, null);
    for (int hop = 0; hop < MOST_HOPS && (told.client() == null || trusts(told.client())); hop++) {
      Map<String, String> pairs = pairs(hops.next());
      if (pairs.isEmpty()) {
        break;
      }
      InetSocketAddress before = node(pairs.get("for"));
      InetSocketAddress client = before == null ? told.client() : before;
      told = new Told(client, isSecure(pairs.get("proto")), host(pairs.get("host")));
      if (before == null) {
        break;
      }
    }
    return told;
  }

  /** Of one element (RFC 7239 section 4); empty if it is malformed. */
  private static Map<String, String> pairs(@Nullable String element) {
    Map<String, String> pairs = new HashMap<>();
    for (String pair : element == null ? new String[0] : element.split(";", 8)) {
      Matcher parts = PAIR.matcher(pair);
      if (!parts.matches()) {
        return Map.of();
      }
      String value = parts.group(2) == null ? parts.group(3) : parts.group(2);
      if (pairs.put(parts.group(1).toLowerCase(Locale.ROOT), value) != null) {
        return Map.of();
      }
    }
    return pairs;
  }

  /** An address and perhaps a port; null if it is none, as where a proxy hides it. */
  private static @Nullable InetSocketAddress node(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Matcher parts = WITH_PORT.matcher(text);
    boolean hasPort = parts.matches();
    byte[] address = IpRange.address(hasPort ? parts.group(1) : text);
    int port = hasPort ? Integer.parseInt(parts.group(2)) : 0;
    try {
      return address == null || port > 0xFFFF
          ? null
          : new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException impossible) {
      throw new AssertionError("an address has 4 or 16 bytes", impossible);
    }
  }

  private static @Nullable Boolean isSecure(@Nullable String proto) {
    return proto == null
        ? null
        : switch (proto.toLowerCase(Locale.ROOT)) {
          case "https", "wss" -> Boolean.TRUE;
          case "http", "ws" -> Boolean.FALSE;
          default -> null;
        };
  }

  private static @Nullable String host(@Nullable String text) {
    return text != null && HOST.matcher(text).matches() ? text : null;
  }

  /**
   * The elements of a header with commas, last one first. Commas in quotes count too: no address
   * has one, and a quote that a client has put in front must not swallow what a proxy appended.
   */
  private static final class FromTheEnd {
    private final String all;
    private int end;

    FromTheEnd(List<String> lines) {
      all = String.join(",", lines);
      end = lines.isEmpty() ? -1 : all.length();
    }

    /** Null if there is none. */
    @Nullable String next() {
      if (end < 0) {
        return null;
      }
      int comma = all.lastIndexOf(',', end - 1);
      String element = all.substring(comma + 1, end).strip();
      end = comma;
      return element;
    }
  }
}
