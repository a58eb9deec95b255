package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.examples.ServerJar.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar as users run it, in a process of its own. */
@Timeout(120)
class ChatServerIT {
  @TempDir Path data;
  final ServerJar jar = new ServerJar();

  @AfterEach
  void endProcesses() {
    jar.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"java-websocket", "netty"})
  void readyServerTellsItsAddressesAndServes(String engine) throws Exception {
    Running server = jar.start("--in-memory", "--server", engine);
    HttpClient http = HttpClient.newHttpClient();

    HttpResponse<String> page = get(http, server.page());
    HttpResponse<String> config = get(http, server.page().resolve("config.json"));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'");
    assertThat(config.body()).isEqualTo("{\"socket\":\"" + server.sockets() + "\"}");
    assertThat(get(http, server.page().resolve("nothing.html")).statusCode()).isEqualTo(404);
    assertThat(get(http, server.page().resolve("..%2fChatServer.class")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void nettyServesMediaOnThePortOfTheSockets() throws Exception {
    Running server = jar.start("--in-memory", "--server", "netty");
    HttpClient http = HttpClient.newHttpClient();
    byte[] content = new byte[300_000];

    assertThat(server.page().getPort()).isEqualTo(server.sockets().getPort());
    try (SocketGuest lin = new SocketGuest(http, URI.create(server.sockets() + "lobby"))) {
      URI file = lin.sends(9, content, "file");

      assertThat(file.getPort()).isEqualTo(server.page().getPort());
      HttpRequest request = HttpRequest.newBuilder(file).header("Range", "bytes=1-").build();
      HttpResponse<byte[]> part = http.send(request, BodyHandlers.ofByteArray());
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).hasSize(content.length - 1);
      assertThat(get(http, server.page().resolve("metrics")).body()).contains("xnest_members 1.0");
    }
  }

  @Test
  void thoseTooManyOnNettysPortAreCutAtOnce() throws Exception {
    Running server = jar.start("--in-memory", "--server", "netty");
    HttpClient http = HttpClient.newHttpClient();
    InetSocketAddress port =
        new InetSocketAddress(server.page().getHost(), server.page().getPort());
    List<SocketChannel> silent = new ArrayList<>();
    try (SocketGuest lin = new SocketGuest(http, URI.create(server.sockets() + "lobby"))) {
      // 1,000 for the page, 1,000 that may become chat's; those stay for 10 s
      for (int i = 0; i < 2_100; i++) {
        silent.add(SocketChannel.open(port));
      }

      assertThat(awaitEnds(silent, 100)).isEqualTo(100);

      lin.says("all is well");
    } finally {
      for (SocketChannel one : silent) {
        one.close();
      }
    }
    awaitThatItServes(server.page());
  }

  /** How many have ended, once these are {@code least}, and before all are cut who are silent. */
  private static long awaitEnds(List<SocketChannel> all, int least) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
    ByteBuffer any = ByteBuffer.allocate(1);
    long ended = 0;
    while (ended < least) {
      assertThat(System.nanoTime()).as(ended + " have ended").isLessThan(deadline);
      ended = 0;
      for (SocketChannel one : all) {
        one.configureBlocking(false);
        ended += one.read(any) < 0 ? 1 : 0;
      }
    }
    return ended;
  }

  private static void awaitThatItServes(URI page) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    boolean served = false;
    while (!served) {
      assertThat(System.nanoTime()).as("nothing is served").isLessThan(deadline);
      try {
        served = get(HttpClient.newHttpClient(), page).statusCode() == 200;
      } catch (IOException cut) {
        Thread.onSpinWait();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"java-websocket", "netty"})
  void termDrainsAndExitsWithZero(String engine) throws Exception {
    Running server = jar.start("--in-memory", "--server", engine);
    CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create(server.sockets() + "lobby?nickname=Lin"),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                closeCode.complete(code);
                return null;
              }
            })
        .get(30, TimeUnit.SECONDS);

    server.process().destroy();

    assertThat(closeCode.get(30, TimeUnit.SECONDS)).isEqualTo(1001);
    assertThat(server.process().waitFor()).isZero();
  }

  @Test
  void portInUseIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertThat(jar.fails(1, "--in-memory", "--port", port, "--http-port", "0"))
          .containsOnlyOnce(port)
          .hasLineCount(1);
      assertThat(jar.fails(1, "--in-memory", "--port", "0", "--http-port", port))
          .containsOnlyOnce(port)
          .hasLineCount(1);
      assertThat(jar.fails(1, "--in-memory", "--server", "netty", "--port", port))
          .containsOnlyOnce(port)
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--port 70000, --port must be 0 to 65535",
    "--port x, Invalid value for option '--port'",
    "--server tomcat, --server must be java-websocket or netty",
    "--rate -1, --rate must be 0 to 1000000",
    "--rate 1000001, --rate must be 0 to 1000000",
    "--http-port -1, --http-port must be 0 to 65535",
    "--room-history 0, --room-history must be 1 or more",
    "--origin x, --origin: an origin is written https://www.example.com",
    "--trusted-proxy 10.0.0.0/33, --trusted-proxy: a range of addresses is written 10.0.0.0/8",
    "--public-url ftp://x, --public-url must be http(s)",
    "--in-memory --jdbc-url jdbc:x:y, exclude each other",
    "--in-memory --data x, exclude each other",
    "--jdbc-url jdbc:mysql://localhost/x, PostgreSQL and SQLite",
    "--jdbc-login x, --jdbc-login is for --jdbc-url",
    "--jdbc-url jdbc:postgresql://localhost/x?password=secret, everybody can see a command line",
    "--nonsense, Unknown option",
  })
  void badOptionIsExplained(String options, String why) throws Exception {
    assertThat(jar.fails(2, options.split(" "))).contains(why).doesNotContain("\tat ");
  }

  @Test
  void unknownHostIsOneClearLine() throws Exception {
    assertThat(jar.fails(1, "--host", "no.such.host.invalid")).contains("--host").hasLineCount(1);
  }

  @Test
  void addressOfAnotherMachineIsOneClearLine() throws Exception {
    // TEST-NET-1 of RFC 5737, which is nobody's
    assertThat(jar.fails(1, "--in-memory", "--host", "192.0.2.1", "--port", "0"))
        .contains("192.0.2.1 (--host)")
        .hasLineCount(1);
  }

  @Test
  void secondServerInADataFolderRefusesToStart() throws Exception {
    jar.start("--data", data.toString());

    assertThat(jar.fails(1, "--data", data.toString(), "--port", "0", "--http-port", "0"))
        .contains("(--data) is in use by another server")
        .hasLineCount(1);
  }

  @Test
  void databaseThatIsDownIsOneClearLine() throws Exception {
    assertThat(
            jar.fails(
                1,
                "--data",
                data.toString(),
                "--jdbc-url",
                "jdbc:postgresql://127.0.0.1:1/chat?loggerLevel=OFF",
                "--port",
                "0",
                "--http-port",
                "0"))
        .contains("the history database cannot be used: Connection to 127.0.0.1:1 refused")
        .hasLineCount(1);
  }

  @Test
  void serverSaysWhereItsDataAreAndWhatTheyPromise() throws Exception {
    assertThat(jar.start("--data", data.toString()).promise())
        .contains(data.resolve("history.db").toString(), "survives a killed process");
    assertThat(jar.start("--in-memory").promise()).contains("gone at the end");
  }

  @Test
  void robotAnswersIfItIsAskedFor() throws Exception {
    Running server = jar.start("--in-memory", "--robot");
    Listening lin = new Listening(URI.create(server.sockets() + "lobby?nickname=Lin"));

    lin.says("@robot echo 你好");
    lin.hears(2);

    assertThat(lin.heard()).containsExactly("@robot echo 你好", "你好");
  }

  @Test
  void helpAndVersionAreTold() throws Exception {
    Process help = jar.run("--help");
    Process version = jar.run("--version");

    assertThat(ServerJar.output(help))
        .contains("--host", "--port", "--http-port", "--public-url", "--data", "--robot");
    assertThat(help.waitFor()).isZero();
    assertThat(ServerJar.output(version)).matches("xnest-server \\d+\\.\\d+\\.\\d+\\S*\\s*");
  }

  private static HttpResponse<String> get(HttpClient http, URI url) throws Exception {
    return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }
}
