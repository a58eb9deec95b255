package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.to;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import im.xpro.xnest.Entry;
import im.xpro.xnest.FailureLog;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every text of the corpus, and what becomes of it, is given to everything that reads text. */
@DisplayName("§1, §3, §4 any text from a client")
class TextFuzzTest {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final byte[] TEN = "0123456789".getBytes(UTF_8);
  private static final Instant NOW = Instant.EPOCH;

  static List<Fuzz.Seed> corpus() {
    return Fuzz.corpus("texts");
  }

  private static void check(byte[] bytes, Random random) throws Exception {
    String text = new String(bytes, UTF_8);
    encoding(text);
    parameters(text);
    cookie(text);
    proxies(text);
    origin(text);
    range(text);
    if (random.nextInt(8) == 0) { // detecting types takes longer than all the rest
      blob(text);
      type(bytes);
    }
    for (String said : List.of(text, text + (char) (0xD800 + random.nextInt(0x800)))) {
      command(said);
      json(said);
    }
  }

  private static void encoding(String text) {
    String encoded = PercentEncoding.encode(text);
    assertThat(encoded).matches("([A-Za-z0-9._~-]|%[0-9A-F]{2})*");
    assertThat(PercentEncoding.decode(encoded)).isEqualTo(text);
    assertThat(PercentEncoding.decode(text)).isEqualTo(decoded(text));
  }

  /** RFC 3986 section 2.1, by text in which each character is a byte. */
  private static String decoded(String raw) {
    if (!raw.matches("(?s)([^%\uFFFD]|%[0-9A-Fa-f]{2})*+")) {
      return null;
    }
    String octets =
        Pattern.compile("%(..)")
            .matcher(new String(raw.getBytes(UTF_8), ISO_8859_1))
            .replaceAll(
                hex -> Matcher.quoteReplacement("" + (char) Integer.parseInt(hex.group(1), 16)));
    byte[] bytes = octets.getBytes(ISO_8859_1);
    String text = new String(bytes, UTF_8);
    return Arrays.equals(text.getBytes(UTF_8), bytes) ? text : null;
  }

  private static void parameters(String text) {
    String encoded = PercentEncoding.encode(text);
    RequestTarget target = RequestTarget.parse("/xgate/websocket/a?x=1&" + encoded + "=" + encoded);
    assertThat(target.parameters("nickname").get(text)).last().isEqualTo(text);
    try {
      RequestTarget any = RequestTarget.parse(text);
      assertThat(any.room() == null || any.room().indexOf('/') < 0).isTrue();
      any.parameters("nickname").forEach((name, values) -> assertThat(values).isNotEmpty());
    } catch (IllegalArgumentException bad) {
      assertThat(bad).hasMessage("nickname has a bad percent-encoding");
    }
  }

  private static void cookie(String text) {
    NicknameCookie cookie = new NicknameCookie(false, 64);
    Entry nobody = Entry.of(LOBBY, null);
    for (String line : List.of(text, "nickname=" + text)) {
      String name = cookie.read(nobody.withHeader("cookie", line));
      if (name != null) {
        assertThat(name).isNotEmpty().isEqualTo(Nicknames.clean(name));
        assertThat(Nicknames.characters(name)).isLessThanOrEqualTo(64);
        String set = cookie.write(name);
        assertThat(set).matches("nickname=[A-Za-z0-9._~%-]+; Max-Age=[ -~]+");
        assertThat(cookie.read(nobody.withHeader("cookie", set))).isEqualTo(name);
      }
    }
  }

  /** Whatever a client writes in front of what its proxy appends. */
  private static void proxies(String text) {
    TrustedProxies proxies = TrustedProxies.in("127.0.0.0/8");
    for (String line :
        List.of(
            "x-forwarded-for:" + text + ",203.0.113.7",
            "forwarded:" + text + ", for=203.0.113.7")) {
      Handshake told = proxies.original(to("/", line));
      assertThat(told.remote().getAddress().getHostAddress()).isEqualTo("203.0.113.7");
    }
    Handshake all =
        to("/", "forwarded:" + text, "x-forwarded-host:" + text, "x-forwarded-proto:" + text);
    String host = proxies.original(all).single("host");
    assertThat(host).matches("[0-9A-Za-z._-]+(:[0-9]+)?|\\[[0-9A-Fa-f:.]+](:[0-9]+)?");
  }

  private static void origin(String text) {
    String mine = "https://www.example.com";
    if (Origins.only(mine).refusal(to("/", "origin:" + text)) == null) {
      assertThat(text.strip()).matches("(?i)https://www\\.example\\.com(:0*443)?");
    }
    if (Origins.sameHost().refusal(to("/", "origin:" + text)) == null) {
      assertThat(text.strip())
          .matches("(?i)[a-z][a-z0-9+.-]*://chat\\.example\\.com(:[0-9]{1,5})?");
    }
  }

