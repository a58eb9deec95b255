package im.xpro.xnest.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long garbage collections stop the example server while it is busy, with 256 MiB of heap: with
 * the collector that each JDK chooses, and with ZGC.
 *
 * <pre>java -cp "benchmarks/target/xnest-benchmarks.jar:benchmarks/target/libs/*" \
 *   im.xpro.xnest.benchmarks.Pauses --java /path/to/jdk-25/bin/java</pre>
 */
@Command(name = "Pauses", mixinStandardHelpOptions = true, sortOptions = false)
final class Pauses implements Callable<Integer> {
  private static final Pattern PAUSE = Pattern.compile("\\bPause .*?(\\d+\\.\\d+)ms");

  @Option(
      names = "--java",
      defaultValue = "${sys:java.home}/bin/java",
      description = "What runs the servers.")
  private Path java;

  @Option(names = "--workloads", split = ",", description = "Of: ${COMPLETION-CANDIDATES}.")
  private List<Workload> workloads = List.of(Workload.W1, Workload.W2, Workload.W4);

  @Option(names = "--seconds", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--report",
      paramLabel = "DOCS",
      description = "Folder whose performance.md gets the table.")
  private @Nullable Path report;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Pauses()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Report text = new Report("%.0f s each, -Xmx256m".formatted(seconds), java);
    text.head(
        List.of(
            "",
            "collector",
            "pauses",
            "median ms",
            "longest ms",
            "all pauses, share of the time",
            "B allocated per delivery",
            "p99 of a delivery, ms"));
    for (Workload workload : workloads) {
      for (String collector : List.of("G1", "Z")) {
        List<String> row = measure(workload, collector);
        System.out.println(String.join("  ", row));
        text.row(row);
      }
    }
    if (report != null) {
      text.write(report.resolve("performance.md"), "pauses");
    }
    return 0;
  }

  private List<String> measure(Workload workload, String collector) throws IOException {
    Path log = Files.createTempFile("xnest-gc", ".log");
    List<String> options =
        List.of("-Xmx256m", "-XX:+Use" + collector + "GC", "-Xlog:gc*:file=" + log);
    try {
      Workload.Figures figures;
      try (Child child = Child.start(Server.XNEST, java, options)) {
        figures = workload.measure(child, Dialect.PLAIN, 5, seconds);
      }
      double[] pauses = pauses(log);
      return List.of(
          workload + ": " + workload.title,
          collector,
          String.valueOf(pauses.length),
          Report.figure("%.3f", pauses.length == 0 ? Double.NaN : Rounds.median(pauses)),
          Report.figure("%.3f", Arrays.stream(pauses).max().orElse(Double.NaN)),
          Report.figure("%.2f %%", Arrays.stream(pauses).sum() / (seconds + 5) / 10),
          Report.figure("%.0f", figures.allocated()),
          Report.figure("%.2f", figures.p99()));
    } finally {
      Files.delete(log);
    }
  }

  /** All of the server's life, in milliseconds. */
  private static double[] pauses(Path log) throws IOException {
    List<Double> found = new ArrayList<>();
    try (Stream<String> lines = Files.lines(log)) {
      lines.forEach(
          line ->
              PAUSE
                  .matcher(line)
                  .results()
                  .map(pause -> Double.parseDouble(pause.group(1)))
                  .forEach(found::add));
    }
    return found.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
