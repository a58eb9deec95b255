package im.xpro.xnest.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How cost grows with size: what a delivery costs next to idle connections and in many rooms, a
 * join in a room of some age, and many joins at once. Next to the hand-written server where it has
 * the like. Ends with 1 if something was lost or out of order.
 *
 * <pre>java -cp "benchmarks/target/xnest-benchmarks.jar:benchmarks/target/libs/*" \
 *   im.xpro.xnest.benchmarks.Curves --help</pre>
 */
@Command(name = "Curves", mixinStandardHelpOptions = true, sortOptions = false)
final class Curves implements Callable<Integer> {
  private static final double[] CONNECTIONS = {100, 300, 1_000, 3_000, 5_000, 10_000};
  private static final double[] ROOMS = {1, 10, 100, 1_000, 5_000};
  private static final double[] AGES = {1, 10, 100, 1_000, 10_000, 100_000};

  /** More at the same moment are refused before they have shaken hands. */
  private static final double[] STORMS = {10, 30, 100, 300, 1_000};

  /** Of the room that talks among idle connections. */
  private static final int TALKERS = 10;

  private static final double PER_SECOND = 1_000;
  private static final double WARM_UP_SECONDS = 4;
  private static final int JOINS = 500;

  enum Curve {
    CONNECTIONS,
    ROOMS,
    AGE,
    STORM
  }

