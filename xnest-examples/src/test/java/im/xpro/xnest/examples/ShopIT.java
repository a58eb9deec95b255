package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import im.xpro.xnest.examples.shop.Shop;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The shop on its own Tomcat, with sockets and in the browser. */
@Timeout(120)
class ShopIT {
  private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]* value=\"([^\"]+)\"");

  @TempDir private static Path folder;

  /** As it is. */
  private static ConfigurableApplicationContext shop;

  private final HttpClient http = HttpClient.newHttpClient();
  private String address = address(shop);

  @BeforeAll
  static void openAsItIs() {
    shop = open("shop");
  }

  private static ConfigurableApplicationContext open(String database, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--server.port=0");
    all.add("--spring.main.banner-mode=off");
    all.add("--logging.level.root=warn");
    all.add(
        "--spring.datasource.url=jdbc:sqlite:"
            + folder.resolve(database + ".db")
            + "?journal_mode=WAL&transaction_mode=IMMEDIATE&busy_timeout=5000");
    return Shop.start(all.toArray(String[]::new));
  }

  private static String address(ConfigurableApplicationContext of) {
    return "localhost:" + of.getEnvironment().getRequiredProperty("local.server.port");
  }

  @AfterAll
  static void close() {
    shop.close();
  }

  private URI room(String name) {
    return URI.create("ws://" + address + "/xgate/websocket/" + name);
  }

  /** The cookie of somebody who has logged in with the shop's form. */
  private String login(String name, String password) throws IOException, InterruptedException {
    HttpRequest.Builder form = HttpRequest.newBuilder(URI.create("http://" + address + "/login"));
    HttpResponse<String> empty = http.send(form.build(), BodyHandlers.ofString());
    Matcher csrf = CSRF.matcher(empty.body());
    assertThat(csrf.find()).as(empty.body()).isTrue();
    String filled =
        "username=%s&password=%s&_csrf=%s"
            .formatted(name, password, URLEncoder.encode(csrf.group(1), StandardCharsets.UTF_8));
    HttpResponse<String> answer =
        http.send(
            form.header("Cookie", cookie(empty))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(filled))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.headers().firstValue("location")).hasValue("http://" + address + "/");
    return cookie(answer);
  }

  private static String cookie(HttpResponse<String> from) {
    return from.headers().firstValue("set-cookie").orElseThrow().split(";")[0];
  }

  @Test
  void customersTalkUnderTheirLogins() throws Exception {
    try (SocketGuest ming = new SocketGuest(http, room("cups"), "Cookie", login("ming", "tea"));
        SocketGuest lin =
            new SocketGuest(
                http,
                URI.create(room("cups") + "?nickname=ming"),
                "Cookie",
                login("lin", "cups"))) {
      assertThat(ming.nickname()).isEqualTo("ming");
      assertThat(lin.nickname()).as("not the one it asks for").isEqualTo("lin");
      assertThat(lin.asksToBe("ming", "error")).isNotBlank();
      lin.says("Is the Longjing fresh?");
    }
    assertThat(
            shop.getBean(JdbcTemplate.class)
                .queryForList(
                    "select nickname || ' ' || identity || ' ' || content from xnest_entry"
                        + " where room = 'cups'",
                    String.class))
        .containsExactly("lin lin Is the Longjing fresh?");
  }

  @Test
  void nobodyElseGetsIn() throws Exception {
    assertThat(refusal()).isEqualTo(401);
    assertThat(refusal("Cookie", login("ming", "tea"), "Origin", "https://evil.example.com"))
        .isEqualTo(403);
  }

  /** The status with which a handshake fails. */
  private int refusal(String... headers) {
    Throwable failure = catchThrowable(() -> new SocketGuest(http, room("tea"), headers));
    assertThat(failure).hasCauseInstanceOf(WebSocketHandshakeException.class);
    return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
  }

  @Test
  void mediaComeFromTheSamePort() throws Exception {
    String cookie = login("ming", "tea");
    try (SocketGuest ming = new SocketGuest(http, room("files"), "Cookie", cookie)) {
      URI told = ming.sends(3, new byte[] {1, 2, 3}, "file");
      assertThat(told.toString())
          .as("on the port that the shop is given, which is any here")
          .startsWith("http://localhost:0/xgate/media/files/");

      HttpResponse<byte[]> file =
          http.send(
              HttpRequest.newBuilder(URI.create("http://" + address + told.getPath()))
                  .header("Cookie", cookie)
                  .build(),
              BodyHandlers.ofByteArray());

      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.body()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void chatMayBeBelowAPath() throws Exception {
    try (ConfigurableApplicationContext other = open("below", "--xnest.path=/talk")) {
      address = address(other);
      String cookie = login("ming", "tea");
      URI below = URI.create("ws://" + address + "/talk/xgate/websocket/tea");
      try (SocketGuest ming = new SocketGuest(http, below, "Cookie", cookie)) {
        assertThat(ming.sends(3, new byte[] {1}, "file").getPath())
            .startsWith("/talk/xgate/media/");
      }
      assertThat(refusal("Cookie", cookie)).isEqualTo(404);
    }
  }

  @Test
  void chatIsBackWhenTheApplicationIsStartedAgain() throws Exception {
    try (ConfigurableApplicationContext other = open("again")) {
      other.stop();
      other.start();
      address = address(other);
      try (SocketGuest ming = new SocketGuest(http, room("tea"), "Cookie", login("ming", "tea"))) {
        ming.says("open again");
      }
    }
  }

  @Test
  void customersLogInTalkAndFindTheirWordsAgain() {
    BrowserIT.findBrowser();
    try (ChatWindow ming = window("ming");
        ChatWindow lin = window("lin")) {
      enter(ming, "ming", "tea");
      enter(lin, "lin", "cups");

      ming.say("大家好");
      lin.eventually(() -> assertThat(lin.messages()).containsExactly("大家好"));
      lin.say("Is the Longjing fresh?");
      List<String> all = List.of("大家好", "Is the Longjing fresh?");
      for (ChatWindow window : List.of(ming, lin)) {
        window.eventually(() -> assertThat(window.messages()).isEqualTo(all));
        assertThat(window.texts(".message .name bdi")).containsExactly("ming", "lin");
      }

      lin.reload();
      lin.click("#join");
      lin.eventually(() -> assertThat(lin.messages()).isEqualTo(all));
      assertThat(lin.texts(".message .name bdi")).containsExactly("ming", "lin");
      assertThat(ming.consoleErrors()).isEmpty();
      assertThat(lin.consoleErrors()).isEmpty();
    }
  }

  private ChatWindow window(String name) {
    return new ChatWindow(BrowserIT.chromium, BrowserIT.chromedriver, folder.resolve(name));
  }

  private void enter(ChatWindow window, String name, String password) {
    window.visit(URI.create("http://" + address + "/"));
    window.fill("#username", name);
    window.fill("#password", password);
    window.click("button[type=submit]");
    window.click("#chat");
    window.click("#join");
    window.find("#chat-view:not([hidden])");
  }

  @Test
  void chatServersJarHasNothingOfSpring() throws IOException {
    try (JarFile jar = new JarFile("target/xnest-server.jar")) {
      assertThat(jar.stream().map(Object::toString))
          .noneMatch(
              it -> it.matches("(org/springframework|org/apache/(catalina|tomcat)|jakarta)/.*"))
          .contains("im/xpro/xnest/examples/ChatServer.class");
    }
  }
}
