package im.xpro.xnest.server.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import im.xpro.xnest.Admission;
import im.xpro.xnest.Bot;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Filter;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.RoomOptions;
import im.xpro.xnest.RoomPolicy;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.Handshake;
import im.xpro.xnest.server.metrics.XnestMetrics;
import im.xpro.xnest.server.spring.ChatHandler;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.socket.WebSocketHandler;

class XnestAutoConfigurationTest {
  private static final RoomId LOBBY = new RoomId("lobby");

  private final WebApplicationContextRunner application =
      new WebApplicationContextRunner()
          .withUserConfiguration(Controllers.class)
          .withConfiguration(AutoConfigurations.of(XnestAutoConfiguration.class));

  @Configuration(proxyBeanMethods = false)
  @EnableWebMvc
  static class Controllers {}

  @Test
  void chatIsThereWithNothingSaid() {
    application.run(
        context -> {
          assertThat(context).hasSingleBean(Xnest.class).hasSingleBean(ChatHandler.class);
          assertThat(context).getBean(HistoryStore.class).isNotInstanceOf(JdbcHistoryStore.class);
          assertThat(context.getBean(Xnest.class).limits().connections())
              .isEqualTo(Limits.defaults().connections());
        });
  }

  @Test
  void springBootFindsIt() throws IOException {
    String file =
        "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";
    try (InputStream imports =
        XnestAutoConfiguration.class.getClassLoader().getResourceAsStream(file)) {
      assertThat(imports).isNotNull();
      assertThat(new String(imports.readAllBytes(), StandardCharsets.UTF_8).strip())
          .isEqualTo(XnestAutoConfiguration.class.getName());
    }
  }

