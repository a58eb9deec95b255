package im.xpro.xnest.benchmarks;

import im.xpro.xnest.benchmarks.Workload.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * xnest on each server next to a broadcast written by hand on the same, over real sockets on
 * loopback, each in a process of its own. Ends with 1 if a message was lost or out of order.
 *
 * <pre>java -cp "benchmarks/target/xnest-benchmarks.jar:benchmarks/target/libs/*" \
 *   im.xpro.xnest.benchmarks.Adapters --help</pre>
 */
@Command(name = "Adapters", mixinStandardHelpOptions = true, sortOptions = false)
final class Adapters implements Callable<Integer> {
  /** What each is compared with. */
  private static final Map<Server, Server> BASES =
      new EnumMap<>(
          Map.of(
              Server.XNEST, Server.HAND_WRITTEN,
              Server.XNEST_NETTY, Server.NETTY,
              Server.XNEST_TOMCAT, Server.TOMCAT,
              Server.XNEST_JETTY, Server.JETTY,
              Server.XNEST_UNDERTOW, Server.UNDERTOW,
              Server.XNEST_SPRING, Server.SPRING));

  @Option(
      names = "--servers",
      split = ",",
      description = "Of xnest, and xnest-netty, -tomcat, -jetty, -undertow, -spring.")
  private Set<Server> servers = EnumSet.copyOf(BASES.keySet());

  @Option(names = "--workloads", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private Set<Workload> workloads = EnumSet.of(Workload.W1, Workload.W2);

  @Mixin private Rounds rounds;

  @Option(
      names = "--report",
      paramLabel = "DOCS",
      description = "Folder whose performance.md gets the table.")
  private @Nullable Path report;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Adapters()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Set<Server> all = EnumSet.copyOf(servers);
    servers.forEach(server -> all.add(BASES.get(server)));
    for (Workload workload : workloads) {
      rounds.measure(workload, all);
      servers.forEach(server -> rounds.printRatio(workload, server, BASES.get(server)));
    }
    if (report != null) {
      report(report.resolve("performance.md"));
    }
    return 0;
  }

  private void report(Path file) throws IOException {
    Report text = rounds.report();
    text.head(
        List.of(
            "",
            "xnest, deliveries/s",
            "hand-written",
            "ratio",
            "xnest, µs of CPU",
            "hand-written",
            "ratio"));
    for (Workload workload : workloads) {
      for (Server server : servers) {
        Server base = BASES.get(server);
        text.row(
            List.of(
                workload + ", " + (server == Server.XNEST ? "Java-WebSocket" : server.title),
                rounds.cell("%,.0f", workload, server, Figures::perSecond),
                rounds.cell("%,.0f", workload, base, Figures::perSecond),
                rounds.ratioCell(workload, server, base, Figures::perSecond),
                rounds.cell("%.2f", workload, server, Figures::cpuMicros),
                rounds.cell("%.2f", workload, base, Figures::cpuMicros),
                rounds.ratioCell(workload, server, base, Figures::cpuMicros)));
      }
    }
    text.write(file, "adapters");
  }
}
