package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.Fuzz.join;
import static im.xpro.xnest.server.Fuzz.mutated;
import static im.xpro.xnest.server.Fuzz.noise;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import im.xpro.xnest.server.Fuzz;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.FrameReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("RFC 6455 section 5, any bytes from a client")
class FrameFuzzTest {
  static final Limits.Builder LIMITS =
      Limits.builder().maxTextBytes(300).maxBinaryBytes(70_000).fragments(8);
  private static final Limits SMALL = LIMITS.build();
  private static final int[] LENGTHS = {0, 1, 2, 124, 125, 126, 127, 128, 299, 300, 301};
  private static final int[] LONG_LENGTHS = {65_534, 65_535, 65_536, 69_999, 70_000, 70_001};
  private static final int[] CODES = {0, 999, 1000, 1004, 1005, 1006, 1014, 1015, 3000, 5000};
  private static final String[] TEXTS = {"", "a", "大家好", "\uFFFD", "é😀", "@to:x|y", "𐀀\u0000"};

  static List<Fuzz.Seed> corpus() {
    return Fuzz.corpus("frames");
  }

  /** Of the corpus or made up, mostly mutated. */
  static final Fuzz.Source STREAMS =
      random -> {
        if (random.nextInt(3) == 0) {
          return Fuzz.of(corpusOnce()).next(random);
        }
        byte[][] parts = new byte[1 + random.nextInt(4)][];
        Arrays.setAll(parts, i -> random.nextInt(3) == 0 ? control(random) : message(random));
        byte[] stream = join(parts);
        return random.nextBoolean() ? stream : mutated(stream, random);
      };

  private static List<Fuzz.Seed> once = List.of();

  private static List<Fuzz.Seed> corpusOnce() {
    once = once.isEmpty() ? corpus() : once;
    return once;
  }

  private static byte[] message(Random random) {
    int opcode = 1 + random.nextInt(2);
    byte[] payload = payload(random, opcode);
    int fragments = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(SMALL.fragments() + 1);
    byte[] message = {};
    int at = 0;
    for (int i = 1; i <= fragments; i++) {
      boolean isLast = i == fragments;
      int to = isLast ? payload.length : at + random.nextInt(Math.min(9, payload.length - at + 1));
      int first = (isLast ? 0x80 : 0) | (i == 1 ? opcode : 0);
      byte[] frame = frame(first, Arrays.copyOfRange(payload, at, to), random);
      message = join(message, random.nextInt(8) == 0 ? control(random) : new byte[0], frame);
      at = to;
    }
    return message;
  }

  private static byte[] payload(Random random, int opcode) {
    if (opcode == 1 && random.nextInt(3) > 0) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(5); i > 0; i--) {
        text.append(TEXTS[random.nextInt(TEXTS.length)]);
      }
      return text.toString().getBytes(UTF_8);
    }
    int[] lengths = random.nextInt(100) == 0 ? LONG_LENGTHS : LENGTHS;
    byte[] payload = new byte[lengths[random.nextInt(lengths.length)]];
    if (opcode == 2 || random.nextInt(8) == 0) {
      random.nextBytes(payload);
    }
    return payload;
  }

  private static byte[] control(Random random) {
    int opcode = 8 + random.nextInt(3);
    byte[] payload = noise(random, 130);
    if (opcode == 8) {
      int code = CODES[random.nextInt(CODES.length)];
      byte[] reason = TEXTS[random.nextInt(TEXTS.length)].getBytes(UTF_8);
      payload = join(new byte[] {(byte) (code >> 8), (byte) code}, reason);
      payload = Arrays.copyOf(payload, random.nextInt(payload.length + 1));
    }
    return frame(0x80 | opcode, payload, random);
  }

  private static byte[] frame(int first, byte[] payload, Random random) {
    int size = payload.length;
    ByteBuffer frame = ByteBuffer.allocate(14 + size).put((byte) first);
    int length = size < 126 ? size : size < 0x10000 ? 126 : 127;
    frame.put((byte) (0x80 | length));
    if (length == 126) {
      frame.putShort((short) size);
    } else if (length == 127) {
      frame.putLong(size);
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    frame.put(mask);
    for (int i = 0; i < size; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /** Notes what is read, and pauses whenever {@code pauses} says so. */
  private static final class Notes implements FrameReader.Sink {
    final List<String> heard = new ArrayList<>();
    final Random pauses;
    boolean waits;

    Notes(Random pauses) {
      this.pauses = pauses;
    }

    private void hear(String event) {
      heard.add(event);
      waits = pauses.nextInt(4) == 0;
    }

    @Override
    public void text(String text) {
      hear("text " + text);
    }

    @Override
    public void binary(ByteBuffer message) {
      byte[] bytes = new byte[message.remaining()];
      message.get(bytes);
      hear("binary " + bytes.length + " " + Arrays.hashCode(bytes));
    }

    @Override
    public void ping(byte[] payload) {
      hear("ping " + Arrays.toString(payload));
    }

    @Override
    public void close(int code) {
      hear("close " + code);
    }

    @Override
    public boolean waits() {
      return waits;
    }
  }

  private static void check(byte[] stream, Random random) {
    Rfc6455 meant = new Rfc6455(SMALL, stream);
    for (int piece : new int[] {stream.length, 1 + random.nextInt(40), 1 + stream.length / 1000}) {
      Budget budget = new Budget(Long.MAX_VALUE, 0, () -> {});
      Notes notes = new Notes(random);
      FrameReader reader = new FrameReader(SMALL, budget.share(), () -> 1, notes);
      for (int at = 0, size; at < stream.length; at += size) {
        size = Math.min(stream.length - at, 1 + random.nextInt(piece));
        // a read buffer is used again, so nothing may be left in it
        byte[] buffer = Arrays.copyOfRange(stream, at, at + size);
        feed(reader, ByteBuffer.wrap(buffer), notes);
        Arrays.fill(buffer, (byte) 0xAA);
        if (budget.taken() < 0 || budget.taken() > 4096 + 2L * (at + size)) {
          throw new AssertionError(budget.taken() + " bytes held of " + (at + size));
        }
      }

      assertThat(notes.heard).as("in pieces of up to %d", piece).isEqualTo(meant.heard);
      if (meant.closeCode() == 0) {
        assertThat(reader.stuckSince() != 0).isEqualTo(meant.isUnfinished());
      }
      reader.drop();
      assertThat(budget.taken()).isZero();
    }
  }

  private static void feed(FrameReader reader, ByteBuffer bytes, Notes notes) {
    int before;
    do {
      notes.waits = false;
      before = bytes.remaining();
      FrameReader.Violation wrong = reader.read(bytes);
      if (wrong != null) {
        notes.heard.add("violation " + wrong.code());
      }
    } while (bytes.hasRemaining() && bytes.remaining() < before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void streamOfTheCorpusIsReadAsTheStandardSays(Fuzz.Seed seed) {
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      check(seed.bytes(), random);
    }
  }

  @Test
  void anyStreamIsReadAsTheStandardSaysHoweverItIsSplit() {
    Fuzz.rounds(15_000, STREAMS, FrameFuzzTest::check);
  }
}
