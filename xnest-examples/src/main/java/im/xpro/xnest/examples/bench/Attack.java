package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * A way to hurt a server.
 *
 * @param mostMillis the 99th percentile of what the pair waits for a message meanwhile; 0 for any
 */
record Attack(String name, int mostMillis, Action action) {
  private static final int QUIET = 250;
  private static final int FLOOD = 500;
  private static final int ANY = 0;

  /** What attackers do; they are gone when the assault is closed. */
  interface Action {
    void run(Assault assault) throws IOException;
  }

  static final List<Attack> ALL =
      List.of(
          new Attack("none", QUIET, assault -> assault.raid().during(assault.seconds(), () -> {})),
          new Attack("half-open handshakes", QUIET, HandshakeAttacks::halfOpen),
          new Attack("headers by drips", QUIET, HandshakeAttacks::drips),
          new Attack("headers of 1 MiB", QUIET, HandshakeAttacks::giants),
          new Attack("flood of connections", FLOOD, HandshakeAttacks::connections),
          new Attack("wrong upgrades", QUIET, HandshakeAttacks::wrongUpgrades),
          new Attack("bad rooms and names", QUIET, HandshakeAttacks::badTargets),
          new Attack("oversize messages", QUIET, FrameAttacks::oversize),
          new Attack("claims of 8 MiB", QUIET, FrameAttacks::claims),
          new Attack("endless fragments", QUIET, FrameAttacks::fragments),
          new Attack("invalid frames", QUIET, FrameAttacks::invalid),
          new Attack("malformed commands", QUIET, FrameAttacks::malformed),
          new Attack("half-close and reset", QUIET, FrameAttacks::halfClose),
          new Attack("flood of pings, read", FLOOD, FrameAttacks::pings),
          new Attack("flood of pings, unread", FLOOD, FrameAttacks::unreadPings),
          new Attack("flood of messages by 1", FLOOD, FloodAttacks::one),
          new Attack("flood of messages by 100", FLOOD, FloodAttacks::hundred),
          new Attack("flood of large messages", FLOOD, FloodAttacks::large),
          new Attack("flood of page requests", FLOOD, FloodAttacks::pages),
          new Attack("unread: one room", FLOOD, FloodAttacks::unreadRoom),
          new Attack("unread: many rooms", FLOOD, FloodAttacks::unreadRooms),
          new Attack("unread: private words", FLOOD, FloodAttacks::unreadPrivate),
          new Attack("unread: pages", FLOOD, FloodAttacks::unreadPages),
          new Attack("uploads", FLOOD, FloodAttacks::uploads),
          new Attack("slow readers of media", QUIET, FloodAttacks::slowMedia),
          new Attack("history bomb, joined", FLOOD, RoomAttacks::bomb),
          new Attack("history bomb, unread", FLOOD, RoomAttacks::unreadBomb),
          new Attack("history bomb of NULs, unread", FLOOD, RoomAttacks::unreadBombOfNuls),
          new Attack("2,000 joins and leaves", FLOOD, RoomAttacks::churn),
          new Attack("200 joiners at once", FLOOD, RoomAttacks::joiners),
          new Attack("many rooms", FLOOD, RoomAttacks::rooms),
          new Attack("stopped for 2 s", ANY, RoomAttacks::stopped),
          new Attack("9,900 idle members", FLOOD, RoomAttacks::idle));

  static Stream<Attack> named(String part) {
    return ALL.stream().filter(attack -> attack.name.contains(part));
  }
}
