package im.xpro.xnest.server.wire;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.CLOSE;
import static im.xpro.xnest.server.testkit.RawClient.PING;
import static im.xpro.xnest.server.testkit.RawClient.PONG;
import static im.xpro.xnest.server.testkit.RawClient.TEXT;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("RFC 6455 section 5, frames from a client")
class FrameReaderTest {
  private static final Limits LIMITS =
      Limits.builder()
          .maxTextBytes(1_000)
          .maxBinaryBytes(100_000)
          .fragments(8)
          .progressBytes(5_000)
          .build();

  /** Writes down what is read. */
  private static final class Reading implements FrameReader.Sink {
    final List<String> heard = new ArrayList<>();
    final Budget.Share budget;
    final FrameReader reader;
    long now = 1;
    int wants = Integer.MAX_VALUE;

    Reading(long budget) {
      this.budget = new Budget(budget, 0, () -> {}).share();
      this.reader = new FrameReader(LIMITS, this.budget, () -> now, this);
    }

    Reading() {
      this(Long.MAX_VALUE);
    }

    Reading read(byte[]... parts) {
      for (byte[] part : parts) {
        read(ByteBuffer.wrap(part.clone()));
      }
      return this;
    }

    void read(ByteBuffer bytes) {
      FrameReader.Violation wrong = reader.read(bytes);
      if (wrong != null) {
        heard.add("violation " + wrong.code());
      }
    }

    @Override
    public void text(String text) {
      heard.add("text " + text);
    }

    @Override
    public void binary(ByteBuffer message) {
      heard.add("binary " + message.remaining() + " " + message.hashCode());
    }

    @Override
    public void ping(byte[] payload) {
      heard.add("ping " + Arrays.toString(payload));
    }

    @Override
    public void close(int code) {
      heard.add("close " + code);
    }

