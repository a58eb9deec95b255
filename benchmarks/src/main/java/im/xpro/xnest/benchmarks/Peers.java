package im.xpro.xnest.benchmarks;

import im.xpro.xnest.benchmarks.Workload.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * xnest and what else there is, in turn, over real sockets on loopback, each server in a process of
 * its own. Compare the ratios of one run; absolute figures drift with the machine. Ends with 1 if a
 * message was lost or out of order.
 *
 * <pre>java -cp "benchmarks/target/xnest-benchmarks.jar:benchmarks/target/libs/*" \
 *   im.xpro.xnest.benchmarks.Peers --help</pre>
 */
@Command(name = "Peers", mixinStandardHelpOptions = true, sortOptions = false)
final class Peers implements Callable<Integer> {
  @Option(names = "--servers", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private Set<Server> servers = EnumSet.allOf(Server.class);

  @Option(names = "--workloads", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private Set<Workload> workloads = EnumSet.allOf(Workload.class);

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "That each server is measured in a round (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "6",
      description =
          "Before, with messages in flight, so that the compilers are done (default:"
              + " ${DEFAULT-VALUE}).")
  private double warmUp;

  @Option(
      names = "--java",
      defaultValue = "${sys:java.home}/bin/java",
      description = "What runs the servers.")
  private Path java;

  @Option(
      names = "--options",
      split = " ",
      defaultValue = "-Xmx1g",
      description = "Of the servers' JVM.")
  private List<String> options;

  @Option(
      names = "--report",
      paramLabel = "DOCS",
      description = "Folder whose performance.md gets the tables.")
  private @Nullable Path report;

  private final Map<Workload, Map<Server, Figures[]>> results = new EnumMap<>(Workload.class);

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Peers()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    for (Workload workload : workloads) {
      System.out.println(workload + ": " + workload.title);
      measure(workload);
      if (servers.contains(Server.HAND_WRITTEN)) {
        servers.forEach(server -> printRatios(workload, server));
      }
    }
    if (report != null && servers.contains(Server.HAND_WRITTEN)) {
      report(report.resolve("performance.md"));
    }
    return 0;
  }

  private void report(Path file) throws IOException {
    Report text =
        new Report("medians of %d rounds of %.0f s each".formatted(rounds, seconds), java);
    text.head(
        List.of(
            "",
            "W1 µs",
            "W2 µs",
            "W3 µs",
            "W4 µs",
            "W1 deliveries/s",
            "W2 deliveries/s",
            "W1 B allocated",
            "W4 p50 ms",
            "W4 p99 ms",
            "W5 B/member"));
    for (Server server : servers) {
      text.row(
          List.of(
              server.title,
              cell("%.2f", Workload.W1, server, Figures::cpuMicros),
              cell("%.2f", Workload.W2, server, Figures::cpuMicros),
              cell("%.2f", Workload.W3, server, Figures::cpuMicros),
              cell("%.1f", Workload.W4, server, Figures::cpuMicros),
              cell("%,.0f", Workload.W1, server, Figures::perSecond),
              cell("%,.0f", Workload.W2, server, Figures::perSecond),
              cell("%,.0f", Workload.W1, server, Figures::allocated),
              cell("%.2f", Workload.W4, server, Figures::p50),
              cell("%.2f", Workload.W4, server, Figures::p99),
              cell("%,.0f", Workload.W5, server, Figures::heap)));
    }
    text.add("");
    text.add("Medians of each round's ratio to the hand-written server, and their range:");
    text.add("");
    List<String> head = new ArrayList<>(List.of("", "wanted"));
    servers.stream().filter(one -> one != Server.HAND_WRITTEN).forEach(one -> head.add(one.title));
    text.head(head);
    ratios(text, "W1 CPU per delivery", "≤ 0.15", Workload.W1, Figures::cpuMicros);
    ratios(text, "W2 CPU per delivery", "≤ 0.15", Workload.W2, Figures::cpuMicros);
    ratios(text, "W3 CPU per delivery", "≤ 0.38", Workload.W3, Figures::cpuMicros);
    ratios(text, "W4 CPU per delivery", "≤ 1", Workload.W4, Figures::cpuMicros);
    ratios(text, "W1 deliveries/s", "≥ 6", Workload.W1, Figures::perSecond);
    ratios(text, "W2 deliveries/s", "", Workload.W2, Figures::perSecond);
    ratios(text, "W4 p50", "≤ 1", Workload.W4, Figures::p50);
    ratios(text, "W5 live heap per member", "≤ 1.25", Workload.W5, Figures::heap);
    text.write(file, "peers");
  }

  private String cell(
      String format, Workload workload, Server server, ToDoubleFunction<Figures> figure) {
    if (!workloads.contains(workload)) {
      return "–";
    }
    Figures[] all = results.get(workload).get(server);
    return Report.figure(format, median(Arrays.stream(all).mapToDouble(figure).toArray()));
  }

  private void ratios(
      Report text,
      String name,
      String wanted,
      Workload workload,
      ToDoubleFunction<Figures> figure) {
    if (!workloads.contains(workload)) {
      return;
    }
    List<String> cells = new ArrayList<>(List.of(name, wanted));
    for (Server server : servers) {
      if (server != Server.HAND_WRITTEN) {
        double[] all = ratios(workload, server, figure);
        cells.add(
            Report.figure("%.2f", median(all))
                + Report.figure(" (%.2f", Arrays.stream(all).min().orElseThrow())
                + Report.figure("–%.2f)", Arrays.stream(all).max().orElseThrow()));
      }
    }
    text.row(cells);
  }

  private void measure(Workload workload) throws IOException {
    Map<Server, Figures[]> figures = new EnumMap<>(Server.class);
    results.put(workload, figures);
    servers.forEach(server -> figures.put(server, new Figures[rounds]));
    for (int round = 0; round < rounds; round++) {
      for (Server server : servers) {
        try (Child child = Child.start(server, java, options)) {
          Figures one = workload.measure(child, server.dialect(), warmUp, seconds);
          figures.get(server)[round] = one;
          print(server, one);
        } catch (IOException failure) {
          throw new IOException(server + " in " + workload + ": " + failure.getMessage(), failure);
        }
      }
    }
  }

  private static void print(Server server, Figures figures) {
    System.out.printf(
        "  %-14s %,10.0f deliveries/s %6.2f us CPU %6.3f writes %,7.0f B allocated"
            + "  p50 %.2f ms  p99 %.2f ms  %,.0f B live%n",
        server,
        figures.perSecond(),
        figures.cpuMicros(),
        figures.writes(),
        figures.allocated(),
        figures.p50(),
        figures.p99(),
        figures.heap());
  }

  private void printRatios(Workload workload, Server server) {
    System.out.printf(
        "  %-14s to the hand-written one: %.2f of the deliveries/s, %.3f of the CPU, %.2f of the"
            + " p50, %.2f of the heap%n",
        server,
        ratio(workload, server, Figures::perSecond),
        ratio(workload, server, Figures::cpuMicros),
        ratio(workload, server, Figures::p50),
        ratio(workload, server, Figures::heap));
  }

  /** The median of the rounds' ratios. */
  private double ratio(Workload workload, Server server, ToDoubleFunction<Figures> figure) {
    return median(ratios(workload, server, figure));
  }

  private double[] ratios(Workload workload, Server server, ToDoubleFunction<Figures> figure) {
    Figures[] ours = results.get(workload).get(server);
    Figures[] base = results.get(workload).get(Server.HAND_WRITTEN);
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, i -> figure.applyAsDouble(ours[i]) / figure.applyAsDouble(base[i]));
    return ratios;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