  private static void range(String text) {
    Matcher parts = Pattern.compile("(?i)bytes=([0-9]*)-([0-9]*)").matcher(text);
    BigInteger size = BigInteger.TEN;
    ByteRange range = ByteRange.parse(text, 10);
    if (!parts.matches() || parts.group(1).isEmpty() && parts.group(2).isEmpty()) {
      assertThat(range).isNull();
      return;
    }
    BigInteger last = number(parts.group(2), size);
    BigInteger first = number(parts.group(1), size.subtract(last.min(size)));
    last = parts.group(1).isEmpty() || parts.group(2).isEmpty() ? first.max(size) : last;
    if (last.compareTo(first) < 0) {
      assertThat(range).isNull();
    } else {
      BigInteger end = last.add(BigInteger.ONE).min(size);
      assertThat(range).isNotNull();
      assertThat(range.length()).isEqualTo(end.subtract(first).max(BigInteger.ZERO).longValue());
      assertThat(range.length() == 0 || range.first() == first.longValue()).isTrue();
    }
  }

  private static BigInteger number(String digits, BigInteger otherwise) {
    return digits.isEmpty() ? otherwise : new BigInteger(digits);
  }

  private static void blob(String text) throws Exception {
    FailureLog log = new FailureLog(TextFuzzTest.class, (delay, task) -> {});
    BlobStore store = BlobStore.inMemory();
    store.put(LOBBY, "ten", BlobKind.FILE, true, ByteBuffer.wrap(TEN));
    for (String path : List.of(text, "/media/lobby/" + text, "/media/lobby/ten")) {
      Map<String, List<String>> headers =
          Map.of("range", List.of(text), "if-range", List.of("\"ten\""));
      BlobResponse response = new Blobs(store, log).answer("GET", "/media", path, headers);
      assertThat(response.status()).isIn(200, 206, 404, 416);
      assertThat(response.headers().toString()).matches("[ -~]*");
      if (response.status() != 404) {
        assertThat(path).endsWith("/ten");
        assertThat(decoded(path)).isEqualTo("/media/lobby/ten");
      }
      if (response.body() != null) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        response.body().writeTo(body);
        int from = (int) response.body().offset();
        assertThat(body.toByteArray())
            .isEqualTo(Arrays.copyOfRange(TEN, from, from + (int) response.body().length()));
        assertThat(response.headers()).containsEntry("Content-Length", "" + body.size());
      }
    }
  }

  private static void type(byte[] bytes) {
    String start = new String(bytes, ISO_8859_1).stripLeading().toLowerCase(Locale.ROOT);
    for (BlobKind kind : BlobKind.values()) {
      String type = MediaTypes.of(bytes, kind);
      assertThat(type).matches("application/octet-stream|(image|audio|video)/[a-z0-9.+-]+");
      assertThat(type).doesNotContain("svg", "xml", "html", "mpegurl");
      if (start.matches("(?s)<(!doctype html|html|svg|script|\\?xml)\\b.*")) {
        assertThat(type).isEqualTo(MediaTypes.OPAQUE);
      }
    }
  }

  private static void command(String text) {
    Command command = new CommandParser(64).text(text);
    Matcher known = Pattern.compile("(?s)@(to|changename|history):(.*)").matcher(text);
    if (!known.matches()) {
      assertThat(command).isEqualTo(new Command.Say(text));
      return;
    }
    String rest = known.group(2);
    if (known.group(1).equals("to") && command instanceof Command.Whisper whisper) {
      assertThat(whisper.to() + "|" + whisper.text()).isEqualTo(rest);
    } else if (known.group(1).equals("to")) {
      String id = rest.contains("|") ? rest.substring(0, rest.indexOf('|')) : "";
      assertThat(id).matches("(?U)[\\s\\p{Z}\\x1C-\\x1F]*");
      assertThat(command).isInstanceOf(Command.Unreadable.class);
    } else if (known.group(1).equals("changename")) {
      String name = Nicknames.clean(rest);
      boolean fits = !name.isEmpty() && Nicknames.characters(name) <= 64;
      assertThat(fits ? command : new Command.Rename(name)).isEqualTo(new Command.Rename(name));
      assertThat(command instanceof Command.Rename).isEqualTo(fits);
    } else if (rest.matches("[0-9]+")) {
      BigInteger page = new BigInteger(rest).min(BigInteger.valueOf(Long.MAX_VALUE));
      assertThat(command).isEqualTo(new Command.FetchHistory(page.longValueExact()));
    } else {
      assertThat(command).isEqualTo(new Command.Unreadable("history Cursor error"));
    }
  }

  private static void json(String text) {
    FrameWriter writer = new FrameWriter(URI.create("http://localhost/"), ZoneOffset.UTC);
    Event.Said said = new Event.Said(text);
    String written = writer.write(new Frame(new MemberId("<0.1.2>"), LOBBY, said, NOW));
    assertThat(new String(written.getBytes(UTF_8), UTF_8)).isEqualTo(written);
    assertThat(written).doesNotContain("\n", "\\u003c", "\\u0026");
    JsonObject frame = JsonParser.parseString(written).getAsJsonObject();
    assertThat(frame.keySet()).containsExactly("from", "xnest", "type", "payload", "send_time");
    assertThat(frame.get("payload").getAsString())
        .isEqualTo(new String(text.getBytes(UTF_16), UTF_16));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void textOfTheCorpusIsReadAsItsRulesSay(Fuzz.Seed seed) throws Exception {
    check(seed.bytes(), new Random(1));
    blob(new String(seed.bytes(), UTF_8));
    type(seed.bytes());
  }

  @Test
  void anyTextIsReadAsItsRulesSay() {
    Fuzz.rounds(800, Fuzz.of(corpus()), TextFuzzTest::check);
  }
}
