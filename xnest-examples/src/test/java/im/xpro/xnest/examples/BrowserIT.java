package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import picocli.CommandLine;

/**
 * The page in real browsers. Each test has a server of its own, thus an origin with empty storage,
 * and up to three browsers. A browser that complains in its console fails the test.
 */
@Timeout(180)
class BrowserIT {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final List<ChatWindow> WINDOWS = new ArrayList<>();
  static Path chromium;
  static Path chromedriver;

  @TempDir static Path folder;

  private ChatServer.Running server;
  private ChatWindow ming;
  private ChatWindow lin;

  @RegisterExtension
  final AfterTestExecutionCallback failure =
      test -> {
        if (test.getExecutionException().isPresent()) {
          for (ChatWindow window : WINDOWS) {
            String name = test.getRequiredTestMethod().getName() + "-" + WINDOWS.indexOf(window);
            window.screenshot(SCREENSHOTS.resolve("failed").resolve(name + ".png"));
          }
        }
      };

  @BeforeAll
  static void findBrowser() {
    Optional<Path> browser = onPath("chromium");
    Optional<Path> driver = onPath("chromedriver");
    boolean found = browser.isPresent() && driver.isPresent();
    String missing =
        "No browser tests: they need chromium and chromedriver on the PATH, which are Debian's"
            + " packages chromium and chromium-driver";
    if ("1".equals(System.getenv("XNEST_REQUIRE_BROWSER"))) {
      assertThat(found).withFailMessage(missing).isTrue();
    } else if (!found) {
      System.err.println(missing);
    }
    assumeTrue(found, missing);
    chromium = browser.get();
    chromedriver = driver.get();
  }

  private static Optional<Path> onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .map(place -> Path.of(place, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @BeforeEach
  void open() throws IOException {
    server = start(0, 0);
    ming = window(0);
    lin = window(1);
  }

  private static ChatServer.Running start(int port, int httpPort, String... more)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of("--in-memory", "--port=" + port, "--http-port=" + httpPort));
    ChatServer options = new ChatServer();
    new CommandLine(options).parseArgs(all.toArray(String[]::new));
    return options.start();
  }

  private static ChatWindow window(int number) {
    if (number == WINDOWS.size()) {
      WINDOWS.add(new ChatWindow(chromium, chromedriver, folder.resolve("browser-" + number)));
    }
    return WINDOWS.get(number);
  }

  @AfterEach
  void nothingWasWrongInTheConsoles() {
    List<String> errors = new ArrayList<>();
    for (ChatWindow window : WINDOWS) {
      errors.addAll(window.consoleErrors());
      window.reset();
    }
    server.close();
    assertThat(errors).as("what the browsers complained about").isEmpty();
  }

  @AfterAll
  static void close() {
    WINDOWS.forEach(ChatWindow::close);
  }

  @Test
  void twoWindowsChatAndTellOwnMessagesApart() {
    bothJoin("大厅 1+1=2 100%");

    ming.say("大家好");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("大家好"));
    lin.say("Hello 小明 & all");

