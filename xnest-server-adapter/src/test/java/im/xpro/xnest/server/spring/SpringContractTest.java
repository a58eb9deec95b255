package im.xpro.xnest.server.spring;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.server.testkit.Deviation;
import im.xpro.xnest.server.testkit.ServerContract;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * In a class loader that knows no server but Spring Boot's Tomcat, as Spring Boot takes what it
 * finds.
 */
class SpringContractTest {
  private static final Pattern OTHERS =
      Pattern.compile(
          "/org/eclipse/jetty/|/io/undertow/|/org/(jboss|wildfly)/|/io/smallrye/"
              + "|/jakarta/(servlet|websocket)/");

  private static final URLClassLoader ALONE =
      new URLClassLoader(
          Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(entry -> !OTHERS.matcher(entry).find())
              .map(SpringContractTest::url)
              .toArray(URL[]::new),
          ClassLoader.getPlatformClassLoader());

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalArgumentException(entry, impossible);
    }
  }

  @TestFactory
  Stream<DynamicTest> springBootKeepsTheServerContract() throws ReflectiveOperationException {
    return checks(Contract.class);
  }

  @TestFactory
  Stream<DynamicTest> applicationKeepsItsDoor() throws ReflectiveOperationException {
    return checks(GuardedApplication.class);
  }

  @SuppressWarnings("unchecked") // the JDK's types are the same in both class loaders
  private static Stream<DynamicTest> checks(
      Class<? extends Supplier<Map<String, Callable<Void>>>> all)
      throws ReflectiveOperationException {
    Supplier<Map<String, Callable<Void>>> alone =
        (Supplier<Map<String, Callable<Void>>>)
            Class.forName(all.getName(), true, ALONE).getDeclaredConstructor().newInstance();
    return alone.get().entrySet().stream()
        .map(check -> DynamicTest.dynamicTest(check.getKey(), () -> run(check.getValue())));
  }

  private static void run(Callable<Void> check) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(ALONE);
    try {
      check.call();
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  @AfterAll
  static void close() throws IOException {
    ALONE.close();
  }

  @Test
  void pageTellsWhatItCannotDo() throws IOException {
    assertThat(Files.readAllLines(Path.of("..", "docs", "spring.md")))
        .contains(Deviation.row("Spring Boot", new SpringBootServer().deviations()));
  }

  /** Within that class loader. */
  public static final class Contract implements Supplier<Map<String, Callable<Void>>> {
    @Override
    public Map<String, Callable<Void>> get() {
      Map<String, Callable<Void>> checks = new LinkedHashMap<>();
      ServerContract.checks(new SpringBootServer())
          .forEach(
              check ->
                  checks.put(
                      check.name(),
                      () -> {
                        check.run();
                        return null;
                      }));
      return checks;
    }
  }
}
