package im.xpro.xnest.server.javawebsocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.Fuzz;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.Handshake;
import im.xpro.xnest.server.Origins;
import im.xpro.xnest.server.TrustedProxies;
import im.xpro.xnest.server.wire.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("§1 any bytes for a handshake")
class HandshakeFuzzTest {
  private static final Limits SMALL =
      Limits.builder().withoutRates().handshakeBytes(500).handshakeLines(12).build();
  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";

  private final Xnest xnest = Xnest.builder().limits(SMALL).build();
  private final Gateway gateway =
      Gateway.builder(xnest)
          .origins(Origins.sameHost().or(Origins.only("https://www.example.com")))
          .trustedProxies(TrustedProxies.in("127.0.0.0/8"))
          .build();

  @AfterEach
  void close() {
    xnest.close();
  }

  static List<Fuzz.Seed> corpus() {
    return Fuzz.corpus("handshakes");
  }

  /** How far a head is read and what it is then, by RFC 9112 sections 2 to 5. */
  private record Meant(RequestHead.Progress progress, int bytes) {
    static Meant by(byte[] stream) {
      String all = new String(stream, ISO_8859_1);
      int lines = 0;
      int start = 0;
      for (int i = 0; i < all.length(); i++) {
        char next = all.charAt(i);
        boolean afterCr = i > start && all.charAt(i - 1) == '\r';
        if (i >= SMALL.handshakeBytes()) {
          return new Meant(RequestHead.Progress.TOO_LARGE, i + 1);
        }
        if (afterCr != (next == '\n') || "\r\n\t".indexOf(next) < 0 && (next < 32 || next == 127)) {
          return new Meant(RequestHead.Progress.BAD, i + 1);
        }
        if (next == '\n') {
          String line = all.substring(start, i - 1);
          start = i + 1;
          if (line.isEmpty() && lines > 0) {
            return new Meant(RequestHead.Progress.WHOLE, i + 1);
          }
          if (++lines > SMALL.handshakeLines()) {
            return new Meant(RequestHead.Progress.TOO_LARGE, i + 1);
          }
          String rule = lines == 1 ? TOKEN + " [^ ]+ HTTP/1[.]1" : "(?s)" + TOKEN + ":.*";
          if (!line.matches(rule)) {
            return new Meant(RequestHead.Progress.BAD, i + 1);
          }
        }
      }
      return new Meant(RequestHead.Progress.UNFINISHED, all.length());
    }
  }

  private void check(byte[] stream, Random random) {
    Meant meant = Meant.by(stream);
    ByteBuffer whole = ByteBuffer.wrap(stream);
    RequestHead head = new RequestHead(SMALL);
    assertThat(new Meant(head.read(whole), whole.position())).isEqualTo(meant);

    RequestHead dripped = new RequestHead(SMALL);
    RequestHead.Progress progress = RequestHead.Progress.UNFINISHED;
    int at = 0;
    while (at < stream.length && progress == RequestHead.Progress.UNFINISHED) {
      int to = Math.min(stream.length, at + 1 + random.nextInt(40));
      ByteBuffer piece = ByteBuffer.wrap(Arrays.copyOfRange(stream, at, to));
      progress = dripped.read(piece);
      at = to - piece.remaining();
    }
    assertThat(new Meant(progress, at)).isEqualTo(meant);
    assertThat(head.withRest(whole).array()).isEqualTo(stream);

    if (progress == RequestHead.Progress.WHOLE) {
      InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
      Handshake handshake = head.handshake(peer, false);
      assertThat(dripped.handshake(peer, false)).isEqualTo(handshake);
      Answer answer = gateway.answer(handshake).toCompletableFuture().getNow(null);
      checkAnswer(answer, new String(stream, UTF_8));
    }
  }

  private static void checkName(String name) {
    assertThat(name).isNotEmpty().isEqualTo(Nicknames.clean(name));
    assertThat(Nicknames.characters(name)).isLessThanOrEqualTo(64);
  }

  private static void checkAnswer(Answer answer, String stream) {
    byte[] wire;
    if (answer instanceof Answer.Accepted accepted) {
      checkName(accepted.entry().nickname());
      assertThat(stream).startsWith("GET ").containsIgnoringCase("\nsec-websocket-key:");
      assertThat(accepted.entry().room().characters()).isLessThanOrEqualTo(128);
      assertThat(accepted.accept()).matches("[A-Za-z0-9+/]{27}=");
      assertThat(accepted.setCookie()).matches("nickname=[A-Za-z0-9._~%-]+; [ -~]*Path=/[ -~]*");
      wire = Wire.switchingProtocols(accepted.headerLines()).array();
    } else {
      Answer.Refused refused = (Answer.Refused) answer;
      assertThat(refused.status()).isIn(400, 403, 404, 405, 426);
      assertThat(refused.reason()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
      wire = Wire.refusal(refused).array();
    }
    String head = new String(wire, UTF_8);
    assertThat(head.substring(0, head.indexOf("\r\n\r\n") + 2))
        .matches("HTTP/1.1 [1-5][0-9]{2} [A-Za-z ]+\r\n([A-Za-z-]+: [ -~]+\r\n)+");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void headOfTheCorpusIsReadAsTheStandardSays(Fuzz.Seed seed) {
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      check(seed.bytes(), random);
    }
  }

  @Test
  void anyHeadIsReadAsTheStandardSaysAndAnswered() {
    Fuzz.rounds(3_000, Fuzz.of(corpus()), this::check);
  }
}
