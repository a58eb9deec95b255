package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads the import lines of the main sources. */
@DisplayName(
    "protocol <- history, blob <- (root) <- robot, testkit <- server <- examples, benchmarks")
class PackagesTest {
  private static final Pattern PACKAGE =
      Pattern.compile("^package im\\.xpro\\.xnest(?:\\.([a-z]+))?[.;]", Pattern.MULTILINE);
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([\\w.*]+);", Pattern.MULTILINE);
  private static final Pattern OURS = Pattern.compile("im\\.xpro\\.xnest(?:\\.([a-z]+))?\\..*");
  private static final Pattern ALLOWED_IN_CORE =
      Pattern.compile(
          "(java|javax\\.sql|com\\.google\\.gson|org\\.slf4j|org\\.jspecify|im\\.xpro\\.xnest)\\..*");

  /** A package may import those of lower storeys, and itself. The root has no name. */
  private static final Map<String, Integer> STOREYS =
      Map.of(
          "protocol",
          0,
          "history",
          1,
          "blob",
          1,
          "",
          2,
          "robot",
          3,
          "testkit",
          3,
          "server",
          4,
          "examples",
          5,
          "benchmarks",
          5);

  private static List<String> violations(String source) {
    Matcher at = PACKAGE.matcher(source);
    assertThat(at.find()).as(source).isTrue();
    String own = nameOf(at);
    return IMPORT
        .matcher(source)
        .results()
        .map(found -> found.group(1))
        .filter(imported -> !isBelow(imported, own))
        .map(imported -> (own.isEmpty() ? "(root)" : own) + " imports " + imported)
        .toList();
  }

  private static boolean isBelow(String imported, String own) {
    Matcher ours = OURS.matcher(imported);
    if (!ours.matches()) {
      return !isCore(own) || ALLOWED_IN_CORE.matcher(imported).matches();
    }
    String other = nameOf(ours);
    return other.equals(own) || STOREYS.get(other) < STOREYS.get(own);
  }

  private static boolean isCore(String name) {
    return STOREYS.get(name) < 3 || name.equals("robot") || name.equals("testkit");
  }

  private static String nameOf(Matcher matcher) {
    return matcher.group(1) == null ? "" : matcher.group(1);
  }

  @Test
  void importsGoOneWay() throws IOException {
    List<Path> modules;
    try (Stream<Path> all = Files.list(Path.of(".."))) {
      modules = all.map(module -> module.resolve("src/main/java")).filter(Files::exists).toList();
    }
    int read = 0;
    for (Path module : modules) {
      try (Stream<Path> files = Files.walk(module)) {
        for (Path file : files.filter(PackagesTest::isSource).toList()) {
          assertThat(violations(Files.readString(file))).as(file.toString()).isEmpty();
          read++;
        }
      }
    }
    assertThat(read).isGreaterThan(50);
  }

  private static boolean isSource(Path file) {
    return file.toString().endsWith(".java") && !file.endsWith("module-info.java");
  }

  @Test
  void wrongImportsAreFound() {
    assertThat(violations("package im.xpro.xnest.protocol;\nimport im.xpro.xnest.Limits;\n"))
        .containsExactly("protocol imports im.xpro.xnest.Limits");
    assertThat(violations("package im.xpro.xnest.blob;\nimport im.xpro.xnest.history.X;\n"))
        .containsExactly("blob imports im.xpro.xnest.history.X");
    assertThat(violations("package im.xpro.xnest;\nimport static im.xpro.xnest.testkit.X.y;\n"))
        .containsExactly("(root) imports im.xpro.xnest.testkit.X.y");
    assertThat(violations("package im.xpro.xnest;\nimport org.junit.jupiter.api.Test;\n"))
        .containsExactly("(root) imports org.junit.jupiter.api.Test");
    assertThat(violations("package im.xpro.xnest;\nimport javax.swing.JFrame;\n"))
        .containsExactly("(root) imports javax.swing.JFrame");
    assertThat(
            violations("package im.xpro.xnest.server.jdk;\nimport im.xpro.xnest.examples.Chat;\n"))
        .containsExactly("server imports im.xpro.xnest.examples.Chat");
  }

  @Test
  void rightImportsAreTaken() {
    assertThat(
            violations(
                "package im.xpro.xnest.testkit;\n"
                    + "import im.xpro.xnest.Xnest;\n"
                    + "import im.xpro.xnest.protocol.Event;\n"
                    + "import java.util.List;\n"))
        .isEmpty();
    assertThat(
            violations(
                "package im.xpro.xnest.server.javawebsocket;\n"
                    + "import im.xpro.xnest.server.Gateway;\n"
                    + "import org.java_websocket.WebSocket;\n"))
        .isEmpty();
  }
}
