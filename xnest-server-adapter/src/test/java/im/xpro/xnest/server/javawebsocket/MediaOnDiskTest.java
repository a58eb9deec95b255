package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.server.BlobHandler;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§4 media in files, from a socket to the disk and back over HTTP")
class MediaOnDiskTest {
  private static final Pattern URL =
      Pattern.compile("\"payload\":\"http://localhost(/lobby/\\S+?)\"");
  private static final int SIZE = 100_000;

  @TempDir Path folder;
  Served house;
  HttpServer http;

  @BeforeEach
  void serve() throws IOException {
    FileBlobStore blobs = FileBlobStore.in(folder, 1 << 20, null);
    house = Served.with(Xnest.builder().blobs(blobs));
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", new BlobHandler(blobs));
    http.start();
  }

  @AfterEach
  void end() {
    http.stop(0);
    house.close();
  }

  List<Path> files(String shelf) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(shelf))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  HttpResponse<byte[]> get(String path) throws Exception {
    URI url = URI.create("http://localhost:" + http.getAddress().getPort() + path);
    HttpRequest request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
  }

  static byte[] picture() {
    byte[] message = new byte[1 + SIZE];
    Arrays.fill(message, (byte) 2);
    return message;
  }

  @Test
  void fileThatIsDamagedOrGoneIsAnErrorNeverGarbage() throws Exception {
    String path;
    try (RawClient ming = house.enter("lobby", "Ming")) {
      ming.write(frame(BINARY, picture()));
      Matcher url = URL.matcher(ming.hears("picture"));
      assertThat(url.find()).isTrue();
      path = url.group(1);
    }
    Path file = files("kept").get(0);
    byte[] whole = Files.readAllBytes(file);
    assertThat(get(path).body()).hasSize(SIZE).containsOnly(2);

    byte[] garbled = whole.clone();
    Arrays.fill(garbled, 0, 8, (byte) 'x');
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    List<byte[]> damaged =
        List.of(
            new byte[0],
            Arrays.copyOf(whole, 10),
            Arrays.copyOf(whole, whole.length / 2),
            Arrays.copyOf(whole, whole.length + 1),
            garbled,
            flipped);
    for (byte[] content : damaged) {
      Files.write(file, content);
      assertIs(500, get(path));
    }
    Files.delete(file);
    assertIs(404, get(path));
    Files.write(file, whole);
    assertThat(get(path).body()).hasSize(SIZE).containsOnly(2);
  }

  static void assertIs(int status, HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValue("Cache-Control")).isEmpty();
  }

  /** One that ends within a frame, or between two fragments, with or without a reset. */
  @ParameterizedTest
  @ValueSource(strings = {"frame", "frame, reset", "fragments", "fragments, reset"})
  void uploadThatBreaksOffLeavesNothingAndNobodyHearsOfIt(String how) throws Exception {
    try (RawClient lin = house.enter("lobby", "Lin");
        RawClient ming = house.enter("lobby", "Ming")) {
      if (how.startsWith("frame")) {
        ming.write(frame(BINARY, 2L * SIZE, picture()));
      } else {
        int notTheLast = 0x02;
        ming.write(frame(notTheLast, picture()));
      }
      if (how.endsWith("reset")) {
        ming.resetOnClose();
      }
      ming.disconnect();

      assertThat(heardUpToALeave(lin)).noneMatch(json -> json.contains("\"type\":\"picture\""));
    }
    assertThat(files("")).isEmpty();
    try (RawClient wei = house.enter("lobby", "Wei")) {
      wei.write(frame(BINARY, picture()));
      wei.hears("picture");
    }
    assertThat(files("kept")).hasSize(1);
    assertThat(files("incoming")).isEmpty();
  }

  static List<String> heardUpToALeave(RawClient client) throws IOException {
    List<String> heard = new ArrayList<>();
    do {
      RawClient.Frame frame = client.read();
      assertThat(frame).isNotNull();
      heard.add(frame.text());
    } while (!heard.get(heard.size() - 1).contains("\"type\":\"leave\""));
    return heard;
  }
}
