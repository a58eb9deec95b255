package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.testkit.RoomKit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 403: foreign origin")
class OriginsTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  private static Gateway with(Origins origins) {
    return Gateway.builder(RoomKit.create().xnest()).origins(origins).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example.com", "null", "file://", "", "nonsense"})
  void anybodyMayConnectByDefault(String origin) {
    accepted(Gateway.of(RoomKit.create().xnest()), to(LOBBY, "origin:" + origin));
  }

  @ParameterizedTest
  @CsvSource({
    "https://www.example.com, https://www.example.com",
    "https://www.example.com, HTTPS://WWW.Example.COM",
    "https://www.example.com, https://www.example.com:443",
    "https://www.example.com:443, https://www.example.com",
    "http://localhost:8081, http://localhost:8081",
    "http://[2001:db8::1]:8081, http://[2001:DB8:0:0:0:0:0:1]:8081",
    "http://小明.example.com, http://小明.example.com",
    "capacitor://localhost, capacitor://localhost",
  })
  void pageOfAListedSiteMayConnect(String listed, String origin) {
    accepted(with(Origins.only("http://other.example.com", listed)), to(LOBBY, "origin:" + origin));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example.com",
        "https://www.example.com.evil.example",
        "https://evilwww.example.com",
        "http://www.example.com",
        "https://www.example.com:8443",
        "https://www.example.com:80",
        "https://www.example.com/",
        "https://www.example.com@evil.example",
        "https://www.example.com:443:443",
        "https://www.example.com https://evil.example",
        "https://",
        "null",
        ""
      })
  void pageOfAnotherSiteIsRefusedInWords(String origin) {
    Answer.Refused refused =
        refused(with(Origins.only("https://www.example.com")), to(LOBBY, "origin:" + origin));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.reason()).isEqualTo("pages of this origin may not connect");
  }

  @Test
  void eachOfSeveralOriginsMustBeAllowed() {
    Gateway gateway = with(Origins.only("https://a.example.com", "https://b.example.com"));

    accepted(gateway, to(LOBBY, "origin:https://a.example.com", "origin:https://b.example.com"));
    refused(gateway, to(LOBBY, "origin:https://a.example.com", "origin:https://c.example.com"));
  }

  @Test
  void clientThatIsNoBrowserTellsNoOriginAndMayConnect() {
    accepted(with(Origins.only()), to(LOBBY));
    accepted(with(Origins.sameHost()), to(LOBBY));
  }

  @ParameterizedTest
  @CsvSource({
    "chat.example.com, https://chat.example.com",
    "chat.example.com:8080, http://chat.example.com:8081",
    "Chat.Example.com:8080, http://chat.EXAMPLE.com",
    "127.0.0.1:8080, http://127.0.0.1:8081",
    "[::1]:8080, http://[0:0:0:0:0:0:0:1]:8081",
  })
  void pageOfTheSameHostMayConnectWhateverItsPort(String host, String origin) {
    accepted(with(Origins.sameHost()), to(LOBBY, "host:" + host, "origin:" + origin));
  }

  @ParameterizedTest
  @CsvSource({
    "chat.example.com, https://example.com",
    "example.com, https://chat.example.com",
    "localhost:8080, http://127.0.0.1:8080",
    "[::1]:8080, http://[::2]:8080",
    "null, null",
    "'', http://",
    "a b, http://a b",
  })
  void pageOfAnotherHostIsRefused(String host, String origin) {
    refused(with(Origins.sameHost()), to(LOBBY, "host:" + host, "origin:" + origin));
  }

  @Test
  void rulesAddUp() {
    Gateway gateway = with(Origins.sameHost().or(Origins.only("https://www.example.com")));

    accepted(gateway, to(LOBBY, "origin:https://www.example.com"));
    accepted(gateway, to(LOBBY, "origin:https://chat.example.com"));
    refused(gateway, to(LOBBY, "origin:https://evil.example.com"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "", "www.example.com", "https://a/b", "*", "https://*.a:x"})
  void whatIsNoOriginCannotBeListed(String origin) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Origins.only(origin))
        .withMessageContaining("https://www.example.com, not " + origin);
  }
}
