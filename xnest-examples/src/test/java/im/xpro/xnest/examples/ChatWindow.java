package im.xpro.xnest.examples;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.WheelInput.ScrollOrigin;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A browser of its own with the chat's page, as one member has it. */
final class ChatWindow implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** Held, as loggers are forgotten otherwise: it warns of what is not used here. */
  private static final Logger CDP =
      Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

  static {
    CDP.setLevel(Level.SEVERE);
  }

  private final Path downloads;
  private final ChromeDriver driver;

  /**
   * Opens a browser that shares nothing with others.
   *
   * @param folder for its profile and downloads
   */
  ChatWindow(Path chromium, Path chromedriver, Path folder) {
    downloads = folder.resolve("downloads");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toFile());
    options.setAcceptInsecureCerts(true);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--lang=en",
        "--force-prefers-reduced-motion",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--user-data-dir=" + folder.resolve("profile"));
    options.setExperimentalOption(
        "prefs", Map.of("download.default_directory", downloads.toString()));
    LoggingPreferences console = new LoggingPreferences();
    console.enable(LogType.BROWSER, Level.SEVERE);
    options.setCapability(ChromeOptions.LOGGING_PREFS, console);
    // both programs are named, so Selenium neither looks for any nor fetches them
    ChromeDriverService service = ChromeDriverService.createDefaultService();
    service.setExecutable(chromedriver.toString());
    driver = new ChromeDriver(service, options);
    driver.manage().timeouts().pageLoadTimeout(PATIENCE).scriptTimeout(PATIENCE);
    reset();
  }

  /** Leaves the page and forgets it: a wide light window with no cookies and an empty console. */
  void reset() {
    driver.get("about:blank");
    driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
    size(1280, 800, false);
    colours("light");
    consoleErrors();
  }

  void size(int width, int height, boolean phone) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
    driver.executeCdpCommand("Emulation.setTouchEmulationEnabled", Map.of("enabled", phone));
  }

  /** As set in the system: "light" or "dark". */
  void colours(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  void visit(URI address) {
    driver.get(address.toString());
  }

  String address() {
    return driver.getCurrentUrl();
  }

  void back() {
    driver.navigate().back();
  }

  void reload() {
    driver.navigate().refresh();
  }

  /** Fills in the form and waits for the room. */
  void join(URI page, String room, String nickname) {
    visit(page);
    fill("#room", room);
    fill("#nickname", nickname);
    click("#join");
    find("#chat-view:not([hidden])");
  }

  void say(String text) {
    fill("#text", text);
    press(Keys.ENTER);
  }

  /** Opens private mode, or for oneself the change of name, by the list of members. */
  void choose(String nickname) {
    String item = "//ul[@id='members']/li[.//*[@class='name'][normalize-space(.)='%s']]/button";
    click(By.xpath(item.formatted(nickname)));
  }

  /**
   * Chooses a file as the file dialog does, and sends it from the preview as what it is shown to
   * be.
   */
  void send(String input, Path file, String kind) {
    driver.findElement(By.cssSelector(input)).sendKeys(file.toString());
    find("#preview[data-kind=%s]".formatted(kind));
    click("#preview-send");
  }

  void fill(String css, String text) {
    WebElement field = find(css);
    field.clear();
    field.sendKeys(text);
  }

  void press(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  void click(String css) {
    click(By.cssSelector(css));
  }

  private void click(By what) {
    waiting()
        .ignoring(WebDriverException.class)
        .until(
            any -> {
              driver.findElement(what).click();
              return true;
            });
  }

  void scrollUp(String css) {
    new Actions(driver)
        .scrollFromOrigin(ScrollOrigin.fromElement(find(css)), 0, -100_000)
        .perform();
  }

  /** The first such element, once it can be seen. */
  WebElement find(String css) {
    return waiting().until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector(css)));
  }

  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** What such elements hold in the document, seen or not. */
  List<String> texts(String css) {
    return list(
        "return [...document.querySelectorAll(arguments[0])].map((it) => it.textContent)", css);
  }

  /** What public and private messages say. */
  List<String> messages() {
    return texts("#messages .message .text");
  }

  @SuppressWarnings("unchecked") // an array of strings is handed over as such a list
  private List<String> list(String script, Object... arguments) {
    return (List<String>) driver.executeScript(script, arguments);
  }

  /** The value of a script that names its arguments {@code arguments[0]} and so on. */
  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** Repeats until it passes; if it never does, fails as it did last. */
  void eventually(Runnable assertion) {
    try {
      waiting()
          .ignoring(AssertionError.class)
          .until(
              any -> {
                assertion.run();
                return true;
              });
    } catch (TimeoutException late) {
      if (late.getCause() instanceof AssertionError last) {
        throw last;
      }
      throw late;
    }
  }

  private WebDriverWait waiting() {
    WebDriverWait wait = new WebDriverWait(driver, PATIENCE, PAUSE);
    wait.ignoring(StaleElementReferenceException.class);
    return wait;
  }

  /** What the browser complained about since the last call. */
  List<String> consoleErrors() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Where the browser puts what it downloads from there. */
  Path download(URI blob) {
    return downloads.resolve(Path.of(blob.getPath()).getFileName().toString());
  }

  void screenshot(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
