package im.xpro.xnest.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§4 blobs over HTTP")
class BlobRequestTest {
  private static final String TEN = "0123456789";

  BlobsAtWork blobs;

  @BeforeEach
  void start() throws IOException {
    blobs = BlobsAtWork.start();
    blobs.put("ten", BlobKind.FILE, TEN.getBytes(UTF_8));
  }

  @AfterEach
  void stop() {
    blobs.close();
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static String header(HttpResponse<byte[]> response, String name) {
    Optional<String> value = response.headers().firstValue(name);
    return value.orElse(null);
  }

  private String raw(String request) throws IOException {
    try (RawClient client = RawClient.connect(blobs.port())) {
      client.write(request.getBytes(ISO_8859_1));
      return client.readToEnd();
    }
  }

  @Test
  void wholeBlobComesWithAllThatMakesItSafeAndCacheable() throws Exception {
    HttpResponse<byte[]> response = blobs.get("ten");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(text(response)).isEqualTo(TEN);
    assertThat(header(response, "Content-Length")).isEqualTo("10");
    assertThat(header(response, "Content-Type")).isEqualTo("application/octet-stream");
    assertThat(header(response, "Content-Disposition")).isEqualTo("attachment; filename=\"ten\"");
    assertThat(header(response, "ETag")).isEqualTo("\"ten\"");
    assertThat(header(response, "Accept-Ranges")).isEqualTo("bytes");
    assertThat(header(response, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
    assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(response, "Content-Security-Policy"))
        .isEqualTo("default-src 'none'; sandbox");
    assertThat(header(response, "Cross-Origin-Resource-Policy")).isEqualTo("cross-origin");
    assertThat(header(response, "Access-Control-Allow-Origin")).isEqualTo("*");
  }

  @Test
  void eightMebibytesArriveWholeAndInPart() throws Exception {
    byte[] large = new byte[8 << 20];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31 >> 8);
    }
    blobs.put("large", BlobKind.FILE, large);

    assertThat(blobs.get("large").body()).isEqualTo(large);
    assertThat(blobs.get("large", "Range", "bytes=4000000-7999999").body())
        .isEqualTo(Arrays.copyOfRange(large, 4_000_000, 8_000_000));
  }

  static Stream<Arguments> rangesAndParts() {
    return Stream.of(
        arguments("bytes=0-0", "0", "bytes 0-0/10"),
        arguments("bytes=2-4", "234", "bytes 2-4/10"),
        arguments("bytes=9-9", "9", "bytes 9-9/10"),
        arguments("bytes=0-9", TEN, "bytes 0-9/10"),
        arguments("bytes=0-", TEN, "bytes 0-9/10"),
        arguments("bytes=7-", "789", "bytes 7-9/10"),
        arguments("bytes=7-10", "789", "bytes 7-9/10"),
        arguments("bytes=7-99999999999999999999", "789", "bytes 7-9/10"),
        arguments("bytes=-1", "9", "bytes 9-9/10"),
        arguments("bytes=-3", "789", "bytes 7-9/10"),
        arguments("bytes=-10", TEN, "bytes 0-9/10"),
        arguments("bytes=-99999999999999999999", TEN, "bytes 0-9/10"),
        arguments("BYTES=1-2", "12", "bytes 1-2/10"));
  }