    @Override
    public boolean waits() {
      return heard.size() >= wants;
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static Stream<Arguments> violations() {
    byte[] bad = bytes('a', 0xFF);
    return Stream.of(
        Arguments.of("unmasked", bytes(0x81, 0x01, 'a'), 1002),
        Arguments.of("RSV1", frame(0xC1, utf8("a")), 1002),
        Arguments.of("RSV2", frame(0xA1, utf8("a")), 1002),
        Arguments.of("RSV3", frame(0x91, utf8("a")), 1002),
        Arguments.of("opcode 3", frame(0x83, utf8("a")), 1002),
        Arguments.of("opcode 7", frame(0x87, utf8("a")), 1002),
        Arguments.of("opcode 11", frame(0x8B, utf8("a")), 1002),
        Arguments.of("opcode 15", frame(0x8F, utf8("a")), 1002),
        Arguments.of("ping of 126 bytes", frame(PING, new byte[126]), 1002),
        Arguments.of("ping in fragments", frame(0x09, utf8("a")), 1002),
        Arguments.of("close in fragments", frame(0x08, bytes(3, 232)), 1002),
        Arguments.of("nothing to continue", frame(0x80, utf8("a")), 1002),
        Arguments.of("continuation after the end", join(text("a"), frame(0x00, utf8("b"))), 1002),
        Arguments.of("text within a text", join(frame(0x01, utf8("a")), text("b")), 1002),
        Arguments.of(
            "binary within a text", join(frame(0x01, utf8("a")), frame(BINARY, utf8("b"))), 1002),
        Arguments.of("16 bits for 125", bytes(0x81, 0xFE, 0, 125, 0, 0, 0, 0), 1002),
        Arguments.of(
            "64 bits for 65535", bytes(0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0), 1002),
        Arguments.of(
            "negative length", bytes(0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1002),
        Arguments.of("claim of 8 EiB", frame(BINARY, Long.MAX_VALUE, new byte[0]), 1009),
        Arguments.of("text over the limit", frame(TEXT, 1_001, new byte[0]), 1009),
        Arguments.of("binary over the limit", frame(BINARY, 100_001, new byte[0]), 1009),
        Arguments.of(
            "sum of fragments over the limit",
            join(frame(0x01, new byte[600]), frame(0x80, 401, new byte[0])),
            1009),
        Arguments.of("too many fragments", fragments(9), 1009),
        Arguments.of("no UTF-8", frame(TEXT, bad), 1007),
        Arguments.of("overlong UTF-8", frame(TEXT, bytes(0xC0, 0x80)), 1007),
        Arguments.of("surrogate in UTF-8", frame(TEXT, bytes(0xED, 0xA0, 0x80)), 1007),
        Arguments.of("past U+10FFFF", frame(TEXT, bytes(0xF4, 0x90, 0x80, 0x80)), 1007),
        Arguments.of("cut UTF-8", frame(TEXT, bytes(0xE4, 0xB8)), 1007),
        Arguments.of(
            "cut UTF-8 at the end of fragments",
            join(frame(0x01, bytes(0xE4)), frame(0x80, bytes(0xB8))),
            1007),
        Arguments.of("U+FFFD and no UTF-8", frame(TEXT, join(utf8("\uFFFD"), bad)), 1007),
        Arguments.of("close of one byte", frame(CLOSE, bytes(3)), 1002),
        Arguments.of("close 999", frame(CLOSE, bytes(3, 231)), 1002),
        Arguments.of("close 1004", frame(CLOSE, bytes(3, 236)), 1002),
        Arguments.of("close 1005", frame(CLOSE, bytes(3, 237)), 1002),
        Arguments.of("close 1006", frame(CLOSE, bytes(3, 238)), 1002),
        Arguments.of("close 1015", frame(CLOSE, bytes(3, 247)), 1002),
        Arguments.of("close 2999", frame(CLOSE, bytes(11, 183)), 1002),
        Arguments.of("close 5000", frame(CLOSE, bytes(19, 136)), 1002),
        Arguments.of("close 65535", frame(CLOSE, bytes(255, 255)), 1002),
        Arguments.of("close reason no UTF-8", frame(CLOSE, bytes(3, 232, 0xFF)), 1007));
  }

  private static byte[] fragments(int count) {
    byte[][] all = new byte[count][];
    Arrays.setAll(all, i -> frame(i == 0 ? 0x02 : i == count - 1 ? 0x80 : 0x00, utf8("x")));
    return join(all);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("violations")
  void violationIsNamedAndNothingIsReadAfterIt(String name, byte[] wrong, int code) {
    Reading whole = new Reading().read(wrong, text("after"));
    Reading dripped = new Reading();
    for (byte one : join(wrong, text("after"))) {
      dripped.read(new byte[] {one});
    }

    assertThat(whole.heard).contains("violation " + code).doesNotContain("text after");
    assertThat(dripped.heard).isEqualTo(whole.heard);
  }

  static Stream<byte[]> closes() {
    return Stream.of(1000, 1001, 1003, 1007, 1011, 1012, 1014, 3000, 4999)
        .map(code -> frame(CLOSE, bytes(code >> 8, code)));
  }

  @ParameterizedTest
  @MethodSource("closes")
  void nothingIsReadAfterAClose(byte[] close) {
    Reading reading = new Reading().read(text("before"), close, text("after"), close);

    assertThat(reading.heard).hasSize(2).first().isEqualTo("text before");
    assertThat(reading.heard.get(1)).startsWith("close ");
  }

  @Test
  void closeMayBeEmptyOrHaveAReason() {
    assertThat(new Reading().read(frame(CLOSE, bytes())).heard).containsExactly("close 1005");
    assertThat(new Reading().read(frame(CLOSE, join(bytes(3, 232), utf8("再见")))).heard)
        .containsExactly("close 1000");
  }

  /** All kinds of frames, texts and lengths. */
  private static byte[] conversation() {
    return join(
        text(""),
        text("大家好 😀 \uFFFD"),
        frame(0x01, bytes(0xE4)),
        frame(PING, utf8("p")),
        frame(0x00, bytes(0xBD)),
        frame(PONG, new byte[125]),
        frame(0x80, bytes(0xA0)),
        frame(BINARY, new byte[0]),
        frame(0x02, utf8("123456789")),
        frame(0x80, utf8("abc")),
        frame(BINARY, utf8("media ".repeat(40))),
        frame(CLOSE, join(bytes(3, 232), utf8("bye"))));
  }

  @Test
  void streamMayBeSplitAnywhere() {
    byte[] stream = conversation();
    List<String> whole = new Reading().read(stream).heard;
    for (int split = 0; split <= stream.length; split++) {
      byte[] head = Arrays.copyOf(stream, split);
      byte[] tail = Arrays.copyOfRange(stream, split, stream.length);

      assertThat(new Reading().read(head, tail).heard).as("split at %d", split).isEqualTo(whole);
    }
    assertThat(whole)
        .hasSize(8)
        .startsWith("text ", "text 大家好 😀 \uFFFD", "ping [112]", "text 你")
        .endsWith("close 1000");
  }

  @Test
  void mutatedStreamIsReadTheSameHoweverItIsSplit() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] stream = conversation();
    for (int round = 0; round < 20_000; round++) {
      byte[] mutated = stream.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      Reading pieces = new Reading();
      ByteBuffer rest = ByteBuffer.wrap(mutated.clone());
      while (rest.hasRemaining()) {
        byte[] piece = new byte[1 + random.nextInt(Math.min(60, rest.remaining()))];
        rest.get(piece);
        pieces.read(piece);
      }

      assertThat(pieces.heard)
          .as("seed %d, round %d", seed, round)
          .isEqualTo(new Reading().read(mutated).heard);
    }
  }

  @Test
  void largeMessageIsReadAsItWas() {
    byte[] payload = new byte[100_000];
    new Random(7).nextBytes(payload);
    byte[] stream = frame(BINARY, payload);
    List<String> expected = List.of("binary 100000 " + ByteBuffer.wrap(payload).hashCode());
    for (int piece : new int[] {1_000, 4_093, 65_536, 200_000}) {
      Reading reading = new Reading();
      for (int at = 0; at < stream.length; at += piece) {
        reading.read(Arrays.copyOfRange(stream, at, Math.min(stream.length, at + piece)));
      }

      assertThat(reading.heard).isEqualTo(expected);
      assertThat(reading.budget.taken()).isZero();
    }
  }

  @Test
  void bufferGrowsWithWhatCameAndNotWithTheClaim() {
    Reading reading = new Reading().read(frame(BINARY, 100_000, new byte[10]));
    assertThat(reading.budget.taken()).isLessThanOrEqualTo(4 << 10);

    reading.read(new byte[9_000]);

    assertThat(reading.budget.taken()).isBetween(9_010L, 20_000L);
    reading.reader.drop();
    assertThat(reading.budget.taken()).isZero();
  }

  @Test
  void messagesThatAreTooMuchTogetherAreRefused() {
    Reading reading = new Reading(8 << 10);
    reading.read(frame(BINARY, 100_000, new byte[8 << 10]), new byte[1]);

    assertThat(reading.heard).containsExactly("violation 1013");
  }

  @Test
  void reasonIsToldOnlyOnceAndSpaceIsGivenBack() {
    Reading reading = new Reading().read(frame(0x02, new byte[9_000]), text("x"), text("y"));
    reading.reader.drop();

    assertThat(reading.heard).containsExactly("violation 1002");
    assertThat(reading.budget.taken()).isZero();
  }

  @Test
  void readerThatWaitsLeavesTheRest() {
    Reading reading = new Reading();
    reading.wants = 2;
    ByteBuffer stream = ByteBuffer.wrap(join(text("a"), text("b"), text("c")));
    reading.read(stream);
    assertThat(reading.heard).containsExactly("text a", "text b");
    assertThat(stream.remaining()).isEqualTo(7);
    reading.wants = 3;

    reading.read(stream);

    assertThat(reading.heard).containsExactly("text a", "text b", "text c");
  }

  @Test
  void unfinishedMessageIsDatedByItsFirstByte() {
    Reading reading = new Reading();
    byte[] a = frame(0x01, utf8("a"));
    reading.now = 10;
    reading.read(Arrays.copyOf(a, 1));
    assertThat(reading.reader.stuckSince()).isEqualTo(10);
    reading.now = 20;
    reading.read(Arrays.copyOfRange(a, 1, a.length), frame(PING, utf8("p")));
    assertThat(reading.reader.stuckSince()).isEqualTo(10);

    reading.read(frame(0x80, utf8("b")));
    assertThat(reading.reader.stuckSince()).isZero();

    reading.now = 30;
    reading.read(join(text("whole"), bytes(0x81)));
    assertThat(reading.reader.stuckSince()).isEqualTo(30);
  }

  @Test
  void messageMayHaveAsManyFragmentsAsTheLimitSays() {
    assertThat(new Reading().read(fragments(8)).heard)
        .hasSize(1)
        .first()
        .asString()
        .startsWith("binary 8 ");
  }

  @Test
  void messageIsStuckSinceItLastMadeProgress() {
    Reading reading = new Reading();
    reading.now = 10;
    reading.read(frame(BINARY, 20_000, new byte[1]));
    reading.now = 20;
    reading.read(new byte[4_999]);
    assertThat(reading.reader.stuckSince()).isEqualTo(10);

    reading.now = 30;
    reading.read(new byte[1]);
    assertThat(reading.reader.stuckSince()).isEqualTo(30);
    assertThat(reading.reader.arrived()).isEqualTo(5_001);

    reading.now = 40;
    reading.read(new byte[4_999]);
    assertThat(reading.reader.stuckSince()).isEqualTo(30);
    reading.read(new byte[10_000], frame(BINARY, 10, new byte[1]));
    assertThat(reading.reader.stuckSince()).isEqualTo(40);
    assertThat(reading.reader.arrived()).isEqualTo(1);
  }
}
