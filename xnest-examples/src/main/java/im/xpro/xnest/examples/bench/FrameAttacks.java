package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attacks by members whose frames are not what they should be. */
final class FrameAttacks {
  private static final int TEXT_BYTES = 1 << 20;
  private static final int BINARY_BYTES = 8 << 20;
  private static final byte[] NOTHING = {};
  private static final int MORE = 0x00;
  private static final int BEGIN_BINARY = 0x02;

  private FrameAttacks() {}

  static void oversize(Assault assault) throws IOException {
    checkClosed(
        assault,
        Map.of(
            Bytes.frame(Bytes.TEXT, TEXT_BYTES + 1, NOTHING), 1009,
            Bytes.frame(Bytes.TEXT, TEXT_BYTES + 1, new byte[TEXT_BYTES / 4]), 1009,
            Bytes.frame(Bytes.BINARY, BINARY_BYTES + 1, NOTHING), 1009,
            Bytes.frame(Bytes.BINARY, Long.MAX_VALUE, NOTHING), 1009));
  }

  /** Each claims 8 MiB; then they send more together than the server holds unfinished. */
  static void claims(Assault assault) throws IOException {
    Witness witness = assault.enter("claims");
    int count = assault.of(300, 100);
    List<Peer> peers = assault.raid().enter(count, number -> "claims");
    peers.forEach(peer -> peer.send(Bytes.frame(Bytes.BINARY, BINARY_BYTES, NOTHING)));
    assault.raid().during(assault.seconds(), () -> {});
    long ended = peers.stream().filter(Peer::hasEnded).count();
    assault.check(ended == 0, ended + " ended for a claim");
    byte[] some = new byte[(48 << 20) / count];
    peers.forEach(peer -> peer.send(some));
    boolean refused =
        assault.raid().until(() -> peers.stream().anyMatch(peer -> peer.closeCode() == 1013), 30);
    assault.check(refused, "nobody was closed with 1013");
    assault.note(peers.stream().filter(peer -> peer.closeCode() == 1013).count() + " closed");
    peers.forEach(Peer::close);
    assault.checkMembers("claims", List.of(witness));
    assault.check(witness.count("file") == 0, "half a message was heard");
  }

  static void fragments(Assault assault) throws IOException {
    Witness witness = assault.enter("fragments");
    byte[] empty =
        Bytes.join(
            Bytes.frame(BEGIN_BINARY, NOTHING), Bytes.repeat(Bytes.frame(MORE, NOTHING), 1_024));
    byte[] large =
        Bytes.join(
            Bytes.frame(BEGIN_BINARY, NOTHING),
            Bytes.repeat(Bytes.frame(MORE, new byte[TEXT_BYTES]), 8),
            Bytes.frame(MORE, new byte[1]));
    checkClosed(assault, "fragments", Map.of(empty, 1009, large, 1009), 2);
    assault.checkMembers("fragments", List.of(witness));
    assault.check(witness.count("file") == 0, "half a message was heard");
  }

  static void invalid(Assault assault) throws IOException {
    byte[] hi = Bytes.ascii("hi");
    Map<byte[], Integer> wrong = new LinkedHashMap<>();
    for (int first : List.of(0xC1, 0xA1, 0x91, 0x83, 0x87, 0x8B, 0x8F, 0x09, 0x80)) {
      wrong.put(Bytes.frame(first, hi), 1002);
    }
    wrong.put(new byte[] {(byte) Bytes.TEXT, 2, 'h', 'i'}, 1002);
    wrong.put(Bytes.frame(Bytes.PING, new byte[126]), 1002);
    wrong.put(Bytes.frame(Bytes.BINARY, Long.MIN_VALUE, NOTHING), 1002);
    wrong.put(Bytes.join(Bytes.frame(BEGIN_BINARY, hi), Bytes.text("hi")), 1002);
    wrong.put(Bytes.frame(Bytes.CLOSE, new byte[1]), 1002);
    for (int code : List.of(0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)) {
      wrong.put(Bytes.close(code), 1002);
    }
    wrong.put(Bytes.frame(Bytes.CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xFF}), 1007);
    for (String text :
        List.of("\u00ff", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080")) {
      wrong.put(Bytes.frame(Bytes.TEXT, Bytes.ascii(text)), 1007);
    }
    Witness witness = assault.enter("invalid");
    checkClosed(assault, "invalid", wrong, 1);
    assault.checkMembers("invalid", List.of(witness));
    assault.check(witness.count("normal") == 0, "what was invalid was heard");
  }

