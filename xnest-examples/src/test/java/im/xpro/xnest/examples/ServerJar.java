package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jar as users run it, each time in a process of its own. */
final class ServerJar implements AutoCloseable {
  private static final Path JAR = Path.of("target", "xnest-server.jar");
  private static final Pattern SOCKETS =
      Pattern.compile("xnest listening on (wss?://\\S+?)\\{room}");
  private static final Pattern PAGE = Pattern.compile("Open (https?://\\S+) in a browser");

  /** Of the processes that are started from now on, besides what this one has. */
  final Map<String, String> environment = new HashMap<>();

  /** What the command begins with, empty if it is the JVM's own. */
  List<String> launcher = List.of();

  private final List<Process> processes = new ArrayList<>();

  /**
   * One that is ready.
   *
   * @param promise the line in which it says where its data are
   */
  record Running(
      Process process, URI sockets, URI page, String promise, BufferedReader furtherOutput) {}

  /** Starts it on free ports and waits until it is ready. */
  Running start(String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--port", "0", "--http-port", "0"));
    all.addAll(List.of(options));
    Process process = run(all.toArray(String[]::new));
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    URI sockets = find(SOCKETS, out.readLine());
    return new Running(process, sockets, find(PAGE, out.readLine()), out.readLine(), out);
  }

  private static URI find(Pattern pattern, String line) {
    assertThat(line).isNotNull();
    Matcher matcher = pattern.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return URI.create(matcher.group(1));
  }

  /** What it says when it fails with {@code exitCode}. */
  String fails(int exitCode, String... options) throws Exception {
    Process process = run(options);
    String said = output(process);
    assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
    return said.strip();
  }

  static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  Process run(String... options) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Kills those that still run. */
  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
