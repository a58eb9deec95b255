package im.xpro.xnest.examples.storm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Java process on this machine takes, in MiB; empty where it cannot be known. */
final class Memory {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  private Memory() {}

  /** Of the operating system, where that is Linux. */
  static OptionalLong resident(long pid) {
    try {
      String status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
      return first(RESIDENT, status, 1 << 10);
    } catch (IOException none) {
      return OptionalLong.empty();
    }
  }

  /** Of the heap, right after a full collection, for which this stops the process. Blocks. */
  static OptionalLong live(long pid) {
    try {
      Path file = Files.createTempFile("xnest-storm", ".txt");
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      Process process =
          new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
              .redirectErrorStream(true)
              .redirectOutput(file.toFile())
              .start();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      String said = Files.readString(file, StandardCharsets.UTF_8);
      Files.delete(file);
      return first(TOTAL, said, 1 << 20);
    } catch (IOException noJdk) {
      return OptionalLong.empty();
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  private static OptionalLong first(Pattern number, String text, long unit) {
    Matcher matcher = number.matcher(text);
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)) / unit)
        : OptionalLong.empty();
  }
}
