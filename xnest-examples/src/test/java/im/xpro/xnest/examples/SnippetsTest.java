package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Bot;
import im.xpro.xnest.ChatRoom;
import im.xpro.xnest.Filter;
import im.xpro.xnest.Grant;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.RoomPolicy;
import im.xpro.xnest.Voice;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.robot.Brain;
import im.xpro.xnest.robot.Robot;
import im.xpro.xnest.server.BlobHandler;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.jakarta.BlobServlet;
import im.xpro.xnest.server.jakarta.ChatFilter;
import im.xpro.xnest.server.javawebsocket.ChatSockets;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import im.xpro.xnest.server.metrics.XnestMetrics;
import im.xpro.xnest.server.netty.NettyBlobHandler;
import im.xpro.xnest.server.netty.NettyXnestHandler;
import im.xpro.xnest.server.spring.ChatHandler;
import im.xpro.xnest.server.spring.LoginAdmission;
import im.xpro.xnest.server.testkit.ServerContract;
import im.xpro.xnest.testkit.FakeClock;
import im.xpro.xnest.testkit.FaultyBlobs;
import im.xpro.xnest.testkit.FaultyHistory;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.HeldExecutor;
import im.xpro.xnest.testkit.HistoryStoreContract;
import im.xpro.xnest.testkit.Knock;
import im.xpro.xnest.testkit.RoomKit;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Java snippet of README, docs and Javadoc compiles, with the imports that a reader's editor
 * adds; one that shows a class of the examples, or of the contract's servers, is that class.
 */
class SnippetsTest {
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern JAVADOC_SNIPPET =
      Pattern.compile("<pre>\\{@code\n(.*?\n) \\* }</pre>", Pattern.DOTALL);
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
          "im.xpro.xnest.server.jakarta",
          "im.xpro.xnest.server.javawebsocket",
          "im.xpro.xnest.server.metrics",
          "im.xpro.xnest.server.netty",
          "im.xpro.xnest.server.spring",
          "im.xpro.xnest.server.testkit",
          "im.xpro.xnest.testkit",
          "im.xpro.xnest.examples",
          "io.netty.bootstrap",
          "io.netty.channel",
          "io.netty.channel.socket",
          "io.netty.channel.socket.nio",
          "io.netty.handler.codec.http",
          "javax.net.ssl",
          "javax.sql",
          "java.nio.file",
          "java.security",
          "java.sql",
          "java.util.stream",
          "org.junit.jupiter.api",
          "org.junit.jupiter.api.io");

  /** Compiled where their libraries are, which would mislead the server of the examples' shop. */
  private static final Path SERVERS =
      Path.of("../xnest-server-adapter/src/test/java/im/xpro/xnest/server/jakarta");

  private static final List<Path> SHOWN_FROM =
      List.of(
          Path.of("src/main/java/im/xpro/xnest/examples"),
          Path.of("src/test/java/im/xpro/xnest/examples"),
          SERVERS);

  private static final String HEAD =
      PACKAGES.stream().map(name -> "import " + name + ".*;\n").collect(Collectors.joining())
          + "import static org.assertj.core.api.Assertions.*;\n"
          // names that two of the packages above have
          + "import im.xpro.xnest.Filter;\n"
          + "import im.xpro.xnest.Timer;\n"
          + "import jakarta.servlet.ServletContext;\n"
          + "import io.micrometer.core.instrument.MeterRegistry;\n"
          + "import org.java_websocket.server.WebSocketServer;\n"
          + "import org.springframework.web.HttpRequestHandler;\n"
          + "import org.springframework.web.servlet.HandlerMapping;\n"
          + "import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;\n";

  /** What a snippet of Javadoc takes as given. */
  private static final String GIVEN =
      """
      Xnest xnest;
      Limits limits;
      Entry entry;
      BlobStore blobs;
      javax.sql.DataSource database;
      WebSocketServer server;
      MeterRegistry registry;
      RoomKit kit;
      Guest ming;
      Guest lin;
      Someone greeter;
      TestedServer myServer;
      ServletContext servletContext;
      ServerBootstrap bootstrap;
      SocketChannel channel;
      NettyXnestHandler chat;
      Executor disk;
      ChannelHandler theirHandler;

      HistoryStore myStore(Path folder) {
        return HistoryStore.inMemory(1);
      }
      """;

  /** What users implement or call: the Javadoc of each shows how. */
  private static final List<Class<?>> SHOWN =
      List.of(
          Admission.class,
          BlobHandler.class,
          BlobServlet.class,
          BlobStore.class,
          Bot.class,
          Brain.class,
          ChatFilter.class,
          ChatHandler.class,
          ChatRoom.class,
          ChatSockets.class,
          FakeClock.class,
          FaultyBlobs.class,
          FaultyHistory.class,
          Filter.class,
          Gateway.class,
          Grant.class,
          Guest.class,
          HeldExecutor.class,
          HistoryStore.class,
          HistoryStoreContract.class,
          JdbcHistoryStore.class,
          Knock.class,
          Limits.class,
          LoginAdmission.class,
          NettyBlobHandler.class,
          NettyXnestHandler.class,
          Outlet.class,
          Robot.class,
          RoomKit.class,
          RoomPolicy.class,
          ServerContract.class,
          Voice.class,
          Xnest.class,
          XnestListener.class,
          XnestMetrics.class,
          XnestServer.class);

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
        Path example = example(snippet);
        if (example == null || !example.startsWith(SERVERS)) {
          tests.add(DynamicTest.dynamicTest(name, () -> assertThat(errors(snippet)).isEmpty()));
        }
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

  @TestFactory
  Stream<DynamicTest> javadocSnippetsCompile() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path source : sources()) {
      Matcher snippets = JAVADOC_SNIPPET.matcher(Files.readString(source));
      while (snippets.find()) {
        String snippet = snippets.group(1).replaceAll("(?m)^ \\* ?", "");
        String name = source.getFileName() + ": " + snippet.lines().findFirst().orElse("");
        tests.add(
            DynamicTest.dynamicTest(
                name, () -> assertThat(compile(HEAD + unit(snippet, GIVEN))).isEmpty()));
      }
    }
    return tests.stream();
  }

  @Test
  void javadocShowsHowToUseWhatUsersImplementOrCall() throws IOException {
    List<String> showing = new ArrayList<>();
    for (Path source : sources()) {
      if (JAVADOC_SNIPPET.matcher(Files.readString(source)).find()) {
        showing.add(source.getFileName().toString());
      }
    }
    assertThat(showing)
        .containsAll(SHOWN.stream().map(type -> type.getSimpleName() + ".java").toList());
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("xnest-core", "xnest-server-adapter", "xnest-examples")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        files.filter(path -> path.toString().endsWith(".java")).sorted().forEach(sources::add);
      }
    }
    return sources;
  }

  /** The source of the class that a snippet begins with, null if there is none. */
  private static @Nullable Path example(String snippet) {
    Matcher name = NAME.matcher(snippet);
    if (name.find()) {
      for (Path folder : SHOWN_FROM) {
        Path source = folder.resolve(name.group(1) + ".java");
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
    return compile(HEAD + imports + "\n" + unit(code(snippet), ""));
  }

  /** Whole types, methods of a class, or what stands in a method. */
  private static String unit(String code, String given) {
    if (TYPE.matcher(code).find()) {
      return code.replaceAll("(?m)^public ", "");
    }
    String body =
        METHOD.matcher(code).find() ? code : "void run() throws Exception {\n" + code + "\n}";
    return "class Snippet {\n" + given + body + "\n}";
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
