package im.xpro.xnest.server.spring.boot;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Bot;
import im.xpro.xnest.Filter;
import im.xpro.xnest.Limits;
import im.xpro.xnest.RoomPolicy;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.metrics.XnestMetrics;
import im.xpro.xnest.server.spring.ChatHandler;
import im.xpro.xnest.server.spring.MediaHandler;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.socket.WebSocketHandler;

/**
 * Chat at {@code /xgate/websocket/{room}} of an application of Spring Boot on servlets, on its port
 * (docs/spring.md). Whatever the application has as a bean is used in place of what is made here:
 * {@link Xnest}, {@link HistoryStore}, {@link BlobStore}, {@link Limits}, {@link Gateway}, {@link
 * ChatHandler}. Its beans {@link Admission}, {@link Filter} and {@link XnestListener} are asked and
 * told in their order, a {@link Bot} has the name of its bean.
 *
 * <p>Where the application has one {@link DataSource} and no store, history is kept there. Its
 * interceptors are asked before chat is, and so is its configuration of CORS.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
    })
@ConditionalOnClass({WebSocketHandler.class, ServerContainer.class, DispatcherServlet.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(name = "xnest.enabled", matchIfMissing = true)
@EnableConfigurationProperties(XnestProperties.class)
@SuppressWarnings("exports") // modules that use this require Spring; others need not
public final class XnestAutoConfiguration {
  private static final Logger log = LoggerFactory.getLogger(XnestAutoConfiguration.class);

  private static final Method HANDLE =
      ClassUtils.getMethod(
          HttpRequestHandler.class,
          "handleRequest",
          HttpServletRequest.class,
          HttpServletResponse.class);

  XnestAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean({HistoryStore.class, Xnest.class})
  HistoryStore xnestHistory(XnestProperties properties, ObjectProvider<DataSource> databases)
      throws IOException {
    XnestProperties.History history = properties.history();
    DataSource database = history.inDatabase() ? databases.getIfUnique() : null;
    if (database == null) {
      log.info("the history of chat is kept in memory");
      return HistoryStore.inMemory(history.newestPerRoom());
    }
    log.info("the history of chat is kept in the application's database");
    return JdbcHistoryStore.on(database, history.retention());
  }

  @Bean
  @ConditionalOnMissingBean
  BlobStore xnestBlobs(XnestProperties properties) throws IOException {
    XnestProperties.Media media = properties.media();
    Path folder = media.folder();
    return folder == null
        ? BlobStore.inMemory()
        : FileBlobStore.in(folder, media.maxSize().toBytes(), media.maxAge());
  }

  @Bean
  @ConditionalOnMissingBean
  Xnest xnest(
      XnestProperties properties,
      HistoryStore history,
      BlobStore blobs,
      ObjectProvider<Limits> limits,
      ObjectProvider<Admission> admissions,
      ObjectProvider<Filter> filters,
      ObjectProvider<XnestListener> listeners,
      ObjectProvider<RoomPolicy> policy,
      Map<String, Bot> bots) {
    Optional<Admission> admission = admissions.orderedStream().reduce(Admission::and);
    if (admission.isEmpty()) {
      log.warn(
          "anyone may enter chat, under any name, whom the application lets through to {}/**:"
              + " it has no bean of Admission",
          properties.sockets());
    }
    Xnest.Builder house =
        Xnest.builder()
            .history(history)
            .blobs(blobs)
            .limits(limits.getIfAvailable(properties.limits()::build))
            .admission(admission.orElse(Admission.open()));
    if (properties.mediaBase() == null) {
      log.info("no xnest.public-url: who sends media hears an error");
    } else {
      house.blobBase(properties.mediaBase());
    }
    filters.orderedStream().forEach(house::filter);
    listeners.orderedStream().forEach(house::listener);
    policy.ifAvailable(house::policy);
    bots.forEach(house::bot);
    return house.build();
  }

  @Bean
  @ConditionalOnMissingBean
  Gateway xnestGateway(XnestProperties properties, Xnest xnest) {
    return Gateway.builder(xnest)
        .origins(properties.allowedOrigins())
        .crossSiteCookie(properties.crossSiteCookie())
        .build();
  }

  @Bean
  @ConditionalOnMissingBean
  ChatHandler xnestChat(XnestProperties properties, Xnest xnest, Gateway gateway) {
    return ChatHandler.on(xnest, gateway, properties.path());
  }

  /**
   * Maps chat as if it were methods of a controller, as interceptors that guard an application
   * often look at nothing else.
   */
  @Bean
  SmartInitializingSingleton xnestPaths(
      XnestProperties properties,
      ChatHandler chat,
      BlobStore blobs,
      @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping controllers) {
    String sockets = properties.sockets();
    String media = properties.mediaPath();
    return () -> {
      map(controllers, chat, sockets + "/{room}", sockets + "/**");
      map(controllers, new MediaHandler(blobs, media), media + "/{room}/{id}", media + "/**");
    };
  }

  /**
   * @param paths the first as exact as can be, to come before patterns of the application's
   */
  private static void map(
      RequestMappingHandlerMapping controllers, HttpRequestHandler to, String... paths) {
    controllers.registerMapping(
        RequestMappingInfo.paths(paths).options(controllers.getBuilderConfiguration()).build(),
        to,
        HANDLE);
  }

  /** Counts with Micrometer where the application does. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  static class Metrics {
    @Bean
    @ConditionalOnSingleCandidate(MeterRegistry.class)
    @ConditionalOnMissingBean
    XnestMetrics xnestMetrics(MeterRegistry registry) {
      return new XnestMetrics(registry);
    }
  }
}
