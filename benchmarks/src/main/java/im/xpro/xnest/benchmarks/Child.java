package im.xpro.xnest.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server in a process of its own, and what the operating system and {@link Hosted} say of it. */
final class Child implements AutoCloseable {
  /** Stands for a new folder among a server's arguments; it is deleted in the end. */
  static final String FOLDER = "{folder}";

  private static final Pattern SOCKETS = Pattern.compile("listening on (ws://[^/]+/[^{\\s]*)");

  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;
  private final Path folder;
  private final URI sockets;

  private Child(List<String> command, Path folder) throws IOException {
    this.folder = folder;
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Matcher line = SOCKETS.matcher("");
    while (!line.reset(line()).find()) {}
    sockets = URI.create(line.group(1));
  }

  /**
   * Starts {@code server}; returns once it listens.
   *
   * @param java a JDK's
   * @param options of the JVM
   * @param more arguments of the server
   */
  static Child start(Server server, Path java, List<String> options, String... more)
      throws IOException {
    Path folder = Files.createTempDirectory("xnest-bench");
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Hosted.class.getName(), server.main));
    server.arguments.forEach(one -> command.add(one.equals(FOLDER) ? folder.toString() : one));
    command.addAll(List.of(more));
    return new Child(command, folder);
  }

  /** What the URL of a room begins with. */
  URI sockets() {
    return sockets;
  }

  /** User and system time so far, in microseconds. */
  double cpuMicros() {
    return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e3;
  }

  /** Calls of {@code write} and the like so far, on sockets and wake-ups; NaN but on Linux. */
  double writes() throws IOException {
    return writes(Path.of("/proc/" + process.pid() + "/io"));
  }

  /** What {@code io}, a file of Linux's, says of a process or a thread; NaN if it is not there. */
  static double writes(Path io) throws IOException {
    if (!Files.isReadable(io)) {
      return Double.NaN;
    }
    try (Stream<String> lines = Files.lines(io)) {
      return lines
          .filter(line -> line.startsWith("syscw: "))
          .mapToDouble(line -> Double.parseDouble(line.substring(7)))
          .sum();
    }
  }

  /** Bytes that live on its heap after a collection. */
  double heap() throws IOException {
    return ask("heap");
  }

  /** Bytes that its threads have allocated. */
  double allocated() throws IOException {
    return ask("allocated");
  }

  private double ask(String what) throws IOException {
    in.println(what);
    String line = line();
    while (!line.startsWith(what + " ")) {
      line = line();
    }
    return Double.parseDouble(line.substring(what.length() + 1));
  }

  private String line() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server ended");
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
