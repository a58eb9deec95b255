package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/** Attacks by joining, by leaving, by being many; and a process that does not get its turn. */
final class RoomAttacks {
  private static final List<String> WELCOME =
      List.of("self", "member_count", "members", "history", "join");

  private RoomAttacks() {}

  /** Says something so many times, one after the other, so that it is all kept. */
  static void fill(Assault assault, String room, String text, int times) throws IOException {
    byte[] bytes = Bytes.text(text);
    for (int done = 0; done < times; done += 10) {
      Peer peer = assault.raid().enter(room);
      for (int i = 0; i < 10; i++) {
        long welcome = 5;
        long due = welcome + i;
        boolean heard = assault.raid().until(() -> peer.frames() >= due, 30);
        assault.check(heard, "not kept");
        peer.send(bytes);
      }
      long due = 15;
      assault.check(assault.raid().until(() -> peer.frames() >= due, 30), "not kept");
      peer.close();
    }
  }

  static void bomb(Assault assault) throws IOException {
    fill(assault, "bomb", "x".repeat(1 << 20), assault.of(50, 10));
    long end = System.nanoTime() + (long) (assault.seconds() * 1e9);
    do {
      List<Peer> peers = assault.raid().enter(assault.of(100, 20), number -> "bomb");
      boolean welcomed =
          assault.raid().until(() -> peers.stream().allMatch(peer -> peer.frames() >= 5), 30);
      assault.check(welcomed, "no welcome");
      peers.forEach(Peer::close);
    } while (System.nanoTime() < end && assault.problems().isEmpty());
  }

  static void unreadBomb(Assault assault) throws IOException {
    fill(assault, "bomb", "x".repeat(1 << 20), assault.of(50, 10));
    assault.raid().enterWithoutReading(assault.of(400, 20), number -> "bomb");
    assault.raid().during(assault.seconds(), () -> {});
  }

  /** A NUL is 6 bytes of JSON, so a page of one record has 6 MiB. */
  static void unreadBombOfNuls(Assault assault) throws IOException {
    fill(assault, "nuls", "\0".repeat(1 << 20), 10);
    assault.raid().enterWithoutReading(assault.of(100, 10), number -> "nuls");
    assault.raid().during(assault.seconds(), () -> {});
  }

  /** As many as the house lets in, in rooms each of which lets in 500 at once. */
  static void churn(Assault assault) throws IOException {
    IntFunction<String> room = number -> "churn" + number % 4;
    List<Witness> witnesses = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      witnesses.add(assault.enter(room.apply(i)));
    }
    List<Peer> there = new ArrayList<>();
    for (int i = 0; i < assault.of(1_980, 200); i++) {
      Peer peer = assault.raid().knock(room.apply(i));
      assault.raid().turn(0);
      if (i % 5 == 0) {
        peer.reset();
      } else {
        there.add(peer);
      }
      if (there.size() >= 50) {
        leave(assault, there);
      }
    }
    leave(assault, there);
    for (int i = 0; i < 4; i++) {
      assault.checkMembers(room.apply(i), List.of(witnesses.get(i)));
    }
    int joined = witnesses.stream().mapToInt(witness -> witness.count("join")).sum();
    assault.note(joined + " joined");
  }

  private static void leave(Assault assault, List<Peer> there) throws IOException {
    assault.raid().until(() -> there.stream().allMatch(peer -> peer.isIn() || peer.hasEnded()), 30);
    for (int i = 0; i < there.size(); i++) {
      Peer peer = there.get(i);
      assault.check(peer.isIn(), "refused with " + peer.status());
      if (i % 4 == 0) {
        peer.reset();
      } else if (i % 4 == 1) {
        peer.send(Bytes.close(1000));
      } else if (i % 4 == 2) {
        peer.say("good-bye");
        peer.halfClose();
      } else {
        peer.close();
      }
    }
    there.clear();
  }

  static void joiners(Assault assault) throws IOException {
    int[] said = {0};
    Peer talker = assault.raid().enter("joiners");
    Runnable talk = () -> talker.say(Integer.toString(said[0]++));
    assault.raid().during(1, talk);
    int count = assault.of(200, 50);
    List<Witness> joiners = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Witness joiner = new Witness();
      joiners.add(joiner);
      assault.raid().knock("joiners").listen(joiner);
    }
    assault.raid().during(assault.seconds(), talk);
    String last = Integer.toString(said[0] - 1);
    assault
        .raid()
        .until(
            () ->
                joiners.stream()
                    .allMatch(
                        each -> each.texts().contains(last) && each.members().size() == count + 1),
            30);
    Set<Set<String>> views = new HashSet<>();
    for (Witness joiner : joiners) {
      assault.check(joiner.problem().isEmpty(), joiner.problem());
      assault.check(joiner.firstTypes().equals(WELCOME), "welcomed by " + joiner.firstTypes());
      List<String> texts = joiner.texts();
      boolean whole = !texts.isEmpty() && texts.contains(last);
      for (int i = 1; i < texts.size(); i++) {
        whole &= Integer.parseInt(texts.get(i)) == Integer.parseInt(texts.get(i - 1)) + 1;
      }
      assault.check(whole, "history and what followed: " + texts);
      views.add(joiner.members());
    }
    assault.check(views.size() == 1, views.size() + " views of who is there");
    assault.check(
        views.iterator().next().size() == count + 1, views.iterator().next().size() + " members");
  }

  static void rooms(Assault assault) throws IOException {
    List<Peer> peers =
        assault.raid().enter(assault.of(3_000, 200), number -> "one-of-many" + number);
    peers.forEach(peer -> peer.say("somebody was here"));
    assault.raid().during(assault.seconds(), () -> {});
    assault.check(peers.stream().noneMatch(Peer::hasEnded), "somebody was let go");
  }

  static void stopped(Assault assault) throws IOException {
    List<Peer> peers = assault.raid().enter(assault.of(100, 20), number -> "stopped");
    assault.server().signal("STOP");
    try {
      peers.forEach(peer -> peer.say("are you there?"));
      assault.raid().during(2, () -> {});
    } finally {
      assault.server().signal("CONT");
    }
    assault.raid().during(assault.seconds(), () -> {});
    boolean heard =
        assault
            .raid()
            .until(() -> peers.stream().allMatch(peer -> peer.frames() >= peers.size()), 30);
    assault.check(heard, "not all was heard");
    assault.check(peers.stream().noneMatch(Peer::hasEnded), "somebody was let go");
  }

  /** Just below the 10,000 that may connect; then a hundred too many. */
  static void idle(Assault assault) throws IOException {
    int count = assault.of(9_900, 500);
    long before = assault.server().liveHeap();
    List<Peer> peers = assault.raid().enter(count, number -> "idle" + number % 200);
    assault.raid().during(assault.seconds(), () -> {});
    assault.check(peers.stream().noneMatch(Peer::hasEnded), "somebody was let go");
    long each = (assault.server().liveHeap() - before) / count;
    assault.note(each + " bytes of live heap for each");
    if (!assault.isBrief()) {
      List<Peer> more = assault.raid().enter(198, number -> "one-too-many");
      long in = more.stream().filter(Peer::isIn).count();
      assault.check(in <= 98, in + " more came in");
    }
  }
}