    for (ChatWindow window : List.of(ming, lin)) {
      window.eventually(
          () -> assertThat(window.messages()).containsExactly("大家好", "Hello 小明 & all"));
      assertThat(window.texts("#room-name")).containsExactly("大厅 1+1=2 100%");
    }
    assertThat(ming.texts(".message[data-own=true] .text")).containsExactly("大家好");
    assertThat(ming.texts(".message[data-own=false] .text")).containsExactly("Hello 小明 & all");
    assertThat(ming.texts(".message .name bdi")).containsExactly("小明", "Lin");
    assertThat(lin.texts(".message[data-own=true] .text")).containsExactly("Hello 小明 & all");
    assertThat(lin.texts(".message time")).hasSize(2).allMatch(it -> it.matches("\\d\\d:\\d\\d"));
    int own = ming.find(".message[data-own=true] .bubble").getRect().x;
    int other = ming.find(".message[data-own=false] .bubble").getRect().x;
    assertThat(own).as("own messages stand on the other side").isGreaterThan(other + 100);
  }

  @Test
  void pageMediaAndSocketsMayUseTls() throws IOException {
    server.close();
    server = start(0, 0, "--tls-self-signed", "--same-host");
    bothJoin("lobby");

    ming.say("sealed");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("sealed"));
    ming.send("#picture-input", Files.write(folder.resolve("lake.png"), lake(320, 180)), "picture");
    seesPicture(lin, 320);
    assertThat(server.page()).hasScheme("https");
    assertThat(server.sockets()).hasScheme("wss");
  }

  @Test
  void membersAndTheirCountFollowJoinsAndLeaves() {
    ming.join(server.page(), "lobby", "小明");
    seesMembers(ming, "小明");
    lin.join(server.page(), "lobby", "Lin");
    seesMembers(ming, "小明", "Lin");
    ChatWindow wei = window(2);
    wei.join(server.page(), "lobby", "Wei");

    for (ChatWindow window : List.of(ming, lin, wei)) {
      seesMembers(window, "小明", "Lin", "Wei");
    }

    lin.click("#leave");
    lin.find("#join-view");
    seesMembers(ming, "小明", "Wei");
    wei.close();
    WINDOWS.remove(wei);
    seesMembers(ming, "小明");
    assertThat(ming.texts("li.system > p:not(.day)"))
        .containsExactly("小明 (you) joined", "Lin joined", "Wei joined", "Lin left", "Wei left");
  }

  @Test
  void memberWhoGoesToAnotherPageLeavesAndReturnsOnGoingBack() {
    bothJoin("lobby");

    lin.visit(URI.create("about:blank"));
    seesMembers(ming, "小明");
    ming.say("alone");
    lin.back();

    seesMembers(ming, "小明", "Lin");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("alone"));
    seesMembers(lin, "小明", "Lin");
  }

  private static void seesMembers(ChatWindow window, String... names) {
    window.eventually(
        () -> {
          assertThat(window.texts("#members .name")).containsExactly(names);
          assertThat(window.texts("#count")).containsExactly(Integer.toString(names.length));
        });
  }

  @Test
  void privateMessageReachesOneOfThreeAndIsMarked() throws IOException {
    bothJoin("lobby");
    ChatWindow wei = window(2);
    wei.join(server.page(), "lobby", "Wei");
    seesMembers(ming, "小明", "Lin", "Wei");
    ming.say("今天吃什么?");

    ming.choose("Lin");
    assertThat(ming.find("#private-text").getText()).isEqualTo("Private to Lin");
    assertThat(ming.texts("#members button[aria-pressed=true] .name")).containsExactly("Lin");
    assertThat(ming.all("#compose-form button[aria-disabled=true]")).hasSize(3);
    ming.say("只给你: a | b");

    lin.eventually(() -> assertThat(lin.messages()).containsExactly("今天吃什么?", "只给你: a | b"));
    assertThat(lin.texts(".message.private[data-direction=received] .private-mark"))
        .containsExactly("Private, only to you");
    assertThat(lin.find(".message.private .bubble").getCssValue("border-top-style"))
        .isEqualTo("dashed");

    lin.click("[data-reply]");
    lin.say("Noodles?");
    ming.eventually(
        () -> assertThat(ming.messages()).containsExactly("今天吃什么?", "只给你: a | b", "Noodles?"));
    assertThat(ming.texts(".message.private[data-direction=sent] .private-mark"))
        .containsExactly("Private to Lin");
    ming.screenshot(SCREENSHOTS.resolve("private.png"));

    ming.press(Keys.ESCAPE);
    lin.click("#private-leave");
    ming.say("后面");
    wei.eventually(() -> assertThat(wei.messages()).containsExactly("今天吃什么?", "后面"));
    lin.say("after");
    wei.eventually(() -> assertThat(wei.messages()).containsExactly("今天吃什么?", "后面", "after"));
  }

  @Test
  void privateWordsToOneWhoLeftStayInTheField() {
    bothJoin("lobby");
    ming.choose("Lin");

    lin.click("#leave");
    ming.find("#private-bar.gone");
    ming.say("still there?");

    ming.eventually(() -> assertThat(notices(ming)).hasSize(1));
    assertThat(notices(ming).get(0)).contains("Lin").contains("is not in the room any more");
    assertThat(ming.find("#text").getDomProperty("value")).isEqualTo("still there?");
    assertThat(ming.messages()).isEmpty();
  }

  @Test
  void newNameIsShownAtAll() {
    bothJoin("lobby");
    lin.say("before");

    lin.click("#rename");
    lin.fill("#rename-name", "黑旋风李逵");
    lin.click("#rename-save");

    for (ChatWindow window : List.of(ming, lin)) {
      seesMembers(window, "小明", "黑旋风李逵");
      window.eventually(
          () ->
              assertThat(window.texts("li.system[data-type=changename]"))
                  .containsExactly("Lin is now 黑旋风李逵"));
    }
    lin.say("after");
    ming.eventually(() -> assertThat(ming.messages()).containsExactly("before", "after"));
    assertThat(ming.texts(".message .name bdi")).containsExactly("Lin", "黑旋风李逵");
  }

  @Test
  void pictureIsShownToTheOther() throws IOException {
    bothJoin("lobby");
    Path file = Files.write(folder.resolve("lake.png"), lake(320, 180));

    ming.send("#picture-input", file, "picture");

    seesPicture(lin, 320);
    seesPicture(ming, 320);
  }

  @ParameterizedTest
  @ValueSource(strings = {"paste", "drop"})
  void pictureIsTakenByPasteAndByDrop(String how) throws IOException {
    bothJoin("lobby");

    ming.run(
        """
        const bytes = Uint8Array.from(atob(arguments[1]), (it) => it.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "lake.png", { type: "image/png" }));
        const about = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
        document.activeElement.dispatchEvent(arguments[0] === "paste"
            ? new ClipboardEvent("paste", about) : new DragEvent("drop", about));
        """,
        how,
        Base64.getEncoder().encodeToString(lake(320, 180)));
    ming.find("#preview[data-kind=picture] canvas");
    ming.click("#preview-send");

    seesPicture(lin, 320);
  }

  private static void seesPicture(ChatWindow window, long width) {
    window.eventually(
        () ->
            assertThat(
                    window.run(
                        "return document.querySelector('.message[data-type=picture] img')"
                            + "?.naturalWidth"))
                .isEqualTo(width));
  }

  @Test
  void fileComesBackAsADownload() throws Exception {
    bothJoin("lobby");
    String content = "Not to be shown, but kept: 你好\n";
    Path file = Files.writeString(folder.resolve("notes.txt"), content);

    ming.send("#file-input", file, "file");

    WebElement link = lin.find(".message[data-type=file] .file a");
    URI blob = URI.create(link.getDomProperty("href"));
    HttpResponse<String> response = get(blob);
    assertThat(response.headers().firstValue("Content-Disposition").orElseThrow())
        .startsWith("attachment");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(response.body()).isEqualTo(content);
    link.click();
    lin.eventually(() -> assertThat(lin.download(blob)).hasContent(content));
  }

  @Test
  void recordedVoiceIsPlayedByTheOther() throws Exception {
    bothJoin("lobby");

    ming.click("#record");
    ming.eventually(
        () -> assertThat(ming.texts("#record-time").get(0)).isGreaterThanOrEqualTo("0:01"));
    ming.click("#record-stop");
    ming.find("#preview[data-kind=audio] audio");
    ming.click("#preview-send");

    WebElement voice = lin.find(".message[data-type=audio] audio");
    assertThat(get(URI.create(voice.getDomProperty("src"))).headers().firstValue("Content-Type"))
        .hasValue("audio/webm");
    lin.run("arguments[0].play()", voice);
    lin.eventually(
        () ->
            assertThat((Boolean) lin.run("return arguments[0].currentTime > 0.2", voice)).isTrue());
  }

  @Test
  void historyIsThereAfterAReload() {
    bothJoin("lobby");
    ming.say("first");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("first"));
    lin.say("second");
    ming.eventually(() -> assertThat(ming.messages()).containsExactly("first", "second"));
    lin.say("third");
    ming.eventually(() -> assertThat(ming.messages()).containsExactly("first", "second", "third"));

    ming.reload();
    assertThat(ming.find("#room").getDomProperty("value")).isEqualTo("lobby");
    assertThat(ming.find("#nickname").getDomProperty("value")).isEqualTo("小明");
    ming.click("#join");

    ming.eventually(() -> assertThat(ming.messages()).containsExactly("first", "second", "third"));
    assertThat(ming.texts(".message[data-own=true] .text")).containsExactly("first");
    assertThat(ming.texts(".message .name bdi")).containsExactly("小明", "Lin", "Lin");
    seesMembers(ming, "Lin", "小明");
  }

  @Test
  void olderPagesLoadOnScrollingUpWithoutGapOrRepeat() throws Exception {
    try (SocketGuest talker = new SocketGuest(server.sockets(), "lobby", "Talker")) {
      for (int i = 1; i <= 170; i++) {
        talker.says("line " + i);
      }
      ming.join(server.page(), "lobby", "小明");
      ming.eventually(() -> assertThat(ming.messages()).endsWith("line 170"));
      assertThat(ming.messages()).hasSizeLessThan(120).doesNotContain("line 1");
      int live = 171;
      for (String shown = ""; !shown.equals("No older messages"); ) {
        ming.scrollUp("#log");
        shown = ming.texts("#log-start").get(0);
        talker.says("line " + live++); // others go on talking meanwhile
      }
      String[] all = IntStream.range(1, live).mapToObj(i -> "line " + i).toArray(String[]::new);
      ming.eventually(() -> assertThat(ming.messages()).containsExactly(all));
      assertThat(ming.find("#to-newest").isDisplayed()).isTrue();
    }
  }

  @Test
  void hostileWordsAreInert() throws Exception {
    String evil = "<img src=x onerror=window.hit=1>";
    List<String> words =
        List.of(
            "<img src=x onerror=\"window.hit=1\">",
            "<script>window.hit=1</script>",
            "<svg onload=window.hit=1><a xlink:href=\"javascript:window.hit=1\">",
            "javascript:window.hit=1",
            "<a href=\"javascript:window.hit=1\">click</a>",
            "http://127.0.0.1/\"onmouseover=\"window.hit=1",
            "\"><iframe srcdoc=\"<script>parent.hit=1</script>\"></iframe>",
            "<style>body { display: none }</style>",
            "{{constructor.constructor('window.hit=1')()}}",
            "&lt;b&gt; &amp;amp; \\u003cb\\u003e ${window.hit=1}");
    lin.join(server.page(), evil, "Lin");
    ming.join(server.page(), evil, evil);
    seesMembers(lin, "Lin", evil);
    for (String word : words) {
      ming.say(word);
    }
    lin.eventually(() -> assertThat(lin.messages()).hasSameSizeAs(words));
    lin.choose(evil);
    lin.say(evil);
    ming.click("#rename");
    ming.fill("#rename-name", evil + "2");
    ming.click("#rename-save");

    Stream<String> evils = Stream.of(evil, evil + "2");
    for (ChatWindow window : List.of(ming, lin)) {
      seesMembers(window, "Lin", evil + "2");
      window.eventually(() -> assertThat(window.messages()).containsAll(words).endsWith(evil));
      assertThat(window.messages()).hasSize(words.size() + 1);
      assertThat(window.texts("#room-name")).containsExactly(evil);
      assertThat(window.texts(".message[data-own] .name bdi")).contains(evil);
      for (String tag : List.of("img", "script", "iframe", "style", "svg a", "b", "[onload]")) {
        assertThat(window.all("#chat-view " + tag)).as(tag).isEmpty();
      }
      for (WebElement link : window.all("#chat-view a")) {
        assertThat(link.getDomProperty("href")).isEqualTo("http://127.0.0.1/");
      }
      assertThat(window.run("return window.hit")).isNull();
    }
    lin.eventually(
        () ->
            assertThat(lin.texts("li.system[data-type=changename] bdi"))
                .containsExactlyElementsOf(evils.toList()));
  }

  @ParameterizedTest
  @CsvSource({
    "1, audio, <!doctype html><script>window.hit=1</script><title>taken</title>",
    "2, picture, <svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='hit=1'/>",
    "2, picture, <!doctype html><script>window.hit=1</script><title>taken</title>",
    "3, file, <svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='hit=1'/>",
    "3, file, <!doctype html><script>window.hit=1</script><title>taken</title>",
  })
  void uploadedHtmlAndSvgAreNeverRendered(int firstByte, String type, String content)
      throws Exception {
    lin.join(server.page(), "lobby", "Lin");
    URI blob;
    try (SocketGuest guest = new SocketGuest(server.sockets(), "lobby", "Guest")) {
      blob = guest.sends(firstByte, content.getBytes(StandardCharsets.UTF_8), type);
    }

    WebElement entry = lin.find(".message[data-type=%s] .bubble".formatted(type));
    if (type.equals("picture")) {
      lin.eventually(() -> assertThat(entry.getText()).contains("cannot be shown"));
    }
    assertThat(lin.all(".message img")).isEmpty();
    String before = lin.address();
    lin.run("location.href = arguments[0]", blob.toString());
    lin.eventually(() -> assertThat(lin.download(blob)).hasContent(content));
    assertThat(lin.address()).isEqualTo(before);
    assertThat(lin.run("return window.hit")).isNull();
  }

  @Test
  void pageComesBackByItselfWhenTheServerDoes() throws IOException {
    bothJoin("lobby");
    ming.say("before");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("before"));

    for (ChatWindow window : List.of(ming, lin)) {
      window.run(
          """
          const status = document.querySelector("#status-text");
          window.told = [];
          new MutationObserver(() => window.told.push(status.textContent))
              .observe(status, { childList: true });
          """);
    }
    server.close();
    for (ChatWindow window : List.of(ming, lin)) {
      window.find("#status[data-state=waiting]");
      // by now it may have tried again in vain, and tell of that
      assertThat(window.run("return window.told[0]"))
          .asString()
          .startsWith("The server is going away. Trying again in ");
    }
    ming.say("during");
    ming.eventually(() -> assertThat(notices(ming)).hasSize(1));
    assertThat(notices(ming).get(0)).startsWith("Not connected just now.");
    server = start(server.sockets().getPort(), server.page().getPort());
    for (ChatWindow window : List.of(ming, lin)) {
      window.find("#status[data-state=online]");
      window.eventually(
          () -> assertThat(window.texts("#members .name")).containsOnly("小明", "Lin").hasSize(2));
    }

    assertThat(ming.find("#text").getDomProperty("value")).isEqualTo("during");
    ming.click("#send");
    lin.eventually(() -> assertThat(lin.messages()).endsWith("during"));
    assertThat(Stream.of(ming, lin).flatMap(window -> window.consoleErrors().stream()))
        .allMatch(error -> error.contains("ERR_CONNECTION_REFUSED"));
  }

  @Test
  void errorIsShownKindlyAndTheChatGoesOn() {
    bothJoin("lobby");

    ming.say("@to:");

    WebElement notice = ming.find("#notices .notice[data-kind=error] p");
    assertThat(notice.getText()).startsWith("The server says: ");
    ming.say("@to:nobody|psst");
    ming.eventually(() -> assertThat(notices(ming)).hasSize(2));
    ming.say("well");
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("well"));
    assertThat(notices(lin)).isEmpty();
    assertThat(ming.all("#status[data-state=online]")).hasSize(1);
  }

  private static List<String> notices(ChatWindow window) {
    return window.texts("#notices .notice p");
  }

  @ParameterizedTest
  @CsvSource({
    "'', Which room",
    "a/b, cannot hold a",
    ".., cannot be called",
    "x, At most 128 characters",
  })
  void badRoomNameIsRefusedByThePage(String room, String why) {
    ming.visit(server.page());
    ming.fill("#room", room.equals("x") ? "很".repeat(129) : room);
    ming.click("#join");

    assertThat(ming.find("#room-error").getText()).contains(why);
    assertThat(ming.focused().getDomAttribute("id")).isEqualTo("room");
    assertThat(ming.focused().getDomAttribute("aria-invalid")).isEqualTo("true");
    assertThat(ming.all("#chat-view[hidden]")).hasSize(1);
  }

  @Test
  void phoneHasItsMembersInADrawer() throws Exception {
    lin.size(390, 844, true);
    try (Party party = new Party()) {
      assertThat(lin.focused().getDomAttribute("id")).as("no keyboard").isEqualTo("room-name");
      party.talk();
      assertThat(lin.all("#members-panel").get(0).isDisplayed()).isFalse();
      assertThat(lin.texts("#count-badge")).containsExactly("4");
      assertThat(lin.run("return document.documentElement.scrollWidth")).isEqualTo(390L);
      lin.screenshot(SCREENSHOTS.resolve("phone.png"));

      lin.click("#show-members");
      assertThat(lin.find("#members-panel.open").getRect().x).isBetween(0, 300);
      lin.screenshot(SCREENSHOTS.resolve("phone-members.png"));
      lin.choose("小明");
      assertThat(lin.find("#private-text").getText()).isEqualTo("Private to 小明");
      assertThat(lin.all("#members-panel.open")).isEmpty();
      lin.say("这样？");
      lin.eventually(() -> assertThat(lin.messages()).endsWith("这样？"));
      lin.screenshot(SCREENSHOTS.resolve("phone-private.png"));
    }
  }

  @Test
  void livelyRoomIsShownInLightAndDark() throws Exception {
    try (Party party = new Party()) {
      party.talk();
      String light = lin.find("body").getCssValue("background-color");
      lin.screenshot(SCREENSHOTS.resolve("page.png"));

      lin.colours("dark");
      assertThat(lin.find("body").getCssValue("background-color")).isNotEqualTo(light);
      lin.screenshot(SCREENSHOTS.resolve("dark.png"));
      assertThat(lin.run("return document.documentElement.scrollWidth")).isEqualTo(1280L);
      assertThat(lin.run("return document.documentElement.scrollHeight")).isEqualTo(800L);
    }
  }

  @Test
  void keyboardAloneIsEnough() {
    lin.join(server.page(), "lobby", "Lin");
    ming.visit(server.page());
    assertThat(ming.focused().getDomAttribute("id")).isEqualTo("room");
    ming.press("lobby", Keys.TAB, "小明", Keys.ENTER);
    ming.find("#chat-view:not([hidden])");
    assertThat(ming.focused().getDomAttribute("id")).isEqualTo("text");

    ming.press("one", Keys.chord(Keys.SHIFT, Keys.ENTER), "two", Keys.ENTER);
    lin.eventually(() -> assertThat(lin.messages()).containsExactly("one\ntwo"));

    for (int i = 0; i < 20 && !ming.focused().getAccessibleName().contains("Lin"); i++) {
      ming.press(Keys.TAB);
    }
    assertThat(ming.focused().getAccessibleName()).startsWith("Write to ");
    ming.press(Keys.ENTER);
    assertThat(ming.focused().getAccessibleName()).startsWith("Private message to ");
    ming.press("psst", Keys.ENTER, Keys.ESCAPE);
    assertThat(ming.focused().getAccessibleName()).isEqualTo("Message to everyone");
    lin.eventually(() -> assertThat(lin.texts(".message.private .text")).containsExactly("psst"));
    for (WebElement button : ming.all("#chat-view button")) {
      if (button.isDisplayed()) {
        assertThat(button.getAccessibleName()).as(button.getDomAttribute("id")).isNotBlank();
      }
    }
    assertThat(ming.find("#log").getAriaRole()).isEqualTo("log");
  }

  private void bothJoin(String room) {
    ming.join(server.page(), room, "小明");
    lin.join(server.page(), room, "Lin");
    seesMembers(ming, "小明", "Lin");
  }

  private static HttpResponse<String> get(URI address) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
  }

  /** Lin, in a browser, in a room with three others. */
  private final class Party implements AutoCloseable {
    private final String room = "周末 Weekend";
    private final SocketGuest ming = new SocketGuest(server.sockets(), room, "小明");
    private final SocketGuest anna = new SocketGuest(server.sockets(), room, "Anna");
    private final SocketGuest kui;

    Party() throws InterruptedException {
      lin.join(server.page(), room, "Lin");
      kui = new SocketGuest(server.sockets(), room, "黑旋风李逵");
    }

    /** Ends when all of it is to be seen. */
    void talk() throws Exception {
      kui.says("大家好！周末去哪儿？");
      anna.sends(1, hum(), "audio");
      anna.sends(2, lake(480, 312), "picture");
      lin.eventually(() -> assertThat(lin.all(".message")).hasSize(3));
      lin.say("How beautiful! 就去湖边吧。");
      lin.eventually(() -> assertThat(lin.all(".message")).hasSize(4));
      ming.whispers(pidOf("Lin"), "悄悄告诉你：星期六是 Anna 的生日 🎂");
      lin.eventually(() -> assertThat(lin.all(".message")).hasSize(5));
      seesPicture(lin, 480);
    }

    private String pidOf(String nickname) {
      return lin.all("#members > li").stream()
          .filter(
              item ->
                  nickname.equals(
                      item.findElement(By.className("name")).getDomProperty("textContent")))
          .map(item -> item.getDomAttribute("data-pid"))
          .findFirst()
          .orElseThrow();
    }

    @Override
    public void close() {
      Stream.of(ming, anna, kui).forEach(SocketGuest::close);
    }
  }

  /** A picture as PNG. */
  private static byte[] lake(int width, int height) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    int shore = height * 6 / 10;
    pen.setPaint(new GradientPaint(0, 0, new Color(0x8EC5E8), 0, shore, new Color(0xFDE7C7)));
    pen.fillRect(0, 0, width, shore);
    pen.setPaint(new Color(0xFFF3C4));
    pen.fillOval(width * 7 / 10, height / 10, height / 6, height / 6);
    mountain(
        pen, new Color(0x7C93AE), shore, -width / 10, width * 3 / 10, width * 7 / 10, height / 6);
    mountain(pen, new Color(0x5B7691), shore, width / 4, width * 6 / 10, width, height / 4);
    mountain(
        pen, new Color(0x3F5B6E), shore, width / 2, width * 17 / 20, width * 6 / 5, height / 3);
    pen.setPaint(new GradientPaint(0, shore, new Color(0x6FA8BF), 0, height, new Color(0x2F6C86)));
    pen.fillRect(0, shore, width, height - shore);
    pen.setPaint(new Color(0x55FFFFFF, true));
    for (int i = 1; i < 7; i++) {
      int y = shore + i * (height - shore) / 7;
      pen.fillRoundRect(width * ((i * 37) % 60) / 100, y, width / 4 + i * 6, 2, 2, 2);
    }
    pen.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    return png.toByteArray();
  }

  private static void mountain(
      Graphics2D pen, Color colour, int foot, int left, int peak, int right, int top) {
    pen.setPaint(colour);
    pen.fill(new Polygon(new int[] {left, peak, right}, new int[] {foot, top, foot}, 3));
  }

  /** Two seconds of sound as WAV. */
  private static byte[] hum() throws IOException {
    AudioFormat format = new AudioFormat(8_000, 8, 1, true, false);
    byte[] samples = new byte[16_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (40 * Math.sin(i * 2 * Math.PI * 220 / 8_000));
    }
    ByteArrayOutputStream wav = new ByteArrayOutputStream();
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(samples), format, samples.length),
        AudioFileFormat.Type.WAVE,
        wav);
    return wav.toByteArray();
  }
}
