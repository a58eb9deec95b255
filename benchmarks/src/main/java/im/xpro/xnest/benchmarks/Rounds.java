package im.xpro.xnest.benchmarks;

import im.xpro.xnest.benchmarks.Workload.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Option;

/** Servers measured one after the other, over and over, and what came of it. */
final class Rounds {
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

  private final Map<Workload, Map<Server, Figures[]>> results = new EnumMap<>(Workload.class);

  /** Prints what it finds as it goes. */
  void measure(Workload workload, Collection<Server> servers) throws IOException {
    System.out.println(workload + ": " + workload.title);
    Map<Server, Figures[]> figures = new EnumMap<>(Server.class);
    results.put(workload, figures);
    servers.forEach(server -> figures.put(server, new Figures[rounds]));
    List<Server> order = new ArrayList<>(servers);
    for (int round = 0; round < rounds; round++) {
      // the machine drifts: nobody is always behind the same one
      Collections.reverse(order);
      for (Server server : order) {
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

  /** Prints the medians of each round's ratios to {@code base}. */
  void printRatio(Workload workload, Server server, Server base) {
    System.out.printf(
        "  %-14s to %s: %.2f of the deliveries/s, %.3f of the CPU, %.2f of the p50, %.2f of the"
            + " heap%n",
        server,
        base,
        median(ratios(workload, server, base, Figures::perSecond)),
        median(ratios(workload, server, base, Figures::cpuMicros)),
        median(ratios(workload, server, base, Figures::p50)),
        median(ratios(workload, server, base, Figures::heap)));
  }

  /** About these rounds, still without a table. */
  Report report() throws IOException {
    return new Report("medians of %d rounds of %.0f s each".formatted(rounds, seconds), java);
  }

  /** The median, for people; a dash if it was not measured. */
  String cell(String format, Workload workload, Server server, ToDoubleFunction<Figures> figure) {
    Map<Server, Figures[]> all = results.get(workload);
    return all == null
        ? "–"
        : Report.figure(
            format, median(Arrays.stream(all.get(server)).mapToDouble(figure).toArray()));
  }

  /** The median of each round's ratio to {@code base}, and their range, for people. */
  String ratioCell(
      Workload workload, Server server, Server base, ToDoubleFunction<Figures> figure) {
    double[] all = ratios(workload, server, base, figure);
    return Report.figure("%.2f", median(all))
        + Report.figure(" (%.2f", Arrays.stream(all).min().orElseThrow())
        + Report.figure("–%.2f)", Arrays.stream(all).max().orElseThrow());
  }

  private double[] ratios(
      Workload workload, Server server, Server base, ToDoubleFunction<Figures> figure) {
    Figures[] ours = results.get(workload).get(server);
    Figures[] others = results.get(workload).get(base);
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, i -> figure.applyAsDouble(ours[i]) / figure.applyAsDouble(others[i]));
    return ratios;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
