package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import im.xpro.xnest.examples.ServerJar.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@DisplayName("/metrics and /health of the chat server")
@Timeout(120)
class OperationsIT {
  private static final String OK = "ok\n";

  @TempDir Path data;
  final ServerJar jar = new ServerJar();
  final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void endProcesses() {
    jar.close();
  }

  private HttpResponse<String> get(URI url, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /** Asks again and again, 30 s at most, until the answer is good. */
  private HttpResponse<String> await(URI url, Predicate<HttpResponse<String>> isGood)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    HttpResponse<String> answer;
    while (!isGood.test(answer = get(url))) {
      assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
    }
    return answer;
  }

  /** An address of this machine that is not a loopback one. */
  private static Optional<InetAddress> otherAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .filter(address -> address.getAddress().length == 4)
        .findFirst();
  }

  @Test
  void peerOnThisMachineIsAnswered() throws Exception {
    Running server = jar.start("--in-memory");
    URI metrics = server.page().resolve("metrics");

    HttpResponse<String> empty = get(metrics);
    try (SocketGuest lin = new SocketGuest(server.sockets(), "lobby", "Lin")) {
      lin.says("hello");
      assertThat(get(metrics).body())
          .contains("xnest_members 1.0", "xnest_messages_received_total 1.0");
    }
    HttpResponse<String> health = get(server.page().resolve("health"));

    assertThat(empty.statusCode()).isEqualTo(200);
    assertThat(empty.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    assertThat(empty.body()).contains("xnest_rooms 0.0", "jvm_memory_used_bytes");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).isEqualTo(OK);
    await(metrics, answer -> answer.body().contains("xnest_members 0.0"));
  }

  @Test
  void whoMayNotAskFindsNothing() throws Exception {
    URI page = jar.start("--in-memory").page();

    assertThat(get(page.resolve("metrics"), "X-Forwarded-For", "192.0.2.1").statusCode())
        .isEqualTo(404);
    assertThat(get(page.resolve("health"), "Forwarded", "for=192.0.2.1").statusCode())
        .isEqualTo(404);
    assertThat(get(page.resolve("metricsfoo")).statusCode()).isEqualTo(404);
    assertThat(get(page.resolve("health/more")).statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(page.resolve("health")).POST(BodyPublishers.noBody()).build();
    assertThat(http.send(post, BodyHandlers.discarding()).statusCode()).isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void peerOfAnotherAddressIsAnsweredOnlyIfAllAre(boolean isForAll) throws Exception {
    Optional<InetAddress> other = otherAddress();
    assumeTrue(other.isPresent(), "this machine has no address but loopback ones");
    String host = other.get().getHostAddress();
    // from that address to itself
    List<String> options = new ArrayList<>(List.of("--in-memory", "--host", host));
    if (isForAll) {
      options.add("--metrics-for-all");
    }
    int status = isForAll ? 200 : 404;
    URI page = jar.start(options.toArray(String[]::new)).page();
    assertThat(page.getHost()).isEqualTo(host);

    assertThat(get(page.resolve("metrics")).statusCode()).isEqualTo(status);
    assertThat(get(page.resolve("health")).statusCode()).isEqualTo(status);
    assertThat(get(page).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"})
  void loopbackAddressIsLocal(String address) throws Exception {
    InetAddress peer = InetAddress.getByName(address);

    Headers proxied = new Headers();
    proxied.set("x-forwarded-for", "127.0.0.1");

    assertThat(Operations.isLocal(asking(peer, new Headers()))).isTrue();
    assertThat(Operations.isLocal(asking(peer, proxied))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "10.0.0.1", "0.0.0.0", "::", "fe80::1", "2001:db8::1"})
  void otherAddressIsNotLocal(String address) throws Exception {
    InetAddress peer = InetAddress.getByName(address);

    assertThat(Operations.isLocal(asking(peer, new Headers()))).isFalse();
  }

  private static Resource.Ask asking(InetAddress peer, Headers headers) {
    return new Resource.Ask("GET", "/health", headers::getFirst, peer);
  }

  @Test
  void storeThatFailsMakesTheServerUnwellUntilItIsWellAgain() throws Exception {
    Running server = jar.start("--data", data.toString());
    URI health = server.page().resolve("health");
    URI room = URI.create(server.sockets() + "lobby?nickname=Lin");
    WebSocket lin = http.newWebSocketBuilder().buildAsync(room, new WebSocket.Listener() {}).join();
    assertThat(get(health).body()).isEqualTo(OK);

    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("history.db"));
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN EXCLUSIVE");
      lin.sendText("hello", true).join();

      // on a busy machine it is told before that it takes too long
      String failed = "the last append to the history has failed\n";
      assertThat(await(health, answer -> answer.body().equals(failed)).statusCode()).isEqualTo(503);
      statement.execute("ROLLBACK");
    }
    lin.sendText("hello again", true).join();

    await(health, answer -> answer.statusCode() == 200);
    assertThat(get(server.page().resolve("metrics")).body())
        .containsPattern("xnest_append_seconds_count\\{outcome=\"failed\"} [1-9]");
    lin.abort();
  }

  @Test
  void serverThatDrainsSaysSo() throws Exception {
    ChatServer server = new ChatServer();
    new CommandLine(server).parseArgs("--in-memory", "--port", "0", "--http-port", "0");
    ChatServer.Running running = server.start();
    URI health = running.page().resolve("health");
    assertThat(get(health).body()).isEqualTo(OK);
    CountDownLatch drained = new CountDownLatch(1);
    // is closed first, and takes its time as members may
    running.opened().add(drained::await);

    Thread closing = new Thread(running::close);
    closing.start();
    try {
      assertThat(await(health, answer -> answer.statusCode() == 503).body())
          .isEqualTo("the server is going away\n");
    } finally {
      drained.countDown();
      closing.join();
    }
  }
}
