package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("docs/protocol-map.md, docs/defences.md")
class ProtocolMapTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final Path SOURCES = Path.of("src/test/java");

  private static List<String> rows(String page) throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("../docs", page)).stream()
            .filter(line -> line.startsWith("| ") && !line.endsWith("| tests |"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(50);
    return rows;
  }

  @ParameterizedTest
  @ValueSource(strings = {"protocol-map.md", "defences.md"})
  void everyTestItNamesExists(String page) throws IOException {
    Map<String, Path> own = testsUnder(List.of(SOURCES));
    Map<String, Path> others;
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      others = testsUnder(modules.map(module -> module.resolve(SOURCES)).toList());
    }
    for (String row : rows(page)) {
      NAME.matcher(row)
          .results()
          .forEach(
              name ->
                  assertThat(
                          own.containsKey(name.group(1))
                              ? isOwnTest(own.get(name.group(1)), name.group(2))
                              : isTest(others.get(name.group(1)), name.group(2)))
                      .as("%s#%s", name.group(1), name.group(2))
                      .isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"protocol-map.md", "defences.md"})
  void everyRuleHasATestOrSaysWhyNot(String page) throws IOException {
    for (String row : rows(page)) {
      assertThat(
              NAME.matcher(row).find()
                  || row.contains("*adapter*: to come")
                  || row.contains("*later, by plan*")
                  || row.contains("*not by a test*: "))
          .as(row)
          .isTrue();
    }
  }

  /** Test classes by their simple name. */
  private static Map<String, Path> testsUnder(List<Path> sources) throws IOException {
    Map<String, Path> tests = new TreeMap<>();
    for (Path module : sources) {
      if (Files.exists(module)) {
        try (Stream<Path> files = Files.walk(module)) {
          files
              .filter(file -> file.toString().endsWith(".java"))
              .forEach(file -> tests.put(file.getFileName().toString().replace(".java", ""), file));
        }
      }
    }
    return tests;
  }

  private static boolean isOwnTest(Path source, String method) {
    String name = SOURCES.relativize(source).toString().replace(".java", "");
    try {
      return Stream.of(Class.forName(name.replace(source.getFileSystem().getSeparator(), ".")))
          .flatMap(type -> Stream.of(type.getDeclaredMethods()))
          .filter(declared -> declared.getName().equals(method))
          .anyMatch(ProtocolMapTest::isTest);
    } catch (ClassNotFoundException none) {
      return false;
    }
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class)
        || method.isAnnotationPresent(TestFactory.class);
  }

  private static boolean isTest(Path source, String method) {
    try {
      return source != null && Files.readString(source).contains(" " + method + "(");
    } catch (IOException unreadable) {
      return false;
    }
  }
}
