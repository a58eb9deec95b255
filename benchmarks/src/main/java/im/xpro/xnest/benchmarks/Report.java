package im.xpro.xnest.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What a driver found, as Markdown in a part of docs/performance.md that it alone writes. */
final class Report {
  private final List<String> lines = new ArrayList<>();

  /**
   * @param measured what, how often
   * @param java what ran the servers
   */
  Report(String measured, Path java) throws IOException {
    add(
        LocalDate.now(ZoneOffset.UTC)
            + ", "
            + measured
            + ". Machine: "
            + machine()
            + ", JDK "
            + version(java)
            + ".");
    add("");
  }

  /** As the JDK's own file tells it. */
  private static String version(Path java) throws IOException {
    Path release = java.toRealPath().resolve("../../release").normalize();
    try (Stream<String> all = Files.lines(release)) {
      return all.filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.substring(13).replace("\"", ""))
          .findFirst()
          .orElseThrow(() -> new IOException("no version in " + release));
    }
  }

  private static String machine() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    String model = System.getProperty("os.arch");
    if (Files.isReadable(info)) {
      try (Stream<String> all = Files.lines(info)) {
        model =
            all.filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse(model);
      }
    }
    return "%d cores, %s, %s %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model,
            System.getProperty("os.name"),
            System.getProperty("os.version").replaceFirst("-.*", ""));
  }

  void add(String line) {
    lines.add(line);
  }

  /** A head with its rule; the first column is text. */
  void head(List<String> cells) {
    row(cells);
    add("|---|" + "---:|".repeat(cells.size() - 1));
  }

  void row(List<String> cells) {
    add("| " + String.join(" | ", cells) + " |");
  }

  /** For people; a dash for NaN. */
  static String figure(String format, double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
  }

  /** Takes the place of what stands between the marks of {@code part} in the file. */
  void write(Path file, String part) throws IOException {
    String begin = "<!-- " + part + ": written by the driver -->\n";
    String end = "<!-- end of " + part + " -->";
    String text = Files.readString(file, StandardCharsets.UTF_8);
    int from = text.indexOf(begin) + begin.length();
    int to = text.indexOf(end);
    if (from < begin.length() || to < from) {
      throw new IOException(file + " has no marks for " + part);
    }
    String found = "\n" + String.join("\n", lines) + "\n\n";
    Files.writeString(file, text.substring(0, from) + found + text.substring(to));
  }
}
