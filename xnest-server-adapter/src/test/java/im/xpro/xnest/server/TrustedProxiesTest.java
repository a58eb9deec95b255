package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.Entry;
import im.xpro.xnest.testkit.RoomKit;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  /** Handshakes come from a loopback address. */
  private static Gateway trusting(String... ranges) {
    return Gateway.builder(RoomKit.create().xnest())
        .trustedProxies(TrustedProxies.in(ranges))
        .build();
  }

  private static Entry seen(String... lines) {
    return accepted(trusting("127.0.0.1", "::1", "10.0.0.0/8"), to(LOBBY, lines)).entry();
  }

  private static String address(Entry entry) {
    InetSocketAddress remote = entry.remote();
    assertThat(remote).isNotNull();
    return remote.getAddress().getHostAddress();
  }

  @Test
  void nobodyIsBelievedByDefault() {
    Gateway gateway = Gateway.of(RoomKit.create().xnest());

    Entry entry =
        accepted(gateway, to(LOBBY, "x-forwarded-for:192.0.2.1", "x-forwarded-proto:https"))
            .entry();

    assertThat(entry.remote()).isEqualTo(Handshakes.PEER);
    assertThat(entry.isSecure()).isFalse();
  }

  @Test
  void peerThatIsNotListedIsNotBelieved() {
    Entry entry =
        accepted(trusting("10.0.0.0/8"), to(LOBBY, "forwarded:for=192.0.2.1;proto=https;host=a"))
            .entry();

    assertThat(entry.remote()).isEqualTo(Handshakes.PEER);
    assertThat(entry.isSecure()).isFalse();
    assertThat(entry.header("host")).isEqualTo("chat.example.com");
  }

  @Test
  void proxyTellsAddressSchemeAndHost() {
    Entry standard =
        seen("forwarded:For=\"[2001:db8::7]:4711\";Proto=HTTPS;host=\"www.example.com:444\";by=x");
    Entry usual =
        seen(
            "x-forwarded-for:192.0.2.1",
            "x-forwarded-proto:https",
            "x-forwarded-host:www.example.com");

    assertThat(standard.remote()).isEqualTo(new InetSocketAddress("2001:db8::7", 4711));
    assertThat(standard.isSecure()).isTrue();
    assertThat(standard.header("host")).isEqualTo("www.example.com:444");
    assertThat(usual.remote()).isEqualTo(new InetSocketAddress("192.0.2.1", 0));
    assertThat(usual.isSecure()).isTrue();
    assertThat(usual.header("host")).isEqualTo("www.example.com");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.1 | 192.0.2.1",
        "192.0.2.1:4711 | 192.0.2.1",
        "198.51.100.9, 192.0.2.1 | 192.0.2.1",
        "198.51.100.9, 192.0.2.1, 10.1.1.1 , 10.2.2.2 | 192.0.2.1",
        "10.1.1.1, 10.2.2.2 | 10.1.1.1",
        "nonsense, 10.2.2.2 | 10.2.2.2",
        "192.0.2.1, nonsense, 10.2.2.2 | 10.2.2.2",
        "192.0.2.1,, 10.2.2.2 | 10.2.2.2",
        "\", 192.0.2.1 | 192.0.2.1",
        "[2001:db8::1]:80 | 2001:db8:0:0:0:0:0:1",
        "2001:db8::1 | 2001:db8:0:0:0:0:0:1",
        "::ffff:192.0.2.1 | 192.0.2.1",
      })
  void clientIsTheLastThatIsNoProxy(String list, String client) {
    assertThat(address(seen("x-forwarded-for:" + list))).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=198.51.100.9;proto=http, for=192.0.2.1;proto=https | 192.0.2.1",
        "for=192.0.2.1;proto=https, for=10.1.1.1;proto=http | 192.0.2.1",
        "for=\", for=192.0.2.1;proto=https | 192.0.2.1",
        "for=\"a, for=\"192.0.2.1:80\";proto=https | 192.0.2.1",
        "for=unknown, for=10.1.1.1;proto=https | 10.1.1.1",
        "for=192.0.2.1;for=192.0.2.2, for=10.1.1.1;proto=https | 10.1.1.1",
        "for=_hidden;proto=https | 127.0.0.1",
      })
  void elementsAreReadFromTheEnd(String forwarded, String client) {
    assertThat(address(seen("forwarded:" + forwarded))).isEqualTo(client);
  }

  @Test
  void schemeIsToldByTheOutermostProxy() {
    assertThat(seen("forwarded:for=192.0.2.1;proto=https, for=10.1.1.1;proto=http").isSecure())
        .isTrue();
    assertThat(seen("forwarded:for=192.0.2.9;proto=https, for=192.0.2.1;proto=http").isSecure())
        .isFalse();
    assertThat(seen("x-forwarded-proto:https, http").isSecure()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "example.com",
        "localhost",
        "1",
        "127.1",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1:99999",
        "192.0.2.1:",
        ":80",
        "[192.0.2.1]",
        "[2001:db8::1",
        "fe80::1%eth0",
        "::1::",
        "192.0.2.1/8",
        "192.0.2.1;x",
        "\u0000"
      })
  void whatIsNoAddressIsIgnored(String value) {
    assertThat(seen("x-forwarded-for:" + value).remote()).isEqualTo(Handshakes.PEER);
    assertThat(seen("forwarded:for=\"" + value + "\"").remote()).isEqualTo(Handshakes.PEER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "a:b", "a,", "[::1", "a:123456", "a\"", "a;b"})
  void whatIsNoHostIsIgnored(String host) {
    assertThat(seen("x-forwarded-host:" + host).header("host")).isEqualTo("chat.example.com");
  }

  @Test
  void longListsAreReadAFewStepsAlone() {
    String proxies = "192.0.2.1" + ", 10.1.1.1".repeat(1_500);

    assertThat(address(seen("x-forwarded-for:" + proxies))).isEqualTo("10.1.1.1");
  }

  @Test
  void headersThatContradictEachOtherAreNotBelieved() {
    Entry forged = seen("forwarded:for=198.51.100.9", "x-forwarded-for:192.0.2.1");
    Entry agreed = seen("forwarded:for=\"192.0.2.1:4711\"", "x-forwarded-for:192.0.2.1");

    assertThat(forged.remote()).isEqualTo(Handshakes.PEER);
    assertThat(address(agreed)).isEqualTo("192.0.2.1");
  }

  @Test
  void originIsHeldAgainstTheHostThatTheProxyTells() {
    Gateway gateway =
        Gateway.builder(RoomKit.create().xnest())
            .trustedProxies(TrustedProxies.in("127.0.0.0/8", "::1"))
            .origins(Origins.sameHost())
            .build();
    String origin = "origin:https://www.example.com";

    accepted(gateway, to(LOBBY, origin, "x-forwarded-host:www.example.com"));
    refused(gateway, to(LOBBY, origin));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.128/25, 192.0.2.127, false",
    "0.0.0.0/0, 192.0.2.1, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1/32, 192.0.2.2, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
  })
  void rangeIsItsFirstBits(String range, String address, boolean contains) {
    assertThat(IpRange.parse(range).contains(IpRange.address(address))).isEqualTo(contains);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8"})
  void whatIsNoRangeIsRefused(String range) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrustedProxies.in(range))
        .withMessageContaining("not " + range);
  }
}
