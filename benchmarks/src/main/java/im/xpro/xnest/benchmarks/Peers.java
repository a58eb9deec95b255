package im.xpro.xnest.benchmarks;

import im.xpro.xnest.benchmarks.Workload.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  private Set<Server> servers = EnumSet.copyOf(Server.PEERS);

  @Option(names = "--workloads", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private Set<Workload> workloads = EnumSet.allOf(Workload.class);

  @Mixin private Rounds rounds;

  @Option(
      names = "--report",
      paramLabel = "DOCS",
      description = "Folder whose performance.md gets the tables.")
  private @Nullable Path report;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Peers()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    for (Workload workload : workloads) {
      rounds.measure(workload, servers);
      if (servers.contains(Server.HAND_WRITTEN)) {
        servers.forEach(server -> rounds.printRatio(workload, server, Server.HAND_WRITTEN));
      }
    }
    if (report != null && servers.contains(Server.HAND_WRITTEN)) {
      report(report.resolve("performance.md"));
    }
    return 0;
  }

  private void report(Path file) throws IOException {
    Report text = rounds.report();
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
              rounds.cell("%.2f", Workload.W1, server, Figures::cpuMicros),
              rounds.cell("%.2f", Workload.W2, server, Figures::cpuMicros),
              rounds.cell("%.2f", Workload.W3, server, Figures::cpuMicros),
              rounds.cell("%.1f", Workload.W4, server, Figures::cpuMicros),
              rounds.cell("%,.0f", Workload.W1, server, Figures::perSecond),
              rounds.cell("%,.0f", Workload.W2, server, Figures::perSecond),
              rounds.cell("%,.0f", Workload.W1, server, Figures::allocated),
              rounds.cell("%.2f", Workload.W4, server, Figures::p50),
              rounds.cell("%.2f", Workload.W4, server, Figures::p99),
              rounds.cell("%,.0f", Workload.W5, server, Figures::heap)));
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
        cells.add(rounds.ratioCell(workload, server, Server.HAND_WRITTEN, figure));
      }
    }
    text.row(cells);
  }
}
