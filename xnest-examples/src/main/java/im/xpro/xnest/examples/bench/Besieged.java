package im.xpro.xnest.examples.bench;

import im.xpro.xnest.examples.ChatServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The chat server as it is by default, with 256 MiB of heap, in a process of its own. */
final class Besieged implements AutoCloseable {
  private static final Pattern SOCKETS = Pattern.compile("listening on (ws://\\S+?)\\{room}");
  private static final Pattern PAGE = Pattern.compile("Open (http://\\S+) in a browser");
  private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
  private static final int MOST_LINES = 60;
  private static final int HEAP_ATTEMPTS = 3;
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Path folder;
  private final Process process;
  private final URI sockets;
  private final URI page;

  private Besieged(Path folder, Process process) throws IOException {
    this.folder = folder;
    this.process = process;
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    sockets = find(SOCKETS, out);
    page = find(PAGE, out);
  }

  static Besieged start() throws IOException {
    Path folder = Files.createTempDirectory("xnest-siege");
    List<String> command = new ArrayList<>(List.of(tool("java"), "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ChatServer.class.getName());
    command.addAll(List.of("--port", "0", "--http-port", "0"));
    command.addAll(List.of("--data", folder.resolve("data").toString()));
    File log = folder.resolve("log").toFile();
    Process process = new ProcessBuilder(command).redirectError(log).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    try {
      return new Besieged(folder, process);
    } catch (IOException failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static URI find(Pattern pattern, BufferedReader out) throws IOException {
    String line = out.readLine();
    Matcher matcher = pattern.matcher(String.valueOf(line));
    if (!matcher.find()) {
      throw new IOException("the server did not start: " + line);
    }
    return URI.create(matcher.group(1));
  }

  /** What URLs of rooms begin with. */
  URI sockets() {
    return sockets;
  }

  /** Bytes of the objects that can be reached, right after a collection of all garbage. */
  long liveHeap() throws IOException {
    String told = "";
    // jcmd gives up on a process that does not answer within 10 s
    for (int attempt = 0; attempt < HEAP_ATTEMPTS; attempt++) {
      Process jcmd =
          new ProcessBuilder(tool("jcmd"), Long.toString(process.pid()), "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      told = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher total = TOTAL.matcher(told);
      if (total.find()) {
        return Long.parseLong(total.group(1));
      }
    }
    throw new IOException("no heap is told of: " + told);
  }

  /** The value of a meter that has one. */
  double metric(String name) throws IOException {
    URLConnection ask = page.resolve("metrics").toURL().openConnection();
    ask.setConnectTimeout(TIMEOUT_MILLIS);
    ask.setReadTimeout(TIMEOUT_MILLIS);
    try (InputStream in = ask.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow(() -> new IOException("no meter " + name));
    }
  }

  /** Files and sockets that it has open; 0 where that is not told. */
  long descriptors() throws IOException {
    Path all = Path.of("/proc", Long.toString(process.pid()), "fd");
    if (!Files.isDirectory(all)) {
      return 0;
    }
    try (Stream<Path> each = Files.list(all)) {
      return each.count();
    }
  }

  /** Sends a signal, such as {@code STOP}. */
  void signal(String name) throws IOException {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its log from the first error on, as it should have none whatever comes; not all of it. */
  List<String> errors() throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("log"))) {
      return lines
          .dropWhile(line -> !line.contains("Error") && !line.contains(" ERROR "))
          .limit(MOST_LINES)
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