  @ParameterizedTest
  @MethodSource("rangesAndParts")
  void singleRangeIsAnsweredWithItsPart(String range, String part, String contentRange)
      throws Exception {
    HttpResponse<byte[]> response = blobs.get("ten", "Range", range);

    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(text(response)).isEqualTo(part);
    assertThat(header(response, "Content-Range")).isEqualTo(contentRange);
    assertThat(header(response, "Content-Length")).isEqualTo("" + part.length());
    assertThat(header(response, "ETag")).isEqualTo("\"ten\"");
    assertThat(header(response, "Content-Disposition")).startsWith("attachment");
    assertThat(header(response, "X-Content-Type-Options")).isEqualTo("nosniff");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=10-",
        "bytes=10-10",
        "bytes=99-100",
        "bytes=99999999999999999999-",
        "bytes=-0"
      })
  void rangeOutsideIsRefusedWith416(String range) throws Exception {
    HttpResponse<byte[]> response = blobs.get("ten", "Range", range);

    assertThat(response.statusCode()).isEqualTo(416);
    assertThat(header(response, "Content-Range")).isEqualTo("bytes */10");
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=4-2",
        "bytes=a-b",
        "bytes=1-2x",
        "bytes= 1-2",
        "bytes=+1-2",
        "bytes=--1",
        "bytes=0x1-2",
        "bytes=0-1,3-4",
        "bytes=0-1,",
        "lines=0-1",
        "0-1"
      })
  void rangeThatIsMalformedOrManifoldIsIgnored(String range) throws Exception {
    HttpResponse<byte[]> response = blobs.get("ten", "Range", range);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(text(response)).isEqualTo(TEN);
    assertThat(header(response, "Content-Range")).isNull();
  }

  @Test
  void numbersWithoutEndAreIgnored() throws Exception {
    String most = "bytes=0-" + "9".repeat(192);
    assertThat(blobs.get("ten", "Range", most).statusCode()).isEqualTo(206);
    assertThat(blobs.get("ten", "Range", most + "9").statusCode()).isEqualTo(200);
  }

  @Test
  void twoRangeLinesAreIgnored() throws Exception {
    assertThat(blobs.get("ten", "Range", "bytes=0-1", "Range", "bytes=3-4").statusCode())
        .isEqualTo(200);
  }

  static Stream<Arguments> validatorsAndStatuses() {
    return Stream.of(
        arguments("\"ten\"", 206),
        arguments(" \"ten\" ", 206),
        arguments("\"other\"", 200),
        arguments("W/\"ten\"", 200),
        arguments("ten", 200),
        arguments("*", 200),
        arguments("Wed, 21 Oct 2015 07:28:00 GMT", 200));
  }

  @ParameterizedTest
  @MethodSource("validatorsAndStatuses")
  void rangeCountsOnlyIfTheBlobIsStillTheSame(String ifRange, int status) throws Exception {
    HttpResponse<byte[]> response = blobs.get("ten", "Range", "bytes=2-4", "If-Range", ifRange);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(text(response)).isEqualTo(status == 206 ? "234" : TEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"ten\"", "W/\"ten\"", "*", "\"a\", \"ten\"", "\"a\",W/\"ten\" , \"b\""})
  void knownBlobIsNotSentAgain(String ifNoneMatch) throws Exception {
    for (String method : new String[] {"GET", "HEAD"}) {
      HttpResponse<byte[]> response =
          blobs.request(
              method, "/media/lobby/ten", "If-None-Match", ifNoneMatch, "Range", "bytes=0-1");

      assertThat(response.statusCode()).isEqualTo(304);
      assertThat(response.body()).isEmpty();
      assertThat(header(response, "ETag")).isEqualTo("\"ten\"");
      assertThat(header(response, "Cache-Control")).contains("immutable");
      assertThat(header(response, "Access-Control-Allow-Origin")).isEqualTo("*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ten", "\"other\"", "\"te\"", "\"tenn\"", "w/\"ten\""})
  void otherBlobIsSent(String ifNoneMatch) throws Exception {
    assertThat(text(blobs.get("ten", "If-None-Match", ifNoneMatch))).isEqualTo(TEN);
  }

  @Test
  void headIsGetWithoutItsBody() throws Exception {
    HttpResponse<byte[]> got = blobs.get("ten");
    HttpResponse<byte[]> head = blobs.request("HEAD", "/media/lobby/ten", "Range", "bytes=2-4");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().map())
        .usingRecursiveComparison()
        .ignoringFields("date")
        .isEqualTo(got.headers().map());
  }

  @Test
  void connectionGoesOnAfterAnswersWithoutABody() throws Exception {
    String answers =
        raw(
            "HEAD /media/lobby/ten HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /media/lobby/ten HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
                + "GET /media/lobby/none HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /media/lobby/ten HTTP/1.1\r\nHost: x\r\nRange: bytes=99-\r\n\r\n"
                + "POST /media/lobby/ten HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /media/lobby/ten HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertThat(answers.split("HTTP/1.1 "))
        .extracting(answer -> answer.split(" ")[0])
        .containsExactly("", "200", "304", "404", "416", "405", "200");
    assertThat(answers).containsOnlyOnce(TEN).endsWith("\r\n\r\n" + TEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get"})
  void otherMethodIsRefusedWith405(String method) throws Exception {
    HttpResponse<byte[]> response = blobs.request(method, "/media/lobby/ten");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(header(response, "Allow")).isEqualTo("GET, HEAD");
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/media",
        "/media/",
        "/media/lobby",
        "/media/lobby/",
        "/media/lobby/none",
        "/media/lobby/TEN",
        "/media/lobby/ten/",
        "/media/lobby/ten/x",
        "/media/x/lobby/ten",
        "/media//lobby/ten",
        "/media/lobby//ten",
        "/media/Lobby/ten",
        "/media/other/ten",
        "/media//ten",
        "/media/%20/ten",
        "/media/./ten",
        "/media/../ten",
        "/media/lobby/../lobby/ten",
        "/media/lobby/..",
        "/media/lobby/%2e%2e",
        "/media/lobby/..%2Flobby%2Ften",
        "/media/lobby%2Ften",
        "/media%2Flobby/ten",
        "/media/lobby/%74en",
        "/media/lobby/ten%00",
        "/media/lobby/ten%0d%0aX:y",
        "/media/lobby/ten%22",
        "/media/lobby/ten.html",
        "/media/lobby/ten;a=b",
        "/media/lobby/C:%5Cten",
        "/media/%FF/ten",
        "/media/%C0%AF/ten",
        "/media/%ED%A0%80/ten",
        "/media/lobby%00/ten",
        "/media/lob%2Fby/ten",
        "/mediaX/lobby/ten"
      })
  void unknownOrBadPathIs404(String path) throws Exception {
    for (String method : new String[] {"GET", "HEAD"}) {
      HttpResponse<byte[]> response = blobs.request(method, path);

      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(response.body()).isEmpty();
      assertThat(response.headers().firstValue("ETag")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/media/%zz/ten", "/media/%/ten", "/media/lobby/ten%", "/media/lo by/ten"})
  void pathThatIsNoUriIsNeverServed(String path) throws Exception {
    String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertThat(answer).matches("(?s)HTTP/1\\.1 40[04] .*").doesNotContain(TEN);
  }

  @Test
  void queryChangesNothing() throws Exception {
    assertThat(text(blobs.get("ten?x=/../y"))).isEqualTo(TEN);
  }

  static Stream<Arguments> contextsAndBases() {
    return Stream.of(
        arguments("/", ""),
        arguments("/media", "/media"),
        arguments("/media/", "/media"),
        arguments("/a/b/c", "/a/b/c"),
        arguments("/a b+c", "/a%20b+c"),
        arguments("/图", "/%E5%9B%BE"));
  }

  @ParameterizedTest
  @MethodSource("contextsAndBases")
  void blobIsFoundWhereItsUrlSays(String context, String base) throws Exception {
    try (BlobsAtWork mounted = BlobsAtWork.start(BlobStore.inMemory(), context)) {
      FrameWriter writer = new FrameWriter(mounted.uri(base), ZoneOffset.UTC);
      for (String name : new String[] {"lobby", "小明 的+家", "%41?#&;=\"'<>\\", "...", "😀~*"}) {
        RoomId room = new RoomId(name);
        mounted.store.put(
            room, "a-b_C9", BlobKind.FILE, true, ByteBuffer.wrap(name.getBytes(UTF_8)));

        URI url = URI.create(writer.url(room, "a-b_C9"));

        assertThat(text(mounted.request("GET", url.getRawPath()))).isEqualTo(name);
      }
    }
  }
}