  @Option(names = "--curves", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private List<Curve> curves = List.of(Curve.values());

  @Option(names = "--rounds", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "That a server is measured at each size (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--up-to",
      defaultValue = "100000",
      description = "The largest size (default: ${DEFAULT-VALUE}).")
  private int upTo;

  @Option(
      names = "--report",
      paramLabel = "DOCS",
      description = "Folder whose performance.md gets the tables, and performance/ the plots.")
  private @Nullable Path report;

  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final List<String> OPTIONS = List.of("-Xmx1g");

  /** A figure of a server at a size. */
  private interface Measured {
    double at(Server server, int size) throws IOException;
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Curves()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    for (Curve curve : curves) {
      switch (curve) {
        case CONNECTIONS ->
            draw(
                "connections",
                "A room of 10 talks, the other connections are idle",
                "connections",
                "µs of CPU per delivery",
                CONNECTIONS,
                List.of(Server.XNEST, Server.HAND_WRITTEN, Server.NETTY),
                this::amongIdle);
        case ROOMS ->
            draw(
                "rooms",
                "Rooms of 2, 1,000 messages/s in all",
                "rooms",
                "µs of CPU per delivery",
                ROOMS,
                List.of(Server.XNEST, Server.HAND_WRITTEN, Server.NETTY),
                this::inRooms);
        case AGE ->
            draw(
                "age",
                "Joining and leaving a room with a past",
                "messages that the room has kept",
                "µs of CPU per join",
                AGES,
                List.of(Server.XNEST, Server.XNEST_SQLITE),
                Curves::joinAfter);
        case STORM ->
            draw(
                "storm",
                "N members join a room at once: N²/2 join frames",
                "members",
                "µs of CPU per join frame",
                STORMS,
                List.of(Server.XNEST),
                Curves::storm);
      }
    }
    return 0;
  }

  private void draw(
      String name,
      String title,
      String x,
      String y,
      double[] sizes,
      List<Server> servers,
      Measured measured)
      throws IOException {
    System.out.println(title);
    double[] xs = Arrays.stream(sizes).filter(size -> size <= upTo).toArray();
    Map<Server, double[][]> figures = new LinkedHashMap<>();
    servers.forEach(server -> figures.put(server, new double[xs.length][rounds]));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < xs.length; i++) {
        for (Server server : servers) {
          double figure = measured.at(server, (int) xs[i]);
          figures.get(server)[i][round] = figure;
          System.out.printf("  %,8.0f %-18s %8.2f %s%n", xs[i], server, figure, y);
        }
      }
    }
    if (report != null) {
      report(report, name, title, x, y, xs, figures);
    }
  }

  private void report(
      Path docs,
      String name,
      String title,
      String x,
      String y,
      double[] xs,
      Map<Server, double[][]> figures)
      throws IOException {
    Report text = new Report("medians of %d rounds".formatted(rounds), JAVA);
    List<String> head = new ArrayList<>(List.of(x));
    figures.keySet().forEach(server -> head.add(server.title + ", " + y));
    text.head(head);
    List<Chart.Line> lines = new ArrayList<>();
    figures.forEach(
        (server, all) ->
            lines.add(
                new Chart.Line(
                    server.toString(),
                    xs,
                    Arrays.stream(all).mapToDouble(Rounds::median).toArray())));
    for (int i = 0; i < xs.length; i++) {
      List<String> row = new ArrayList<>(List.of(Report.figure("%,.0f", xs[i])));
      for (Chart.Line line : lines) {
        row.add(Report.figure("%.2f", line.ys()[i]));
      }
      text.row(row);
    }
    text.write(docs.resolve("performance.md"), name);
    Chart.write(docs.resolve("performance").resolve(name + ".svg"), title, x, y, lines);
  }

  private double amongIdle(Server server, int connections) throws IOException {
    try (Child child = Child.start(server, JAVA, OPTIONS);
        Guests idle = new Guests(child.sockets(), server.dialect());
        Guests talkers = new Guests(child.sockets(), server.dialect())) {
      int left = connections - TALKERS;
      for (int room = 0; left > 0; room++) {
        idle.join("idle" + room, Math.min(left, 100));
        left -= 100;
      }
      talkers.join("talk", TALKERS);
      idle.listen(0.5);
      return paced(child, talkers);
    }
  }

  private double inRooms(Server server, int rooms) throws IOException {
    try (Child child = Child.start(server, JAVA, OPTIONS);
        Guests guests = new Guests(child.sockets(), server.dialect())) {
      for (int room = 0; room < rooms; room++) {
        guests.join("room" + room, 2);
      }
      return paced(child, guests);
    }
  }

  private double paced(Child child, Guests guests) throws IOException {
    guests.settle();
    // paced, it would take minutes until the code is compiled
    guests.talk(WARM_UP_SECONDS, 1);
    guests.hearAll();
    guests.talk(1, PER_SECOND);
    double cpu = child.cpuMicros();
    long before = guests.deliveries();
    guests.talk(seconds, PER_SECOND);
    guests.hearAll();
    return (child.cpuMicros() - cpu) / (guests.deliveries() - before);
  }

  private static double joinAfter(Server server, int messages) throws IOException {
    try (Child child = Child.start(server, JAVA, OPTIONS, "--room-history", "1000000");
        Guests guests = new Guests(child.sockets(), server.dialect())) {
      guests.join("old", 1);
      guests.settle();
      guests.say(messages);
      guests.hearAll();
      joins(guests);
      double cpu = child.cpuMicros();
      joins(guests);
      return (child.cpuMicros() - cpu) / JOINS;
    }
  }

  private static void joins(Guests guests) throws IOException {
    for (int i = 0; i < JOINS; i++) {
      guests.joinLast("old");
      guests.leaveLast();
    }
  }

  /** All that N joins cost, by the join frames that they make. */
  private static double storm(Server server, int size) throws IOException {
    try (Child child = Child.start(server, JAVA, OPTIONS);
        Guests guests = new Guests(child.sockets(), server.dialect())) {
      storms(guests, "warm", Math.max(1, 2_000 / size), size);
      double cpu = child.cpuMicros();
      int storms = Math.max(1, 1_000 / size);
      storms(guests, "storm", storms, size);
      return (child.cpuMicros() - cpu) / storms / joinFrames(size);
    }
  }

  /** One after the other, each into a new room; all stay. */
  private static void storms(Guests guests, String name, int storms, int size) throws IOException {
    for (int i = 0; i < storms; i++) {
      long before = guests.frames();
      guests.storm(name + i, size);
      // self, member_count, members and history of each, and the joins from its own on
      guests.hear(before + 4L * size + joinFrames(size));
    }
  }

  private static long joinFrames(long size) {
    return size * (size + 1) / 2;
  }
}
