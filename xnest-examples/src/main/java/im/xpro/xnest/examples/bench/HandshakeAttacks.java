package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Attacks by peers that never get in. */
final class HandshakeAttacks {
  private static final String PATH = "/xgate/websocket/";

  /** More than {@code Limits.handshakeTime}, by default. */
  private static final double CUT_SECONDS = 20;

  /** Before all are cut who do not shake hands, which is after 10 s. */
  private static final double SOON_SECONDS = 9;

  private HandshakeAttacks() {}

  static void halfOpen(Assault assault) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < assault.of(500, 100); i++) {
      byte[] begin = Bytes.ascii(i % 2 == 0 ? "" : "GET " + PATH);
      peers.add(assault.raid().connect(begin));
    }
    assault.raid().during(assault.seconds(), () -> {});
    if (!assault.isBrief()) {
      assault.checkEnded(peers, CUT_SECONDS);
    }
  }

  static void drips(Assault assault) throws IOException {
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < assault.of(500, 50); i++) {
      peers.add(assault.raid().connect(Bytes.ascii("GET " + PATH + "drips HTTP/1.1\r\nX: ")));
    }
    byte[] drip = Bytes.ascii("x");
    assault.raid().during(assault.seconds(), () -> peers.forEach(peer -> peer.send(drip)));
    if (!assault.isBrief()) {
      assault.checkEnded(peers, CUT_SECONDS);
    }
  }

  static void giants(Assault assault) throws IOException {
    byte[] giant = Bytes.ascii("GET " + PATH + "giant HTTP/1.1\r\nX: " + "x".repeat(1 << 20));
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < assault.of(100, 10); i++) {
      peers.add(assault.raid().connect(giant));
    }
    assault.checkEnded(peers, CUT_SECONDS);
    for (Peer peer : peers) {
      assault.check(peer.status() == 431 || peer.status() == 0, "answered " + peer.status());
    }
  }

  /** More than the 1,000 that may be without a handshake. */
  static void connections(Assault assault) throws IOException {
    int most = 1_000;
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < assault.of(4 * most, most + 100); i++) {
      peers.add(assault.raid().connect());
      assault.raid().turn(0);
    }
    assault.raid().during(assault.seconds(), () -> {});
    LongSupplier left = () -> peers.stream().filter(peer -> !peer.hasEnded()).count();
    assault.raid().until(() -> left.getAsLong() <= most, SOON_SECONDS - assault.seconds());
    assault.check(left.getAsLong() <= most, left.getAsLong() + " connections wait");
    peers.forEach(Peer::close);
    awaitThatTheyAreGone(assault);
    assault.enter("after-the-flood");
  }

  /** Until the server has noticed the first ends it still cuts who comes. */
  private static void awaitThatTheyAreGone(Assault assault) throws IOException {
    long end = System.nanoTime() + (long) (CUT_SECONDS * 1e9);
    boolean isIn;
    do {
      Peer next = assault.raid().knock("after-the-flood");
      assault.raid().until(() -> next.isIn() || next.hasEnded(), CUT_SECONDS);
      isIn = next.isIn();
    } while (!isIn && System.nanoTime() < end);
  }

  static void wrongUpgrades(Assault assault) throws IOException {
    Map<byte[], Integer> wrong = new LinkedHashMap<>();
    wrong.put(Bytes.handshake("/other"), 404);
    wrong.put(Bytes.handshake(PATH + "a/b"), 404);
    wrong.put(with("GET ", "POST "), 405);
    wrong.put(with("HTTP/1.1", "HTTP/1.0"), 400);
    wrong.put(with("HTTP/1.1\r\n", "HTTP/1.1\n"), 400);
    wrong.put(with("Host: localhost\r\n", ""), 400);
    wrong.put(with("Upgrade: websocket", "Upgrade: h2c"), 426);
    wrong.put(with("Upgrade: websocket\r\n", ""), 426);
    wrong.put(with("Connection: Upgrade", "Connection: close"), 400);
    wrong.put(with("Version: 13", "Version: 8"), 426);
    wrong.put(with("Key: AAAA", "Key: "), 400);
    wrong.put(with("Upgrade:", "Upgr\0ade:"), 400);
    wrong.put(with("\r\n\r\n", "\r\n" + "X: y\r\n".repeat(100) + "\r\n"), 431);
    checkRefused(assault, wrong);
  }

  private static byte[] with(String part, String other) {
    return Bytes.handshake(PATH + "wrong", part, other);
  }

  static void badTargets(Assault assault) throws IOException {
    Map<byte[], Integer> wrong = new LinkedHashMap<>();
    List<String> ids =
        List.of(
            "%", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%20", "%2e%2e", "a%2Fb", "a%00b", "%0d%0a");
    for (String id : ids) {
      wrong.put(Bytes.handshake(PATH + id), 400);
    }
    wrong.put(Bytes.handshake(PATH + "x".repeat(129)), 400);
    for (String name : List.of("%", "%zz", "%ff", "%f0%28%8c%28", "x".repeat(65))) {
      wrong.put(Bytes.handshake(PATH + "room?nickname=" + name), 400);
    }
    checkRefused(assault, wrong);
  }

  /** All of them again and again, each to be refused with its status. */
  private static void checkRefused(Assault assault, Map<byte[], Integer> statuses)
      throws IOException {
    long end = System.nanoTime() + (long) (assault.seconds() * 1e9);
    do {
      Map<Peer, Integer> expected = new LinkedHashMap<>();
      for (int i = 0; i < 10; i++) {
        for (Map.Entry<byte[], Integer> each : statuses.entrySet()) {
          expected.put(assault.raid().connect(each.getKey()), each.getValue());
        }
      }
      assault.checkEnded(List.copyOf(expected.keySet()), CUT_SECONDS);
      expected.forEach(
          (peer, status) ->
              assault.check(
                  peer.status() == status, "answered " + peer.status() + ", not " + status));
    } while (System.nanoTime() < end && assault.problems().isEmpty());
  }
}
