package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.ServersPage;
import im.xpro.xnest.server.testkit.ServerContract;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each server in a class loader that knows none of the others, as they bring the same packages and
 * find each other's services.
 */
class JakartaContractTest {
  private static final Pattern TOMCAT = Pattern.compile("/org/apache/tomcat/");
  private static final Pattern JETTY =
      Pattern.compile("/org/eclipse/jetty/|/jakarta/(servlet|websocket)/");
  private static final Pattern UNDERTOW =
      Pattern.compile(
          "/io/undertow/|/org/(jboss|wildfly)/|/io/smallrye/|/jakarta/(servlet|websocket)/");
  private static final Pattern SPRING = Pattern.compile("/org/springframework/");
  private static final List<Pattern> ALL = List.of(TOMCAT, JETTY, UNDERTOW, SPRING);

  private static final List<URLClassLoader> loaders = new ArrayList<>();

  @TestFactory
  Stream<DynamicTest> tomcatKeepsTheServerContract() throws Exception {
    return contract("Tomcat 10.1", "TomcatServer", TOMCAT);
  }

  @TestFactory
  Stream<DynamicTest> jettyKeepsTheServerContract() throws Exception {
    return contract("Jetty 12", "JettyServer", JETTY);
  }

  @TestFactory
  Stream<DynamicTest> undertowKeepsTheServerContract() throws Exception {
    return contract("Undertow 2.3", "UndertowServer", UNDERTOW);
  }

  @AfterAll
  static void close() throws IOException {
    for (URLClassLoader loader : loaders) {
      loader.close();
    }
  }

  private static Stream<DynamicTest> contract(String title, String server, Pattern its)
      throws Exception {
    URLClassLoader loader = loader(its);
    loaders.add(loader);
    Class<?> run = Class.forName(Contract.class.getName(), true, loader);
    @SuppressWarnings("unchecked")
    Supplier<Map<String, Callable<Void>>> contract =
        (Supplier<Map<String, Callable<Void>>>)
            run.getDeclaredConstructor(String.class, String.class).newInstance(title, server);
    return contract.get().entrySet().stream()
        .map(
            check ->
                DynamicTest.dynamicTest(
                    check.getKey(),
                    () -> {
                      Thread thread = Thread.currentThread();
                      ClassLoader own = thread.getContextClassLoader();
                      thread.setContextClassLoader(loader);
                      try {
                        check.getValue().call();
                      } finally {
                        thread.setContextClassLoader(own);
                      }
                    }));
  }

  /** The class path of the tests, without what other servers bring. */
  private static URLClassLoader loader(Pattern its) {
    URL[] path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(
                entry ->
                    its.matcher(entry).find()
                        || ALL.stream().noneMatch(others -> others.matcher(entry).find()))
            .map(JakartaContractTest::url)
            .toArray(URL[]::new);
    return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalArgumentException(entry, impossible);
    }
  }

  /** Within a class loader: the checks of a server, as types that both sides know. */
  public static final class Contract implements Supplier<Map<String, Callable<Void>>> {
    private static final Logger TALKATIVE = Logger.getLogger("");

    private final String title;
    private final JakartaServer server;

    /** For the server of this class, which the page lists under {@code title}. */
    public Contract(String title, String name) throws ReflectiveOperationException {
      TALKATIVE.setLevel(Level.OFF);
      this.title = title;
      this.server =
          (JakartaServer)
              Class.forName(getClass().getPackageName() + "." + name)
                  .getDeclaredConstructor()
                  .newInstance();
    }

    @Override
    public Map<String, Callable<Void>> get() {
      Map<String, Callable<Void>> checks = new LinkedHashMap<>();
      ServerContract.checks(server)
          .forEach(
              check ->
                  checks.put(
                      check.name(),
                      () -> {
                        check.run();
                        return null;
                      }));
      checks.putAll(new DoorRules(server).checks());
      checks.put(
          "theTableOfServersSaysSo",
          () -> {
            ServersPage.says(title, server.deviations());
            return null;
          });
      return checks;
    }
  }
}
