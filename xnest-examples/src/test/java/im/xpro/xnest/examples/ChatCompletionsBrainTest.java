package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.robot.Question;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a service that stands in for the real one, on this machine. */
@Timeout(60)
class ChatCompletionsBrainTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);

  /** For a busy machine to have asked the service by then. */
  private static final Duration ENOUGH = Duration.ofSeconds(5);

  private static final Member LIN = new Member(new MemberId("m1"), "Lin");

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CompletableFuture<JsonObject> asked = new CompletableFuture<>();
  private final CompletableFuture<String> authorization = new CompletableFuture<>();

  /** The service could write no more: nobody reads. */
  private final CompletableFuture<Void> brokenOff = new CompletableFuture<>();

  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;

  private interface Service {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private ChatCompletionsBrain brain(Duration time, Service service) {
    server.createContext(
        "/",
        exchange -> {
          String question =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.complete(JsonParser.parseString(question).getAsJsonObject());
          authorization.complete(exchange.getRequestHeaders().getFirst("Authorization"));
          try (exchange) {
            service.answer(exchange);
          } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
          } catch (IOException nobodyReads) {
            brokenOff.complete(null);
          }
        });
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/chat");
    return new ChatCompletionsBrain(url, "small", "k-1", time);
  }

  private static CompletableFuture<String> ask(ChatCompletionsBrain brain) {
    return brain.answer(new Question("几点了?", LIN, List.of(LIN))).toCompletableFuture();
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static byte[] saying(String text) {
    JsonObject message = new JsonObject();
    message.addProperty("content", text);
    return ("{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":" + message + "}]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Writes without end, until nobody reads any more. */
  private void drip(HttpExchange exchange, byte[] piece, Duration pause)
      throws IOException, InterruptedException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    while (!end.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      out.write(piece);
      out.flush();
    }
  }

  private static Throwable failure(CompletableFuture<String> answer) throws Exception {
    try {
      throw new AssertionError("answered: " + answer.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException failed) {
      return failed.getCause();
    }
  }

  @Test
  void serviceIsAskedAndItsAnswerTold() throws Exception {
    ChatCompletionsBrain brain = brain(LONG, exchange -> send(exchange, 200, saying(" 十点 😀\n")));

    assertThat(ask(brain).get(30, TimeUnit.SECONDS)).isEqualTo("十点 😀");

    JsonObject question = asked.join();
    assertThat(question.get("model").getAsString()).isEqualTo("small");
    assertThat(question.getAsJsonArray("messages").get(1).getAsJsonObject().get("content"))
        .hasToString("\"Lin: 几点了?\"");
    assertThat(authorization.join()).isEqualTo("Bearer k-1");
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 302, 401, 404, 429, 500})
  void otherStatusIsAFailureThatNamesIt(int status) throws Exception {
    ChatCompletionsBrain brain = brain(LONG, exchange -> send(exchange, status, saying("no")));

    assertThat(failure(ask(brain))).hasMessage("the service answered with status " + status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "null",
        "{}",
        "{\"choices\":[]}",
        "{\"choices\":[{}]}",
        "{\"choices\":[{\"message\":{\"content\":null}}]}",
        "{\"choices\":[{\"message\":{\"content\":{}}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"cut",
      })
  void garbageIsAFailure(String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ChatCompletionsBrain brain =
        brain(
            LONG,
            exchange -> {
              exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
              exchange.getResponseBody().write(bytes);
            });

    assertThat(failure(ask(brain))).hasMessage("the service's answer has no text");
  }

  @Test
  void answerOf64KibibytesIsTaken() throws Exception {
    int around = saying("").length;
    String text = "x".repeat((64 << 10) - around);
    ChatCompletionsBrain brain = brain(LONG, exchange -> send(exchange, 200, saying(text)));

    assertThat(ask(brain).get(30, TimeUnit.SECONDS)).isEqualTo(text);
  }

  @Test
  void answerOfOneByteMoreIsAFailure() throws Exception {
    int around = saying("").length;
    String text = "x".repeat((64 << 10) - around + 1);
    ChatCompletionsBrain brain = brain(LONG, exchange -> send(exchange, 200, saying(text)));

    assertThat(failure(ask(brain))).hasRootCauseMessage("the answer has more than 65536 bytes");
  }

  @Test
  void answerWithoutEndIsBrokenOff() throws Exception {
    ChatCompletionsBrain brain =
        brain(LONG, exchange -> drip(exchange, new byte[64 << 10], Duration.ZERO));

    assertThat(failure(ask(brain))).hasRootCauseMessage("the answer has more than 65536 bytes");
    brokenOff.get(30, TimeUnit.SECONDS);
  }

  @Test
  void silentServiceIsGivenUp() throws Exception {
    ChatCompletionsBrain brain = brain(SHORT, exchange -> end.await());

    assertThat(failure(ask(brain))).isInstanceOf(TimeoutException.class);
  }

  @Test
  void serviceThatDripsIsGivenUpAndBrokenOff() throws Exception {
    ChatCompletionsBrain brain =
        brain(ENOUGH, exchange -> drip(exchange, new byte[] {' '}, Duration.ofMillis(5)));

    assertThat(failure(ask(brain))).isInstanceOf(TimeoutException.class);
    brokenOff.get(30, TimeUnit.SECONDS);
  }

  @Test
  void cancelEndsTheConnection() throws Exception {
    ChatCompletionsBrain brain =
        brain(LONG, exchange -> drip(exchange, new byte[] {' '}, Duration.ofMillis(5)));
    CompletableFuture<String> answer = ask(brain);
    asked.get(30, TimeUnit.SECONDS);

    answer.cancel(true);

    brokenOff.get(30, TimeUnit.SECONDS);
  }

  @Test
  void serviceThatIsDownIsAFailure() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    URI url = URI.create("http://127.0.0.1:" + free + "/");

    assertThat(failure(ask(new ChatCompletionsBrain(url, "small", null))))
        .hasMessage("the service could not be asked")
        .hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void otherUrlThanHttpIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatCompletionsBrain(URI.create("ftp://x/"), "small", null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k 1", "k-1\n", "钥匙"})
  void keyThatNoHeaderCanBearIsRefusedAndNotShown(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatCompletionsBrain(URI.create("http://x/"), "small", key))
        .withMessage("key has other than visible ASCII characters");
  }
}
