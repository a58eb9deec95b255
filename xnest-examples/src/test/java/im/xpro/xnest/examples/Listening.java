package im.xpro.xnest.examples;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A member over a real socket, that remembers the messages it hears. */
final class Listening implements WebSocket.Listener {
  private static final long PATIENCE_SECONDS = 30;

  final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private final BlockingQueue<JsonObject> pages = new LinkedBlockingQueue<>();
  private final List<String> heard = new ArrayList<>();
  private final BlockingQueue<String> errors = new LinkedBlockingQueue<>();
  private final StringBuilder part = new StringBuilder();
  private final WebSocket socket;

  Listening(URI url) throws Exception {
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(url, this)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      hear(JsonParser.parseString(part.toString()).getAsJsonObject());
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void hear(JsonObject frame) {
    switch (frame.get("type").getAsString()) {
      case "history" -> pages.add(frame);
      case "normal", "audio", "picture", "file" -> {
        synchronized (heard) {
          heard.add(frame.get("payload").getAsString());
          heard.notifyAll();
        }
      }
      case "error" -> errors.add(frame.get("payload").getAsString());
      default -> {}
    }
  }

  /** The next error that it is told. */
  String error() throws InterruptedException {
    String next = errors.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no error came");
    }
    return next;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closeCode.complete(1006);
  }

  /** Sends without waiting, as far as the socket still takes it. */
  CompletableFuture<WebSocket> says(String text) {
    return socket.sendText(text, true);
  }

  CompletableFuture<WebSocket> shares(byte[] message) {
    return socket.sendBinary(ByteBuffer.wrap(message), true);
  }

  /** The payloads of all messages so far, in order. */
  List<String> heard() {
    synchronized (heard) {
      return List.copyOf(heard);
    }
  }

  /** Waits until it has heard so many messages. */
  void hears(int messages) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (heard) {
      long left;
      while (heard.size() < messages && (left = deadline - System.nanoTime()) > 0) {
        TimeUnit.NANOSECONDS.timedWait(heard, left + 1_000_000);
      }
      if (heard.size() < messages) {
        throw new AssertionError("heard " + heard.size() + " messages, not " + messages);
      }
    }
  }

  /** Pages back to the beginning; the payloads of all records, oldest first. */
  List<String> wholePast() throws Exception {
    List<String> past = new ArrayList<>();
    JsonArray page = nextPage();
    for (int cursor = 1; !page.isEmpty(); cursor++) {
      List<String> older = new ArrayList<>();
      page.forEach(record -> older.add(record.getAsJsonObject().get("payload").getAsString()));
      past.addAll(0, older);
      says("@history:" + cursor).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      page = nextPage();
    }
    return past;
  }

  private JsonArray nextPage() throws InterruptedException {
    JsonObject frame = pages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no page of history came");
    }
    return frame.getAsJsonArray("payload");
  }
}
