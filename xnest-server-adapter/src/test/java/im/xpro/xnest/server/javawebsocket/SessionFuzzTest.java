package im.xpro.xnest.server.javawebsocket;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Fuzz;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Streams over real sockets, while two who do no wrong talk in another room. */
class SessionFuzzTest {
  /** So few that one connection or handshake forgotten in each round would soon be too many. */
  private static final Limits FEW =
      FrameFuzzTest.LIMITS.withoutRates().connections(40).pendingHandshakes(20).build();

  @Test
  void neighboursHearAllAndNothingIsLeftOfAnySession() throws Exception {
    try (Xnest xnest = Xnest.builder().limits(FEW).build()) {
      Connections connections = new Connections(xnest, Gateway.of(xnest), false, null);
      Acceptor acceptor =
          Acceptor.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), connections);
      int port = acceptor.localAddress().getPort();
      try {
        try (RawClient lin = RawClient.connect(port);
            RawClient ming = RawClient.connect(port)) {
          lin.shakeHands("quiet?nickname=Lin");
          lin.hears("join", "Lin");
          ming.shakeHands("quiet?nickname=Ming");
          lin.hears("join", "Ming");
          Fuzz.rounds(
              200,
              FrameFuzzTest.STREAMS,
              (stream, random) -> {
                attack(port, stream, random);
                String word = "word " + random.nextLong();
                ming.say(word);
                assertThat(lin.hears("normal")).contains(word);
              });
        }
        Served.await("all are gone", () -> connections.noneOf(acceptor));
        Served.await("all was given back", () -> connections.unfinished().taken() == 0);
      } finally {
        connections.close(acceptor::stopListening);
        acceptor.end();
      }
    }
  }

  private static void attack(int port, byte[] stream, Random random) throws IOException {
    int code = new Rfc6455(FEW, stream).closeCode();
    try (RawClient attacker = RawClient.connect(port)) {
      if (random.nextInt(4) == 0) {
        attacker.write(stream);
        return;
      }
      attacker.shakeHands("loud");
      int split = random.nextInt(stream.length + 1);
      attacker.write(Arrays.copyOf(stream, split));
      if (code != 0) {
        attacker.write(Arrays.copyOfRange(stream, split, stream.length));
        assertThat(attacker.hearsClose()).isEqualTo(code);
      }
    }
  }
}
