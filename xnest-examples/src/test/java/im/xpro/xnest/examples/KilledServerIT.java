package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.examples.ServerJar.Running;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What anybody has seen is there after {@code kill -9} (DESIGN, what holds at all times, 7). */
@Timeout(120)
class KilledServerIT {
  private static final int ENOUGH = 3_000;

  @TempDir Path data;
  final ServerJar jar = new ServerJar();

  @AfterEach
  void endProcesses() {
    jar.close();
  }

  @Test
  void whatWasSeenBeforeAKillInAFloodIsThereAfterIt() throws Exception {
    String[] options = {"--data", data.toString(), "--room-history", "1000000", "--rate", "0"};
    Running first = jar.start(options);
    Listening watcher = new Listening(first.sockets().resolve("flood?nickname=watcher"));
    List<CompletableFuture<Void>> floods =
        List.of(flood(first, "ming"), flood(first, "lin"), flood(first, "wei"));

    watcher.hears(ENOUGH);
    first.process().destroyForcibly().waitFor();

    floods.forEach(flood -> assertThat(flood).failsWithin(Duration.ofSeconds(30)));
    watcher.closeCode.get();
    Running second = jar.start(options);
    List<String> past = new Listening(second.sockets().resolve("flood?nickname=later")).wholePast();
    List<String> seen = watcher.heard();
    assertThat(past.stream().map(KilledServerIT::withoutPort))
        .containsSequence(seen.stream().map(KilledServerIT::withoutPort).toList());
    picturesAreThere(past);
  }

  /**
   * Talks as fast as the server reads, now and then with a picture, until the connection breaks.
   */
  private static CompletableFuture<Void> flood(Running server, String name) throws Exception {
    Listening member = new Listening(server.sockets().resolve("flood?nickname=" + name));
    return CompletableFuture.runAsync(
        () -> {
          for (int i = 0; ; i++) {
            CompletableFuture<?> sent =
                i % 100 == 50 ? member.shares(picture(i)) : member.says(name + " " + i);
            sent.join();
          }
        });
  }

  /** Twenty thousand bytes, all of one value, behind the byte that calls them a picture. */
  private static byte[] picture(int number) {
    byte[] message = new byte[20_001];
    Arrays.fill(message, (byte) number);
    message[0] = 2;
    return message;
  }

  private static void picturesAreThere(List<String> past) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    List<String> urls = past.stream().filter(payload -> payload.startsWith("http:")).toList();
    assertThat(urls).isNotEmpty();
    for (String url : urls) {
      HttpResponse<byte[]> blob =
          http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
      assertThat(blob.statusCode()).as(url).isEqualTo(200);
      assertThat(blob.body()).hasSize(20_000).containsOnly(blob.body()[0]);
    }
  }

  /** The server has other ports after its restart; the URLs of its pictures follow. */
  private static String withoutPort(String payload) {
    return payload.startsWith("http:") ? URI.create(payload).getPath() : payload;
  }
}
