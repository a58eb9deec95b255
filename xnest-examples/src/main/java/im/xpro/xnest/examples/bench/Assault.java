package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One attack as it goes on: who attacks what, for how long, and what was found. One thread. */
final class Assault implements AutoCloseable {
  private static final double PATIENCE_SECONDS = 30;

  private final Besieged server;
  private final Raid raid;
  private final double seconds;
  private final boolean brief;
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * @param brief whether to come with few, and to wait for nothing that takes long
   */
  Assault(Besieged server, double seconds, boolean brief) throws IOException {
    this.server = server;
    this.raid = new Raid(server.sockets());
    this.seconds = seconds;
    this.brief = brief;
  }

  Besieged server() {
    return server;
  }

  Raid raid() {
    return raid;
  }

  double seconds() {
    return seconds;
  }

  boolean isBrief() {
    return brief;
  }

  /** How many of something. */
  int of(int many, int few) {
    return brief ? few : many;
  }

  void check(boolean isTrue, String otherwise) {
    if (!isTrue) {
      problems.add(otherwise);
    }
  }

  void note(String what) {
    notes.add(what);
  }

  List<String> problems() {
    return problems;
  }

  List<String> notes() {
    return notes;
  }

  /** Waits until all have been closed with {@code code}, or else what was expected is a problem. */
  void checkClosed(List<Peer> peers, int code) throws IOException {
    raid.until(() -> peers.stream().allMatch(Peer::hasEnded), PATIENCE_SECONDS);
    for (Peer peer : peers) {
      check(peer.closeCode() == code, "closed with " + peer.closeCode() + ", not " + code);
    }
  }

  /** Waits until the server has ended all. */
  void checkEnded(List<Peer> peers, double within) throws IOException {
    raid.until(() -> peers.stream().allMatch(Peer::hasEnded), within);
    long left = peers.stream().filter(peer -> !peer.hasEnded()).count();
    check(left == 0, left + " of " + peers.size() + " are still connected");
  }

  /** Somebody in a room, whose welcome is complete. */
  Witness enter(String room) throws IOException {
    Witness witness = new Witness();
    raid.knock(room).listen(witness);
    boolean welcomed = raid.until(() -> witness.count("join") > 0, PATIENCE_SECONDS);
    check(welcomed, "no welcome in " + room);
    return witness;
  }

  /** Waits until nobody but these is in a room, as they and a newcomer see it. */
  void checkMembers(String room, List<Witness> left) throws IOException {
    raid.until(
        () -> left.stream().allMatch(one -> one.members().size() == left.size()), PATIENCE_SECONDS);
    Witness newcomer = enter(room);
    Set<String> seen = newcomer.members();
    // who broke off while it entered may have come in since, and is yet to leave
    raid.until(() -> seen.size() <= left.size() + 1, PATIENCE_SECONDS);
    check(
        seen.size() == left.size() + 1 && left.stream().allMatch(one -> seen.contains(one.self())),
        seen.size() + " members where " + (left.size() + 1) + " live");
    raid.until(() -> left.stream().allMatch(one -> one.members().equals(seen)), PATIENCE_SECONDS);
    for (Witness one : left) {
      check(one.members().equals(seen), "a member saw others than " + seen);
      check(one.problem().isEmpty(), one.problem());
    }
  }

  @Override
  public void close() throws IOException {
    raid.close();
  }
}
