package im.xpro.xnest.server;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.server.testkit.ServerContract;
import im.xpro.xnest.server.testkit.TestedServer;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * A server that is tested in a class loader that knows none of the others, as they bring the same
 * packages, find each other's services, and take what they find.
 */
public interface LoneServer extends TestedServer, Supplier<Stream<DynamicTest>> {
  /** What servers are made of: a class of it, and where its jars are. */
  enum Library {
    JAVA_WEBSOCKET("org.java_websocket.WebSocket", "/org/java-websocket/"),
    NETTY("io.netty.handler.codec.http.HttpServerCodec", "/io/netty/"),
    TOMCAT("org.apache.catalina.startup.Tomcat", "/org/apache/tomcat/"),
    JETTY("org.eclipse.jetty.server.Server", "/org/eclipse/jetty/|/jakarta/(servlet|websocket)/"),
    UNDERTOW(
        "io.undertow.Undertow",
        "/io/undertow/|/org/(jboss|wildfly)/|/io/smallrye/|/jakarta/(servlet|websocket)/"),
    SPRING("org.springframework.context.ApplicationContext", "/org/springframework/");

    private final String type;
    private final Pattern path;

    Library(String type, String path) {
      this.type = type;
      this.path = Pattern.compile(path);
    }

    private boolean brings(String entry) {
      return path.matcher(entry).find();
    }

    private boolean isKnownTo(ClassLoader loader) {
      try {
        Class.forName(type, false, loader);
        return true;
      } catch (ClassNotFoundException unknown) {
        return false;
      }
    }
  }

  /** What is asked of it: the contract. */
  @Override
  default Stream<DynamicTest> get() {
    return ServerContract.checks(this)
        .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
  }

  /** What is asked of a server, with these libraries alone. */
  @SuppressWarnings("unchecked") // the types of the JDK and JUnit are the same in both loaders
  static Stream<DynamicTest> tests(Class<? extends LoneServer> server, Library... its)
      throws ReflectiveOperationException {
    ClassLoader loader = loader(List.of(its));
    var constructor = Class.forName(server.getName(), true, loader).getDeclaredConstructor();
    constructor.setAccessible(true);
    var asked = (Supplier<Stream<DynamicTest>>) constructor.newInstance();
    DynamicTest alone =
        DynamicTest.dynamicTest(
            "knowsNoOtherServer",
            () ->
                assertThat(Library.values())
                    .filteredOn(library -> library.isKnownTo(loader))
                    .containsExactlyInAnyOrder(its));
    return Stream.concat(Stream.of(alone), asked.get().map(test -> within(loader, test)));
  }

  private static DynamicTest within(ClassLoader loader, DynamicTest test) {
    return DynamicTest.dynamicTest(
        test.getDisplayName(),
        () -> {
          Thread thread = Thread.currentThread();
          ClassLoader own = thread.getContextClassLoader();
          thread.setContextClassLoader(loader);
          try {
            test.getExecutable().execute();
          } finally {
            thread.setContextClassLoader(own);
          }
        });
  }

  /**
   * The class path of the tests, without what only others bring. It is not closed, as threads of a
   * server may outlive its end, and load classes.
   */
  private static ClassLoader loader(List<Library> its) {
    URL[] path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                entry ->
                    its.stream().anyMatch(library -> library.brings(entry))
                        || Stream.of(Library.values()).noneMatch(other -> other.brings(entry)))
            .map(LoneServer::url)
            .toArray(URL[]::new);
    ClassLoader withJunit =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("org.junit.") || name.startsWith("org.opentest4j.")) {
              return Class.forName(name, false, LoneServer.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
          }
        };
    return new URLClassLoader(path, withJunit);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalArgumentException(entry, impossible);
    }
  }
}
