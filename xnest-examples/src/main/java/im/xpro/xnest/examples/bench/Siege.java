package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Attacks the chat server, as it is by default with a heap of 256 MiB, in one way after the other,
 * and tells what a pair of members in another room notices: how long their messages take, whether
 * one is lost; and whether the server's memory is its own again afterwards. Exits with 1 if one of
 * that is not as it should be.
 *
 * <pre>java -cp xnest-examples/target/xnest-server.jar im.xpro.xnest.examples.bench.Siege</pre>
 */
@Command(name = "Siege", mixinStandardHelpOptions = true)
final class Siege implements Callable<Integer> {
  /** Of all that memory may have grown by an attack, once the attackers are gone. */
  private static final double MOST_GROWTH = 1.1;

  private static final double PATIENCE_SECONDS = 60;

  @Option(names = "--only", description = "Attacks with this in their names.")
  private String only = "";

  @Option(names = "--seconds", description = "Of each attack (default: ${DEFAULT-VALUE}).")
  private double seconds = 6;

  @Option(names = "--brief", description = "With few attackers.")
  private boolean brief;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Siege()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Attack> attacks = Attack.named(only).toList();
    System.out.println("| attack | p50 | p99 | max ms | lost | live heap MB | then | s | |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    boolean good = true;
    try (Besieged server = Besieged.start()) {
      warmUp(server);
      for (Attack attack : attacks) {
        good &= attack(server, attack);
      }
      for (String error : server.errors()) {
        System.out.println(error);
      }
    }
    return good && !attacks.isEmpty() ? 0 : 1;
  }

  /** What is loaded and computed once is no attack's. */
  private void warmUp(Besieged server) throws IOException, InterruptedException {
    try (Pair pair = new Pair(server.sockets(), "pair");
        Assault assault = new Assault(server, 1, true)) {
      Attack.ALL.get(0).action().run(assault);
      FloodAttacks.one(assault);
      FloodAttacks.uploads(assault);
      HandshakeAttacks.wrongUpgrades(assault);
      RoomAttacks.rooms(assault);
      pair.fallSilent();
    }
  }

  private boolean attack(Besieged server, Attack attack) throws IOException, InterruptedException {
    try (Pair pair = new Pair(server.sockets(), "pair")) {
      settle(server);
      long before = server.liveHeap();
      long descriptors = server.descriptors();
      long began = System.nanoTime();
      pair.fallSilent();
      pair.talkOn();
      Assault assault = new Assault(server, seconds, brief);
      try (assault) {
        attack.action().run(assault);
      } catch (IOException failure) {
        assault.check(false, failure.toString());
      }
      Pair.Report report = pair.fallSilent();
      double took = (System.nanoTime() - began) / 1e9;
      judge(assault, attack, report);
      assault.check(settle(server), "connections are left");
      long after = heapAfter(server, before);
      assault.check(after <= before * MOST_GROWTH, "memory did not return");
      assault.check(
          server.descriptors() <= descriptors + 10, server.descriptors() + " descriptors");
      List<String> problems = assault.problems();
      System.out.printf(
          "| %s | %.1f | %.1f | %.1f | %d | %.1f | %.1f | %.0f | %s %s |%n",
          attack.name(),
          report.percentile(50),
          report.percentile(99),
          report.percentile(100),
          report.lost(),
          before / 1e6,
          after / 1e6,
          took,
          problems.isEmpty() ? "ok" : problems.subList(0, Math.min(3, problems.size())),
          String.join(", ", assault.notes()));
      return problems.isEmpty();
    }
  }

  private static void judge(Assault assault, Attack attack, Pair.Report report) {
    assault.check(report.closed() == null, "the pair: " + report.closed());
    assault.check(report.error() == null, "the pair: " + report.error());
    assault.check(report.lost() == 0, "the pair lost something");
    assault.check(report.heard() > 0, "the pair heard nothing");
    if (attack.mostMillis() > 0) {
      assault.check(report.percentile(99) < attack.mostMillis(), "the pair waits too long");
    }
  }

  /** Waits until the pair is alone. */
  private static boolean settle(Besieged server) throws IOException, InterruptedException {
    long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
    boolean settled;
    while (!(settled = server.metric("xnest_members") == 2 && server.metric("xnest_rooms") == 1)
        && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    return settled;
  }

  private static long heapAfter(Besieged server, long before)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
    long after;
    while ((after = server.liveHeap()) > before * MOST_GROWTH && System.nanoTime() < end) {
      Thread.sleep(1_000);
    }
    return after;
  }
}