  @Test
  void nothingIsThereWhereItIsSwitchedOff() {
    application
        .withPropertyValues("xnest.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(Xnest.class));
  }

  @Test
  void nothingIsThereWithoutWebSockets() {
    application
        .withClassLoader(new FilteredClassLoader(WebSocketHandler.class))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Xnest.class));
  }

  @Test
  void nothingIsThereWithoutAWeb() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(XnestAutoConfiguration.class))
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Xnest.class));
  }

  @Test
  void houseOfTheApplicationIsServedAsItIs() {
    try (Xnest own = Xnest.inMemory()) {
      application
          .withBean("own", Xnest.class, () -> own)
          .run(
              context -> {
                assertThat(context).hasSingleBean(ChatHandler.class);
                assertThat(context).getBean(Xnest.class).isSameAs(own);
                assertThat(context).doesNotHaveBean(HistoryStore.class);
              });
    }
  }

  // ---- stores ----

  private static DataSource database(String name) {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:" + name);
    return database;
  }

  @Test
  void historyIsKeptInTheOneDatabase() {
    application
        .withBean("shop", DataSource.class, () -> database("one"))
        .run(
            context ->
                assertThat(context)
                    .getBean(HistoryStore.class)
                    .isInstanceOf(JdbcHistoryStore.class));
  }

  @Test
  void historyIsInMemoryWhereTheDatabaseIsNotForIt() {
    application
        .withBean("shop", DataSource.class, () -> database("none"))
        .withPropertyValues("xnest.history.in-database=false")
        .run(
            context ->
                assertThat(context)
                    .getBean(HistoryStore.class)
                    .isNotInstanceOf(JdbcHistoryStore.class));
  }

  @Test
  void historyIsInMemoryWhereSeveralDatabasesAre() {
    application
        .withBean("shop", DataSource.class, () -> database("first"))
        .withBean("stock", DataSource.class, () -> database("second"))
        .run(
            context ->
                assertThat(context)
                    .getBean(HistoryStore.class)
                    .isNotInstanceOf(JdbcHistoryStore.class));
  }

  @Test
  void mediaAreKeptInTheFolder(@TempDir Path folder) {
    application
        .withPropertyValues("xnest.media.folder=" + folder, "xnest.media.max-size=1MB")
        .run(
            context ->
                assertThat(context).getBean(BlobStore.class).isInstanceOf(FileBlobStore.class));
  }

  @Test
  void storesOfTheApplicationAreUsed() {
    HistoryStore history = HistoryStore.inMemory(10);
    BlobStore blobs = BlobStore.inMemory();
    application
        .withBean("history", HistoryStore.class, () -> history)
        .withBean("blobs", BlobStore.class, () -> blobs)
        .withBean("shop", DataSource.class, () -> database("unused"))
        .run(
            context -> {
              assertThat(context).getBean(HistoryStore.class).isSameAs(history);
              assertThat(context).getBean(BlobStore.class).isSameAs(blobs);
              try (Someone lin = Someone.enters(context, "Lin")) {
                lin.says("kept");
                lin.hears("\"type\":\"normal\"");
              }
              assertThat(history.last(LOBBY)).isEqualTo(1);
            });
  }

  // ---- beans that are asked and told ----

  @Configuration(proxyBeanMethods = false)
  static class Rules {
    final BlockingQueue<String> joined = new LinkedBlockingQueue<>();

    @Bean
    @Order(2)
    Admission second() {
      return changes(name -> name + " 2");
    }

    @Bean
    @Order(1)
    Admission first() {
      return changes(name -> name + " 1");
    }

    private static Admission changes(UnaryOperator<String> names) {
      return Admission.of(
          entry -> Decision.accept(entry.withNickname(names.apply(entry.nickname()))));
    }

    @Bean
    Filter loud() {
      return Filter.of(draft -> draft.withText(draft.text() + "!"));
    }

    @Bean
    Bot greeter() {
      return voice -> frame -> {};
    }

    @Bean
    XnestListener told() {
      return new XnestListener() {
        @Override
        public void joined(RoomId room, Member member) {
          joined.add(member.nickname());
        }
      };
    }
  }

  @Test
  void rulesAndListenersOfTheApplicationAreAskedInTheirOrder() {
    application
        .withUserConfiguration(Rules.class)
        .run(
            context -> {
              try (Someone lin = Someone.enters(context, "Lin")) {
                lin.hears("\"nickname\":\"greeter\"");
                lin.hears("\"payload\":\"Lin 1 2\"");
                lin.says("hello");
                lin.hears("\"payload\":\"hello!\"");
              }
              BlockingQueue<String> joined = context.getBean(Rules.class).joined;
              assertThat(joined).contains("Lin 1 2");
            });
  }

  @Test
  void whoLetsAnyoneInIsWarnedOnce() {
    assertThat(warnings(application.withPropertyValues("xnest.path=/talk")))
        .containsOnlyOnce("anyone may enter chat")
        .contains("/talk/xgate/websocket/**");
  }

  @Test
  void whoHasARuleIsNotWarned() {
    assertThat(warnings(application.withUserConfiguration(Rules.class))).isEmpty();
  }

  private static String warnings(WebApplicationContextRunner of) {
    PrintStream own = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      of.run(context -> assertThat(context).hasNotFailed());
    } finally {
      System.setErr(own);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void metersAreCountedWhereMicrometerIs() {
    application
        .withBean(SimpleMeterRegistry.class)
        .run(
            context -> {
              assertThat(context).hasSingleBean(XnestMetrics.class);
              try (Someone lin = Someone.enters(context, "Lin")) {
                lin.hears("\"type\":\"join\"");
              }
              MeterRegistry registry = context.getBean(MeterRegistry.class);
              assertThat(registry.get("xnest.frames.sent").counter().count()).isPositive();
            });
  }

  @Test
  void chatIsThereWithoutMicrometer() {
    application
        .withClassLoader(new FilteredClassLoader(MeterRegistry.class))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Xnest.class));
  }

  @Test
  void limitsAndPolicyOfTheApplicationHold() {
    Limits limits = Limits.builder().roomMembers(7).build();
    application
        .withBean(Limits.class, () -> limits)
        .withBean(RoomPolicy.class, () -> room -> RoomOptions.of(limits).withKeepsHistory(false))
        .withPropertyValues("xnest.limits.room-members=8")
        .run(
            context -> {
              assertThat(context.getBean(Xnest.class).limits()).isSameAs(limits);
              try (Someone lin = Someone.enters(context, "Lin")) {
                lin.says("not kept");
                lin.hears("\"type\":\"normal\"");
              }
              assertThat(context.getBean(HistoryStore.class).last(LOBBY)).isZero();
            });
  }

  // ---- properties ----

  @Test
  void limitsAreSetByProperties() {
    application
        .withPropertyValues(
            "xnest.limits.room-members=7",
            "xnest.limits.max-text=2KB",
            "xnest.limits.admission-time=3s")
        .run(
            context -> {
              Limits limits = context.getBean(Xnest.class).limits();
              assertThat(limits.roomMembers()).isEqualTo(7);
              assertThat(limits.maxTextBytes()).isEqualTo(2048);
              assertThat(limits.admissionTime()).isEqualTo(Duration.ofSeconds(3));
              assertThat(limits.rooms()).isEqualTo(Limits.defaults().rooms());
            });
  }

  @Test
  void pagesOfOtherHostsAreRefusedUnlessTheyAreNamed() {
    application.run(
        context -> {
          assertThat(statusFor(context, "https://www.example.com")).isEqualTo(101);
          assertThat(statusFor(context, "https://evil.example.com")).isEqualTo(403);
        });
    application
        .withPropertyValues("xnest.origins=https://shop.example.com,https://evil.example.com")
        .run(
            context -> {
              assertThat(statusFor(context, "https://www.example.com")).isEqualTo(403);
              assertThat(statusFor(context, "https://evil.example.com")).isEqualTo(101);
            });
    application
        .withPropertyValues("xnest.origins=*")
        .run(context -> assertThat(statusFor(context, "https://any.example.org")).isEqualTo(101));
  }

  private static int statusFor(ApplicationContext context, String origin) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("host", List.of("www.example.com"));
    headers.put("upgrade", List.of("websocket"));
    headers.put("connection", List.of("Upgrade"));
    headers.put("sec-websocket-version", List.of("13"));
    headers.put("sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ=="));
    headers.put("origin", List.of(origin));
    Answer answer =
        context
            .getBean(Gateway.class)
            .answer(new Handshake("GET", "/xgate/websocket/lobby", headers, null, true))
            .toCompletableFuture()
            .join();
    return answer instanceof Answer.Refused refused ? refused.status() : 101;
  }

  @Test
  void badPathIsToldAtTheStart() {
    application
        .withPropertyValues("xnest.path=talk/")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessage("xnest.path is talk/, must be empty or such as /talk"));
  }

  @Test
  void metadataListAllProperties() throws IOException {
    String file = "META-INF/spring-configuration-metadata.json";
    ClassLoader loader = XnestAutoConfiguration.class.getClassLoader();
    // other jars have such a file too
    List<String> listed =
        loader
            .resources(file)
            .flatMap(XnestAutoConfigurationTest::listed)
            .filter(it -> it.startsWith("xnest."))
            .toList();
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(names("xnest", XnestProperties.class).toList());
  }

  private static Stream<String> listed(URL metadata) {
    try (InputStreamReader in =
        new InputStreamReader(metadata.openStream(), StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(in)
          .getAsJsonObject()
          .getAsJsonArray("properties")
          .asList()
          .stream()
          .map(JsonElement::getAsJsonObject)
          .map(each -> each.get("name").getAsString());
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static Stream<String> names(String prefix, Class<?> properties) {
    return Stream.of(properties.getRecordComponents()).flatMap(each -> names(prefix, each));
  }

  private static Stream<String> names(String prefix, RecordComponent component) {
    String name =
        prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    return component.getType().isRecord() ? names(name, component.getType()) : Stream.of(name);
  }

  /** A member without a socket. */
  private static final class Someone implements Outlet, AutoCloseable {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final Inlet inlet;

    private Someone(Xnest xnest, Entry entry) {
      inlet = xnest.enter(entry, this);
    }

    static Someone enters(ApplicationContext context, String nickname) {
      Xnest xnest = context.getBean(Xnest.class);
      Decision decision = xnest.admit(Entry.of(LOBBY, nickname)).toCompletableFuture().join();
      return new Someone(xnest, ((Decision.Accepted) decision).entry());
    }

    void says(String text) {
      inlet.text(text);
    }

    /** Reads on to a frame with this in it. */
    void hears(String part) throws InterruptedException {
      String next;
      do {
        next = heard.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("a frame with %s", part).isNotNull();
      } while (!next.contains(part));
    }

    @Override
    public boolean offer(Outgoing frames) {
      return heard.addAll(frames.texts());
    }

    @Override
    public void close(int code, String reason) {}

    @Override
    public void close() {
      inlet.leave();
    }
  }
}
