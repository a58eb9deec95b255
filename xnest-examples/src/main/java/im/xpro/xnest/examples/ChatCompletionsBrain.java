package im.xpro.xnest.examples;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import im.xpro.xnest.robot.Brain;
import im.xpro.xnest.robot.Question;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A brain that asks a service which speaks the widespread "chat completions" JSON over HTTP. Any
 * thread; needs none of its own. Each question stands alone: nothing that was said before is sent,
 * and of its asker nothing but the nickname.
 *
 * <pre>{@code
 * Brain brain =
 *     new ChatCompletionsBrain(
 *         URI.create("http://localhost:8000/v1/chat/completions"), "small", null);
 * Xnest xnest = Xnest.builder().bot("robot", Robot.with(brain)).build();
 * }</pre>
 */
public final class ChatCompletionsBrain implements Brain {
  private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIME = Duration.ofSeconds(20);
  private static final int ANSWER_BYTES = 64 << 10;
  private static final int ANSWER_TOKENS = 500;
  private static final String MANNERS =
      "You are a robot in a chat room. Answer in a few plain sentences, in the language of the"
          + " question.";

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIME).build();
  private final URI url;
  private final String model;
  private final @Nullable String key;
  private final Duration answerTime;

  /**
   * A brain that waits 5 s for a connection, and 20 s for an answer of at most 64 KiB.
   *
   * @param url of the service's endpoint, http or https
   * @param model the service's name of it
   * @param key sent as a bearer token, if there is one; never logged
   * @throws IllegalArgumentException if {@code url} is none of http or https with a host, or {@code
   *     key} has anything but visible ASCII characters
   */
  public ChatCompletionsBrain(URI url, String model, @Nullable String key) {
    this(url, model, key, ANSWER_TIME);
  }

  ChatCompletionsBrain(URI url, String model, @Nullable String key, Duration answerTime) {
    HttpRequest.newBuilder(Objects.requireNonNull(url, "url"));
    if (key != null && !key.matches("[!-~]+")) {
      throw new IllegalArgumentException("key has other than visible ASCII characters");
    }
    this.url = url;
    this.model = Objects.requireNonNull(model, "model");
    this.key = key;
    this.answerTime = answerTime;
  }

  @Override
  public CompletionStage<String> answer(Question question) {
    CompletableFuture<HttpResponse<byte[]>> sending =
        http.sendAsync(request(question), BoundedBody.handler(ANSWER_BYTES));
    CompletableFuture<String> answer = new CompletableFuture<>();
    sending.whenComplete(
        (response, failure) -> {
          try {
            answer.complete(textOf(response, failure));
          } catch (IOException | RuntimeException wrong) {
            answer.completeExceptionally(wrong);
          }
        });
    // a request's own timeout ends with the headers; cancelling ends the connection
    answer.orTimeout(answerTime.toMillis(), TimeUnit.MILLISECONDS);
    answer.whenComplete((text, failure) -> sending.cancel(true));
    return answer;
  }

  private HttpRequest request(Question question) {
    JsonArray messages = new JsonArray();
    messages.add(message("system", MANNERS));
    messages.add(message("user", question.asker().nickname() + ": " + question.text()));
    JsonObject body = new JsonObject();
    body.addProperty("model", model);
    body.add("messages", messages);
    body.addProperty("max_tokens", ANSWER_TOKENS);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    return request.build();
  }

  private static JsonObject message(String role, String content) {
    JsonObject message = new JsonObject();
    message.addProperty("role", role);
    message.addProperty("content", content);
    return message;
  }

  private static String textOf(HttpResponse<byte[]> response, @Nullable Throwable failure)
      throws IOException {
    if (failure != null) {
      throw failure instanceof CompletionException wrapped && wrapped.getCause() != null
          ? new IOException("the service could not be asked", wrapped.getCause())
          : new IOException("the service could not be asked", failure);
    }
    if (response.statusCode() != 200) {
      throw new IOException("the service answered with status " + response.statusCode());
    }
    try {
      return JsonParser.parseString(new String(response.body(), StandardCharsets.UTF_8))
          .getAsJsonObject()
          .getAsJsonArray("choices")
          .get(0)
          .getAsJsonObject()
          .getAsJsonObject("message")
          .get("content")
          .getAsString()
          .strip();
    } catch (RuntimeException notAsExpected) {
      throw new IOException("the service's answer has no text", notAsExpected);
    }
  }
}
