package im.xpro.xnest.server.spring;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.LoneServer;
import im.xpro.xnest.server.testkit.Deviation;
import im.xpro.xnest.server.testkit.TestCertificate;
import jakarta.servlet.ServletContext;
import jakarta.websocket.server.ServerContainer;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.apache.tomcat.websocket.server.WsServerContainer;
import org.junit.jupiter.api.DynamicTest;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;

/** An application of Spring Boot, on its embedded Tomcat. */
final class SpringBootServer implements LoneServer {
  static {
    // a JVM takes one such factory, and another class loader's Tomcat may have given its own
    TomcatURLStreamHandlerFactory.disable();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    HandlerMapping blobs(BlobStore blobs) {
      return new SimpleUrlHandlerMapping(Map.of("/blobs/**", new MediaHandler(blobs, "/blobs")), 0);
    }
  }

  /** The contract, and what an application with interceptors relies on. */
  @Override
  public Stream<DynamicTest> get() {
    return Stream.concat(
        LoneServer.super.get(),
        Stream.of(
            DynamicTest.dynamicTest(
                "interceptorsGuardChatAndMedia",
                new GuardedApplication()::interceptorsGuardChatAndMedia)));
  }

  @Override
  public Running start(Setup setup) throws Exception {
    Path keys = Files.createTempFile("xnest-spring", ".p12");
    try {
      Map<String, Object> properties = new HashMap<>();
      if (setup.tls() != null) {
        try (OutputStream to = Files.newOutputStream(keys)) {
          TestCertificate.keyStore().store(to, TestCertificate.PASSWORD.toCharArray());
        }
        properties.put("server.ssl.key-store", keys.toUri().toString());
        properties.put("server.ssl.key-store-type", "PKCS12");
        properties.put("server.ssl.key-store-password", TestCertificate.PASSWORD);
      }
      return running(start(Application.class, properties, context -> give(setup, context)));
    } finally {
      Files.delete(keys);
    }
  }

  /** Starts an application on a free port; closing what it returns ends it. */
  static ConfigurableApplicationContext start(
      Class<?> application,
      Map<String, Object> properties,
      ApplicationContextInitializer<?>... initializers) {
    return new SpringApplicationBuilder(application)
        .properties(
            "server.address=127.0.0.1",
            "server.port=0",
            "spring.main.banner-mode=off",
            "logging.level.root=off")
        .properties(properties)
        .registerShutdownHook(false)
        .initializers(initializers)
        .run();
  }

  /** As objects of somebody else's, which the application does not close. */
  private static void give(Setup setup, ConfigurableApplicationContext to) {
    to.getBeanFactory().registerSingleton("house", setup.xnest());
    to.getBeanFactory().registerSingleton("gateway", setup.gateway());
    to.getBeanFactory().registerSingleton("store", setup.blobs());
  }

  private static Running running(ConfigurableApplicationContext application) {
    lookEachSecond(((WebApplicationContext) application).getServletContext());
    int port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    return new Running() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void stop() {
        application.close();
      }
    };
  }

  /** For connections that are to end; Tomcat looks every 10 s by default. */
  private static void lookEachSecond(ServletContext of) {
    ((WsServerContainer) of.getAttribute(ServerContainer.class.getName())).setProcessPeriod(1);
  }

  @Override
  public Set<Deviation> deviations() {
    return Set.of(
        Deviation.NO_BACK_PRESSURE,
        Deviation.ANY_PINGS,
        Deviation.HANGS_UP,
        Deviation.FRAGMENTS,
        Deviation.OWN_HANDSHAKE_LIMIT);
  }
}
