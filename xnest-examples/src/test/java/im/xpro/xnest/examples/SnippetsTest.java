package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Java snippet of README and docs compiles, with the imports that a reader's editor adds; one
 * that shows a class of the examples is that class.
 */
class SnippetsTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern TYPE =
      Pattern.compile(
          "^(public |final |abstract )*(class|record|interface|enum) ", Pattern.MULTILINE);
  private static final Pattern NAME =
      Pattern.compile("^(?:public |final )*class (\\w+)", Pattern.MULTILINE);
  private static final Pattern METHOD =
      Pattern.compile("^[\\w<>]+ \\w+\\(.*\\) (throws \\w+ )?\\{$", Pattern.MULTILINE);
  private static final List<String> PACKAGES =
      List.of(
          "java.io",
          "java.net",
          "java.nio",
          "java.time",
          "java.util",
          "java.util.concurrent",
          "com.sun.net.httpserver",
          "im.xpro.xnest",
          "im.xpro.xnest.blob",
          "im.xpro.xnest.history",
          "im.xpro.xnest.protocol",
          "im.xpro.xnest.robot",
          "im.xpro.xnest.server",
          "im.xpro.xnest.server.javawebsocket",
          "im.xpro.xnest.server.metrics",
          "im.xpro.xnest.testkit",
          "im.xpro.xnest.examples",
          "javax.sql",
          "java.nio.file",
          "java.security",
          "java.sql",
          "java.util.stream",
          "org.junit.jupiter.api",
          "org.junit.jupiter.api.io");
  private static final String HEAD =
      PACKAGES.stream().map(name -> "import " + name + ".*;\n").collect(Collectors.joining())
          + "import static org.assertj.core.api.Assertions.*;\n"
          // names that two of the packages above have
          + "import im.xpro.xnest.Filter;\n"
          + "import im.xpro.xnest.Timer;\n"
          + "import io.micrometer.core.instrument.MeterRegistry;\n"
          + "import org.java_websocket.server.WebSocketServer;\n";

  @TempDir Path classes;

  @TestFactory
  Stream<DynamicTest> snippetsCompile() throws IOException {
    Path root = Path.of("..");
    List<Path> pages = new ArrayList<>(List.of(root.resolve("README.md")));
    try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      docs.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages) {
      Matcher snippets = SNIPPET.matcher(Files.readString(page));
      while (snippets.find()) {
        String snippet = snippets.group(1);
        String name = page.getFileName() + ": " + snippet.lines().findFirst().orElse("");
        tests.add(DynamicTest.dynamicTest(name, () -> assertThat(errors(snippet)).isEmpty()));
        Path example = example(snippet);
        if (example != null) {
          tests.add(
              DynamicTest.dynamicTest(
                  page.getFileName() + " shows " + example.getFileName(),
                  () -> assertThat(code(snippet)).isEqualTo(code(Files.readString(example)))));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThan(3);
    return tests.stream();
  }

  /** The source of the class that a snippet begins with, null if it is none of the examples. */
  private static @Nullable Path example(String snippet) {
    Matcher name = NAME.matcher(snippet);
    if (name.find()) {
      for (String kind : List.of("main", "test")) {
        Path source = Path.of("src", kind, "java/im/xpro/xnest/examples", name.group(1) + ".java");
        if (Files.exists(source)) {
          return source;
        }
      }
    }
    return null;
  }

  /** Without what an editor adds. */
  private static String code(String source) {
    return source
        .lines()
        .filter(line -> !line.startsWith("import ") && !line.startsWith("package "))
        .collect(Collectors.joining("\n"))
        .strip();
  }

  private String errors(String snippet) {
    String imports =
        snippet
            .lines()
            .filter(line -> line.startsWith("import "))
            .collect(Collectors.joining("\n"));
    return compile(HEAD + imports + "\n" + unit(code(snippet)));
  }

  /** Whole types, methods of a class, or what stands in a method. */
  private static String unit(String code) {
    if (TYPE.matcher(code).find()) {
      return code.replaceAll("(?m)^public ", "");
    }
    String body =
        METHOD.matcher(code).find() ? code : "void run() throws Exception {\n" + code + "\n}";
    return "class Snippet {\n" + body + "\n}";
  }

  private String compile(String source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(errors, null, null, options, null, List.of(file)).call();
    return compiled ? "" : errors.toString();
  }
}
