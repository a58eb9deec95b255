package im.xpro.xnest.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Input that nobody should send. Each round has a seed of its own, so a count of rounds is always
 * the same work: {@code -Dxnest.seed=…} does one again, {@code -Dxnest.fuzz.seconds=…} goes on for
 * so long. What fails is shrunk and printed as a file for {@code src/test/resources/fuzz}.
 */
public final class Fuzz {
  private static final Pattern TOKEN = Pattern.compile("\"([^\"]*)\"|([0-9a-f]{2})|\\s+|#.*");

  /** What the ends of lengths, numbers and types look like. */
  private static final byte[] EDGES = {0, 1, 9, 10, 13, 32, 34, 37, 47, 125, 126, 127, -128, -1};

  private static final int FEWER_TRIES = 2_000;

  private Fuzz() {}

  /** Makes an input. */
  public interface Source {
    /** May keep to {@code random} alone. */
    byte[] next(Random random);
  }

  /** Throws where the code does not do as it should. */
  public interface Check {
    /** Varies what it does by {@code random} alone. */
    void of(byte[] input, Random random) throws Exception;
  }

  /** A file of the corpus, named by what it is. */
  public record Seed(String name, byte[] bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * The inputs in {@code fuzz/{folder}}: bytes in hexadecimal, text in quotes, {@code #} for notes.
   */
  public static List<Seed> corpus(String folder) {
    URL found = Objects.requireNonNull(Fuzz.class.getResource("/fuzz/" + folder), folder);
    try (Stream<Path> files = Files.list(Path.of(found.toURI()))) {
      return files.sorted().map(Fuzz::seed).toList();
    } catch (IOException | URISyntaxException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static Seed seed(Path file) {
    try {
      return new Seed(file.getFileName().toString(), parse(Files.readString(file)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static byte[] parse(String notation) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher token = TOKEN.matcher(notation);
    int at = 0;
    for (; token.find() && token.start() == at; at = token.end()) {
      if (token.group(1) != null) {
        bytes.writeBytes(token.group(1).getBytes(UTF_8));
      } else if (token.group(2) != null) {
        bytes.write(HexFormat.fromHexDigits(token.group(2)));
      }
    }
    if (at != notation.length()) {
      throw new IllegalArgumentException("not hexadecimal, quoted or a note: " + notation);
    }
    return bytes.toByteArray();
  }

  /** One of {@code corpus}, mostly mutated, now and then nothing but noise. */
  public static Source of(List<Seed> corpus) {
    return random -> {
      if (random.nextInt(16) == 0) {
        return noise(random, 64);
      }
      byte[] other = corpus.get(random.nextInt(corpus.size())).bytes();
      byte[] one = corpus.get(random.nextInt(corpus.size())).bytes();
      return mutated(random.nextInt(4) == 0 ? join(other, one) : one, random);
    };
  }

  /** Up to {@code most} bytes of any kind. */
  public static byte[] noise(Random random, int most) {
    byte[] noise = new byte[random.nextInt(most + 1)];
    random.nextBytes(noise);
    return noise;
  }

  /** With up to three flips, edges, cuts, insertions and chunks that come twice; perhaps none. */
  public static byte[] mutated(byte[] input, Random random) {
    byte[] now = input.clone();
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int from = random.nextInt(now.length + 1);
      int to = Math.min(now.length, from + 1 + random.nextInt(8));
      byte[] chunk = Arrays.copyOfRange(now, from, to);
      switch (random.nextInt(5)) {
        case 0 -> now = replace(now, from, to, new byte[0]);
        case 1 -> now = replace(now, from, from, noise(random, 8));
        case 2 -> now = replace(now, from, from, chunk);
        case 3 -> now = replace(now, from, from, new byte[] {EDGES[random.nextInt(EDGES.length)]});
        default -> {
          if (chunk.length > 0) {
            now[from] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
    }
    return now;
  }

  private static byte[] replace(byte[] all, int from, int to, byte[] by) {
    return join(Arrays.copyOf(all, from), by, Arrays.copyOfRange(all, to, all.length));
  }

  /** All of them in one. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Checks {@code count} inputs, as many as fit the time asked for, or the one asked for. */
  public static void rounds(int count, Source source, Check check) {
    Long one = Long.getLong("xnest.seed");
    if (one != null) {
      round(one, source, check);
      return;
    }
    long seconds = Long.getLong("xnest.fuzz.seconds", 0);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Random seeds = new Random();
    for (int i = 0; i < count || seconds > 0 && System.nanoTime() < end; i++) {
      round(seeds.nextLong(), source, check);
    }
  }

  private static void round(long seed, Source source, Check check) {
    byte[] input = source.next(new Random(seed));
    if (failure(input, seed, check) == null) {
      return;
    }
    byte[] less = shrink(input, seed, check);
    throw new AssertionError(
        "-Dxnest.seed=" + seed + " fails, and so does\n" + notation(less),
        failure(less, seed, check));
  }

  private static Throwable failure(byte[] input, long seed, Check check) {
    try {
      check.of(input.clone(), new Random(~seed));
      return null;
    } catch (Throwable failure) {
      return failure;
    }
  }

  private static byte[] shrink(byte[] input, long seed, Check check) {
    byte[] least = input;
    int tries = 0;
    for (int size = least.length; size > 0; size /= 2) {
      for (int at = 0; at < least.length && tries < FEWER_TRIES; tries++) {
        byte[] less = replace(least, at, Math.min(least.length, at + size), new byte[0]);
        if (failure(less, seed, check) == null) {
          at += size;
        } else {
          least = less;
        }
      }
    }
    return least;
  }

  private static String notation(byte[] input) {
    StringBuilder notation = new StringBuilder("# ").append(new String(input, UTF_8).strip());
    notation.setLength(Math.min(notation.length(), 200));
    String note = notation.toString().replaceAll("\\R", " ");
    return note + "\n" + HexFormat.ofDelimiter(" ").formatHex(input);
  }
}
