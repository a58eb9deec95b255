package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar as users run it, in a process of its own. */
@Timeout(60)
class ChatServerIT {
  private static final Path JAR = Path.of("target", "xnest-server.jar");
  private static final Pattern SOCKETS = Pattern.compile("xnest listening on (ws://\\S+?)\\{room}");
  private static final Pattern PAGE = Pattern.compile("Open (http://\\S+) in a browser");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void readyServerTellsItsAddressesAndServes() throws Exception {
    Running server = start("--port", "0", "--http-port", "0");
    HttpClient http = HttpClient.newHttpClient();

    HttpResponse<String> page = get(http, server.page);
    HttpResponse<String> config = get(http, server.page.resolve("config.json"));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'");
    assertThat(config.body()).isEqualTo("{\"socket\":\"" + server.sockets + "\"}");
    assertThat(get(http, server.page.resolve("nothing.html")).statusCode()).isEqualTo(404);
    assertThat(get(http, server.page.resolve("..%2fChatServer.class")).statusCode()).isEqualTo(404);
  }

  @Test
  void termDrainsAndExitsWithZero() throws Exception {
    Running server = start("--port", "0", "--http-port", "0");
    CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create(server.sockets + "lobby?nickname=Lin"),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                closeCode.complete(code);
                return null;
              }
            })
        .get(10, TimeUnit.SECONDS);

    server.process.destroy();

    assertThat(closeCode.get(10, TimeUnit.SECONDS)).isEqualTo(1001);
    assertThat(server.process.waitFor()).isZero();
  }

  @Test
  void portInUseIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertThat(fails(1, "--port", port, "--http-port", "0"))
          .containsOnlyOnce(port)
          .hasLineCount(1);
      assertThat(fails(1, "--port", "0", "--http-port", port))
          .containsOnlyOnce(port)
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--port 70000, --port must be 0 to 65535",
    "--port x, Invalid value for option '--port'",
    "--http-port -1, --http-port must be 0 to 65535",
    "--room-history 0, --room-history must be 1 or more",
    "--public-url ftp://x, --public-url must be http(s)",
    "--data /tmp/x, --data",
    "--nonsense, Unknown option",
  })
  void badOptionIsExplained(String options, String why) throws Exception {
    assertThat(fails(2, options.split(" "))).contains(why).doesNotContain("\tat ");
  }

  @Test
  void unknownHostIsOneClearLine() throws Exception {
    assertThat(fails(1, "--host", "no.such.host.invalid")).contains("--host").hasLineCount(1);
  }

  @Test
  void helpAndVersionAreTold() throws Exception {
    Process help = run("--help");
    Process version = run("--version");

    assertThat(output(help)).contains("--host", "--port", "--http-port", "--public-url", "--data");
    assertThat(help.waitFor()).isZero();
    assertThat(output(version)).matches("xnest-server \\d+\\.\\d+\\.\\d+\\S*\\s*");
  }

  private record Running(Process process, URI sockets, URI page) {}

  private Running start(String... options) throws IOException {
    Process process = run(options);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new Running(process, find(SOCKETS, out.readLine()), find(PAGE, out.readLine()));
  }

  private static URI find(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return URI.create(matcher.group(1));
  }

  /** What it says when it fails. */
  private String fails(int exitCode, String... options) throws Exception {
    Process process = run(options);
    String said = output(process);
    assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
    return said.strip();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Process run(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    return process;
  }

  private static HttpResponse<String> get(HttpClient http, URI url) throws Exception {
    return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }
}
