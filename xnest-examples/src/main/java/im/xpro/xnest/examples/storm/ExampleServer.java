package im.xpro.xnest.examples.storm;

import im.xpro.xnest.examples.ChatServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The chat server with its defaults and a heap of 256 MiB, in a process of its own. */
final class ExampleServer implements AutoCloseable {
  private static final Pattern SOCKETS = Pattern.compile("listening on (ws://[^{]+)");

  private final Path data = Files.createTempDirectory("xnest-storm");
  private final Process process;
  private final URI sockets;

  ExampleServer() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ChatServer.class.getName(),
                    "--port",
                    "0",
                    "--http-port",
                    "0",
                    "--data",
                    data.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    // it says three lines in all, which a pipe holds: nobody has to read on
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    Matcher said = SOCKETS.matcher(line == null ? "" : line);
    if (!said.find()) {
      close();
      throw new IOException("the server does not start");
    }
    sockets = URI.create(said.group(1));
  }

  /** What the URL of a room's socket begins with. */
  URI sockets() {
    return sockets;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() throws IOException {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
