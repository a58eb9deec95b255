package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("docs/limits.md")
class LimitsPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `(\\w+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]*)\\|$", Pattern.MULTILINE);

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(Files.readString(Path.of("../docs/limits.md"))).results().toList();
  }

  @Test
  void itListsEveryLimitOnce() throws IOException {
    assertThat(rows().stream().map(row -> row.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            LimitsTest.setters().map(setter -> setter.getName()).toList());
  }

  @Test
  void itTellsTheDefaultOfEach() throws Exception {
    for (MatchResult row : rows()) {
      Object value = Limits.class.getMethod(row.group(1)).invoke(Limits.defaults());
      assertThat(row.group(3)).as(row.group(1)).isEqualTo(written(row.group(1), value));
    }
  }

  private static String written(String name, Object value) {
    if (value instanceof Duration time) {
      return time.toSeconds() + " s";
    }
    long number = ((Number) value).longValue();
    if (name.equals("tailBytes")) {
      assertThat(number).isEqualTo(Runtime.getRuntime().maxMemory() / 16);
      return "a sixteenth of the heap";
    }
    if (name.equals("unfinishedBytes")) {
      assertThat(number).isEqualTo(Math.min(32 << 20, Runtime.getRuntime().maxMemory() / 8));
      return "32 MiB, an eighth of the heap at most";
    }
    if (name.equals("allOutboxBytes")) {
      assertThat(number).isEqualTo(Runtime.getRuntime().maxMemory() / 4);
      return "a quarter of the heap";
    }
    if (!name.toLowerCase().contains("byte")) {
      return Long.toString(number);
    }
    return number >= 1 << 20 ? (number >> 20) + " MiB" : (number >> 10) + " KiB";
  }

  @Test
  void itTellsTheUnitOfEachAndWhatIsATime() throws Exception {
    for (MatchResult row : rows()) {
      boolean isTime = Limits.class.getMethod(row.group(1)).getReturnType() == Duration.class;
      assertThat(row.group(2).matches("(time|wait) .*")).as(row.group(1)).isEqualTo(isTime);
      assertThat(row.group(2).startsWith("bytes "))
          .as(row.group(1))
          .isEqualTo(row.group(1).toLowerCase().contains("byte"));
    }
  }
}