  private static void checkClosed(Assault assault, Map<byte[], Integer> codes) throws IOException {
    checkClosed(assault, "wrong", codes, 5);
  }

  /** All of them again and again, each to be closed with its code. */
  private static void checkClosed(
      Assault assault, String room, Map<byte[], Integer> codes, int times) throws IOException {
    long end = System.nanoTime() + (long) (assault.seconds() * 1e9);
    do {
      for (Map.Entry<byte[], Integer> each : codes.entrySet()) {
        List<Peer> peers = assault.raid().enter(times, number -> room);
        peers.forEach(peer -> peer.send(each.getKey()));
        assault.checkClosed(peers, each.getValue());
      }
    } while (System.nanoTime() < end && assault.problems().isEmpty());
  }

  /** Each is answered with an error, or is media of an unknown kind; nobody is closed. */
  static void malformed(Assault assault) throws IOException {
    List<byte[]> errors = new ArrayList<>();
    for (String text :
        List.of(
            "@to:",
            "@to:|",
            "@to:nobody",
            "@to:nobody|hi",
            "@to:<0.1.2>|hi",
            "@changename:",
            "@changename: \t ",
            "@changename:" + "x".repeat(65),
            "@history:",
            "@history:-1",
            "@history:x",
            "@history:1.5")) {
      errors.add(Bytes.text(text));
    }
    errors.add(Bytes.frame(Bytes.BINARY, NOTHING));
    errors.add(Bytes.frame(Bytes.BINARY, new byte[] {1}));
    Witness witness = assault.enter("malformed");
    int rounds = assault.of(20, 2);
    List<Witness> senders = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Witness own = new Witness();
      senders.add(own);
      Peer peer = assault.raid().enter("malformed").listen(own);
      errors.forEach(peer::send);
      peer.send(Bytes.frame(Bytes.BINARY, new byte[] {99, 1, 2, 3}));
    }
    assault.raid().during(assault.seconds(), () -> {});
    assault
        .raid()
        .until(() -> senders.stream().allMatch(each -> each.count("error") == errors.size()), 30);
    for (Witness each : senders) {
      assault.check(each.count("error") == errors.size(), each.count("error") + " errors");
    }
    boolean heard = assault.raid().until(() -> witness.count("file") == rounds, 30);
    assault.check(heard, "media of an unknown kind: " + witness.count("file"));
    assault.check(witness.count("error") == 0, "somebody else heard an error");
    assault.check(witness.members().size() == rounds + 1, "somebody was closed");
  }

  static void halfClose(Assault assault) throws IOException {
    Witness witness = assault.enter("halves");
    long end = System.nanoTime() + (long) (assault.seconds() * 1e9);
    do {
      List<Peer> peers = assault.raid().enter(assault.of(50, 10), number -> "halves");
      for (int i = 0; i < peers.size(); i++) {
        Peer peer = peers.get(i);
        if (i % 3 == 0) {
          peer.halfClose();
        } else if (i % 3 == 1) {
          peer.send(Bytes.frame(Bytes.BINARY, BINARY_BYTES, new byte[1_000]));
          peer.halfClose();
        } else {
          peer.send(Bytes.frame(Bytes.BINARY, BINARY_BYTES, new byte[1_000]));
          peer.reset();
        }
      }
      assault.checkEnded(peers, 30);
    } while (System.nanoTime() < end && assault.problems().isEmpty());
    assault.checkMembers("halves", List.of(witness));
  }

  static void pings(Assault assault) throws IOException {
    List<Peer> peers = assault.raid().enter(assault.of(20, 5), number -> "pings");
    ping(assault, peers);
    assault.note(peers.stream().mapToLong(Peer::frames).sum() + " pongs");
  }

  static void unreadPings(Assault assault) throws IOException {
    Witness witness = assault.enter("unread-pings");
    int count = assault.of(100, 20);
    List<Peer> peers = assault.raid().enterWithoutReading(count, number -> "unread-pings");
    ping(assault, peers);
    if (!assault.isBrief()) {
      assault.raid().until(() -> witness.members().size() == 1, 30);
      int left = witness.members().size() - 1;
      assault.check(left == 0, left + " ping on and do not read");
    }
    peers.forEach(Peer::close);
    assault.checkMembers("unread-pings", List.of(witness));
  }

  private static void ping(Assault assault, List<Peer> peers) throws IOException {
    byte[] pings = Bytes.repeat(Bytes.frame(Bytes.PING, new byte[125]), 1_000);
    assault
        .raid()
        .during(
            assault.seconds(),
            () -> peers.stream().filter(Peer::isDrained).forEach(peer -> peer.send(pings)));
  }
}
