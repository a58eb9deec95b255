package im.xpro.xnest.server;

import static im.xpro.xnest.protocol.BlobKind.AUDIO;
import static im.xpro.xnest.protocol.BlobKind.FILE;
import static im.xpro.xnest.protocol.BlobKind.PICTURE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.protocol.BlobKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("§4 type of a blob")
class BlobTypeTest {
  final BlobsAtWork blobs;

  BlobTypeTest() throws IOException {
    blobs = BlobsAtWork.start();
  }

  @AfterEach
  void stop() {
    blobs.close();
  }

  private HttpResponse<byte[]> served(BlobKind kind, byte[] content) throws Exception {
    blobs.put("id", kind, content);
    HttpResponse<byte[]> response = blobs.get("id");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(content);
    assertThat(response.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
    assertThat(response.headers().allValues("Content-Security-Policy"))
        .containsExactly("default-src 'none'; sandbox");
    return response;
  }

  private static String type(HttpResponse<byte[]> response) {
    return response.headers().firstValue("Content-Type").orElseThrow();
  }

  private static byte[] sample(String name) throws IOException {
    try (InputStream in = BlobTypeTest.class.getResourceAsStream("media/" + name)) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  static Stream<Arguments> mediaAndTypes() {
    return Stream.of(
        arguments("picture.png", "image/png"),
        arguments("picture.jpg", "image/jpeg"),
        arguments("picture.gif", "image/gif"),
        arguments("picture.webp", "image/webp"),
        arguments("picture.bmp", "image/bmp"),
        arguments("picture.avif", "image/avif"),
        arguments("sound.mp3", "audio/mpeg"),
        arguments("sound.wav", "audio/wav"),
        arguments("sound.aac", "audio/x-aac"),
        arguments("voice.amr", "audio/amr"));
  }

  @ParameterizedTest
  @MethodSource("mediaAndTypes")
  void bytesTellTheTypeWhateverTheSenderSaid(String sample, String type) throws Exception {
    for (BlobKind said : BlobKind.values()) {
      HttpResponse<byte[]> response = served(said, sample(sample));

      assertThat(type(response)).isEqualTo(type);
      assertThat(response.headers().firstValue("Content-Disposition")).isEmpty();
    }
  }

  static Stream<Arguments> containersAndNames() {
    return Stream.of(
        arguments("sound.webm", "webm"),
        arguments("film.webm", "webm"),
        arguments("film.mkv", "webm"),
        arguments("sound.opus", "ogg"),
        arguments("film.ogv", "ogg"),
        arguments("sound.m4a", "mp4"),
        arguments("sound.mp4", "mp4"),
        arguments("film.mp4", "mp4"),
        arguments("fragmented.mp4", "mp4"),
        arguments("film.mov", "mp4"),
        arguments("voice.3gp", "3gpp"),
        arguments("film.3gp", "3gpp"));
  }

  @ParameterizedTest
  @MethodSource("containersAndNames")
  void containerIsAudioWhereItsSenderSaidSoElseVideo(String sample, String name) throws Exception {
    assertThat(type(served(AUDIO, sample(sample)))).isEqualTo("audio/" + name);
    assertThat(type(served(PICTURE, sample(sample)))).isEqualTo("video/" + name);
    assertThat(type(served(FILE, sample(sample)))).isEqualTo("video/" + name);
  }

  static Stream<String> hostile() {
    String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    return Stream.of(
        "<!DOCTYPE html><script>alert(1)</script>",
        "<html><body onload=alert(1)>",
        "\r\n\t <script>alert(1)</script>",
        "\u00ef\u00bb\u00bf<html><script>alert(1)</script></html>",
        "<!-- GIF89a --><img src=x onerror=alert(1)>",
        svg,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg,
        "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x\">" + svg,
        "<!-- a picture -->\n" + svg,
        "<!--" + "x".repeat(9_000) + "-->" + svg,
        "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:script>alert(1)</s:script></s:svg>",
        "<?xml version=\"1.0\"?><?xml-stylesheet type=\"text/xsl\" href=\"#x\"?><x id=\"x\"/>",
        "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"/>",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "<PremiereData Version=\"3\"><script/></PremiereData>",
        "alert(1)",
        "#!/usr/bin/env node\nalert(1)",
        "/* XPM */ alert(1)",
        "body { background: url(//evil.example.com) }",
        "{\"a\":1}",
        "WEBVTT\n\n00:00.000 --> 00:01.000\n<c>x</c>",
        "#EXTM3U\r\n#EXTINF:1,\r\nhttp://evil.example.com/x.ts\r\n",
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://evil.example.com/x.ts\n",
        "From: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n",
        "%PDF-1.7\n1 0 obj\n<</S/JavaScript/JS(app.alert(1))>>\nendobj\n",
        "CWS\n\u0000\u0000\u0000\u0001",
        "PK\u0003\u0004\u0014\u0000\u0000\u0000",
        "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000",
        "MZ\u0090\u0000",
        "\u0000asm\u0001\u0000\u0000\u0000",
        "words",
        "\u0000",
        "\u00ff\u00fe<\u0000s\u0000v\u0000g\u0000");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void whatIsNoMediumIsOnlyToBeSaved(String content) throws Exception {
    for (BlobKind said : BlobKind.values()) {
      HttpResponse<byte[]> response = served(said, content.getBytes(ISO_8859_1));

      assertThat(type(response)).isEqualTo("application/octet-stream");
      assertThat(response.headers().allValues("Content-Disposition"))
          .containsExactly("attachment; filename=\"id\"");
    }
  }

  @ParameterizedTest
  @EnumSource(BlobKind.class)
  void pageThatStartsLikeAPictureIsOnlyEverAPicture(BlobKind said) throws Exception {
    byte[] page = "GIF89a/*<html><script>alert(1)</script>*/=1;".getBytes(ISO_8859_1);

    assertThat(type(served(said, page))).isEqualTo("image/gif");
  }
}
