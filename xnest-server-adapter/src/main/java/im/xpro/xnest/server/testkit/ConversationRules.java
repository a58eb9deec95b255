package im.xpro.xnest.server.testkit;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.PING;
import static im.xpro.xnest.server.testkit.RawClient.close;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Limits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server is for: PROTOCOL sections 2 to 5. */
final class ConversationRules {
  private static final Pattern FROM = Pattern.compile("\"from\":\"([^\"]+)\"");
  private static final Pattern BLOB =
      Pattern.compile("\"payload\":\"http://localhost(/blobs/lobby/[A-Za-z0-9_-]+)\"");
  private static final int LARGEST_TEXT = 1 << 20;
  private static final int LARGEST_BINARY = 8 << 20;

  private ConversationRules() {}

  static void addTo(Map<String, Trial.Rule> rules) {
    rules.put("welcomeComesInItsOrder", ConversationRules::welcomeComesInItsOrder);
    rules.put("wordsAreHeardByAllInOneOrder", ConversationRules::wordsAreHeardByAllInOneOrder);
    rules.put("privateWordsReachOneMemberAlone", ConversationRules::privateWordsReachOneMember);
    rules.put("renameIsHeard", ConversationRules::renameIsHeard);
    rules.put("pagesOfHistoryComeBack", ConversationRules::pagesOfHistoryComeBack);
    rules.put("largeHistoryIsOneFrame", ConversationRules::largeHistoryIsOneFrame);
    rules.put("textsOfEverySizePass", ConversationRules::textsOfEverySizePass);
    rules.put("largestMediaPass", ConversationRules::largestMediaPass);
    rules.put("mediaComeBackByTheirUrl", ConversationRules::mediaComeBackByTheirUrl);
    rules.put("uploadsAndWordsKeepTheirOrder", ConversationRules::uploadsAndWordsKeepTheirOrder);
    rules.put("fragmentsMakeOneMessage", ConversationRules::fragmentsMakeOneMessage);
    rules.put("pingIsAnsweredWithItsPayload", ConversationRules::pingIsAnsweredWithItsPayload);
    rules.put("pingsPartNoFrame", ConversationRules::pingsPartNoFrame);
    rules.put("silentMemberIsPingedAndThenGone", ConversationRules::silentMemberIsPingedThenGone);
    rules.put("memberWhoAnswersPingsStays", ConversationRules::memberWhoAnswersPingsStays);
    rules.put("closeIsAnsweredWithItsCode", ConversationRules::closeIsAnsweredWithItsCode);
    rules.put("lastWordsBeforeACloseAreHeard", trial -> lastWordsAreHeard(trial, true));
    rules.put("lastWordsBeforeAnEndAreHeard", trial -> lastWordsAreHeard(trial, false));
    rules.put("resetIsALeaveAtOnce", ConversationRules::resetIsALeaveAtOnce);
    rules.put("halfCloseIsALeaveAtOnce", ConversationRules::halfCloseIsALeaveAtOnce);
  }

  private static RawClient.Frame next(RawClient client) throws IOException {
    RawClient.Frame next = client.read();
    Expect.that(next != null, "a frame should come, but the connection ended");
    return Objects.requireNonNull(next);
  }

  private static String id(String json) {
    Matcher from = FROM.matcher(json);
    Expect.that(from.find(), "a frame should have a sender: " + json);
    return from.group(1);
  }

  private static void welcomeComesInItsOrder(Trial trial) throws Exception {
    RawClient ming = trial.serve().connect();
    ming.shakeHands("lobby?nickname=Ming");

    for (String type : List.of("self", "member_count", "members", "history", "join")) {
      RawClient.Frame frame = next(ming);
      Expect.equal("the opcode of " + type, 1, frame.opcode());
      Expect.that(frame.isFinal(), type + " should be one frame");
      Expect.contains("the next frame", "\"type\":\"" + type + "\"", frame.text());
    }
  }

  private static void wordsAreHeardByAllInOneOrder(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.enter("lobby", "Lin");
    for (int i = 0; i < 50; i++) {
      ming.say("ming " + i);
      lin.say("林 " + i);
    }

    List<String> heard = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      heard.add(ming.hears("normal"));
    }
    for (int i = 0; i < 100; i++) {
      Expect.equal("word " + i + " of the other", heard.get(i), lin.hears("normal"));
    }
    List<String> ofLin = heard.stream().filter(json -> json.contains("林 ")).toList();
    for (int i = 0; i < 50; i++) {
      Expect.contains("word " + i + " of Lin", "\"林 " + i + "\"", ofLin.get(i));
    }
  }

  /** Where a server writes many frames at once, and answers pings from another thread. */
  private static void pingsPartNoFrame(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().withoutRates());
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.enter("lobby", "Lin");
    byte[] ping = frame(PING, new byte[125]);
    int turns = 40;
    int words = 50;
    for (int turn = 0; turn < turns; turn++) {
      byte[][] said = new byte[words][];
      for (int i = 0; i < words; i++) {
        said[i] = text("word " + (turn * words + i) + " " + "x".repeat(i * 13 % 700));
      }
      ming.write(said);
      lin.write(ping, ping, ping, ping);
      for (int i = 0; i < words; i++) {
        Expect.contains("the next word", "\"word " + (turn * words + i) + " ", lin.hears("normal"));
      }
      ming.hears("normal", "\"word " + (turn * words + words - 1) + " ");
    }
  }

  private static void privateWordsReachOneMember(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.enter("lobby", "Lin");
    RawClient wei = house.connect();
    wei.shakeHands("lobby?nickname=Wei");
    String id = id(wei.hears("self"));
    wei.hears("join");

    ming.say("@to:" + id + "|psst");
    ming.say("loud");

    Expect.contains(
        "the next frame", "\"type\":\"private\",\"payload\":\"psst\"", next(wei).text());
    lin.hears("join", "Wei");
    Expect.contains("the next frame", "\"payload\":\"loud\"", next(lin).text());
  }

  private static void renameIsHeard(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.enter("lobby", "Lin");

    ming.say("@changename:小明");
    ming.say("@changename:");

    lin.hears("changename", "小明");
    ming.hears("changename", "小明");
    ming.hears("error");
  }

  private static void pagesOfHistoryComeBack(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    for (int i = 0; i < 60; i++) {
      ming.say("word " + i);
    }
    ming.hears("normal", "word 59");

    ming.say("@history:0");
    ming.say("@history:1");
    ming.say("@history:x");

    Expect.contains("the newest page", "\"word 59\"", ming.hears("history"));
    Expect.contains("the page before it", "\"word 0\"", ming.hears("history"));
    ming.hears("error", "history Cursor error");
  }

  private static void largeHistoryIsOneFrame(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    String words = "大".repeat(30_000);
    for (int i = 0; i < 9; i++) {
      ming.say(i + words);
      ming.hears("normal");
    }

    RawClient lin = house.connect();
    lin.shakeHands("lobby");
    for (int i = 0; i < 3; i++) {
      next(lin);
    }
    if (trial.deviates(Deviation.FRAGMENTS)) {
      Expect.that(!next(lin).isFinal(), "a server said to fragment should do so");
      return;
    }

    String history = lin.hears("history");
    for (int i = 0; i < 9; i++) {
      Expect.contains("the history", "\"" + i + words + "\"", history);
    }
    lin.hears("join");
  }

  private static void textsOfEverySizePass(Trial trial) throws Exception {
    RawClient ming = trial.serve().enter("lobby", "Ming");
    for (int size : new int[] {0, 1, 125, 126, 8_191, 8_192, 8_193, 65_535, 65_536, LARGEST_TEXT}) {
      ming.say("x".repeat(size));
      Expect.contains("the word", "\"payload\":\"" + "x".repeat(size) + "\"", ming.hears("normal"));
    }
    String characters = "x" + "\ud83d\ude00".repeat(LARGEST_TEXT / 4 - 1) + "大";
    ming.say(characters);
    ming.hears("normal", characters);
  }

  private static void largestMediaPass(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    byte[] media = new byte[LARGEST_BINARY];
    media[0] = 2;

    ming.write(frame(BINARY, media));

    ming.hears("picture");
  }

  private static void mediaComeBackByTheirUrl(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");
    byte[] media = new byte[100_001];
    Arrays.fill(media, (byte) '<');
    media[0] = 3;

    ming.write(frame(BINARY, media));

    String json = ming.hears("file");
    Matcher path = BLOB.matcher(json);
    Expect.that(path.find(), "a file should have its URL: " + json);
    HttpResponse<byte[]> whole = get(house, path.group(1), "GET");
    Expect.equal("the status", 200, whole.statusCode());
    byte[] content = Arrays.copyOfRange(media, 1, media.length);
    Expect.that(Arrays.equals(content, whole.body()), "the content should be as it was sent");
    Expect.equal("its type", "application/octet-stream", header(whole, "Content-Type"));
    Expect.equal("sniffing", "nosniff", header(whole, "X-Content-Type-Options"));
    Expect.contains("its disposition", "attachment", header(whole, "Content-Disposition"));
    HttpResponse<byte[]> part = get(house, path.group(1), "GET", "Range", "bytes=10-19");
    Expect.equal("the status of a range", 206, part.statusCode());
    Expect.equal("the length of a range", 10, part.body().length);
    Expect.equal("the range", "bytes 10-19/100000", header(part, "Content-Range"));
    HttpResponse<byte[]> head = get(house, path.group(1), "HEAD");
    Expect.equal("the length by HEAD", "100000", header(head, "Content-Length"));
    String tag = header(whole, "ETag");
    Expect.equal(
        "the status of what is known",
        304,
        get(house, path.group(1), "GET", "If-None-Match", tag).statusCode());
    Expect.equal("an unknown one", 404, get(house, "/blobs/lobby/none", "GET").statusCode());
    Expect.equal("a bad room", 404, get(house, "/blobs/%20/none", "GET").statusCode());
    Expect.equal("another method", 405, get(house, path.group(1), "DELETE").statusCode());
  }

  private static HttpResponse<byte[]> get(
      Served house, String path, String method, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + house.server.blobPort() + path))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("(none)");
  }

  private static void uploadsAndWordsKeepTheirOrder(Trial trial) throws Exception {
    RawClient ming = trial.serve().enter("lobby", "Ming");
    byte[] media = new byte[1 << 20];
    media[0] = 1;
    for (int i = 0; i < 5; i++) {
      ming.write(frame(BINARY, media), text("word " + i));
    }

    for (int i = 0; i < 5; i++) {
      ming.hears("audio");
      Expect.contains("the next frame", "word " + i, next(ming).text());
    }
  }

  private static void fragmentsMakeOneMessage(Trial trial) throws Exception {
    RawClient ming = trial.serve().enter("lobby", "Ming");
    byte[] bytes = "中文".getBytes(UTF_8);
    ming.write(
        frame(0x01, Arrays.copyOf(bytes, 2)),
        frame(RawClient.PING, new byte[] {7}),
        frame(0x00, new byte[0]),
        frame(0x80, Arrays.copyOfRange(bytes, 2, 6)));

    ming.hears("normal", "\"payload\":\"中文\"");
    ming.write(frame(0x02, new byte[] {2}), frame(0x00, new byte[100_000]));
    ming.write(frame(0x80, new byte[1]));
    ming.hears("picture");
  }

  private static void pingIsAnsweredWithItsPayload(Trial trial) throws Exception {
    RawClient ming = trial.serve().enter("lobby", "Ming");
    ming.write(frame(RawClient.PING, new byte[] {1, 2, 3}));

    RawClient.Frame pong = next(ming);
    Expect.equal("the opcode of a pong", 10, pong.opcode());
    Expect.equal("its payload", "\1\2\3", pong.text());
  }

  private static Limits.Builder impatient() {
    return Limits.builder()
        .pingEvery(Duration.ofMillis(400))
        .silence(Duration.ofSeconds(3))
        .closeTime(Duration.ofSeconds(1));
  }

  private static void silentMemberIsPingedThenGone(Trial trial) throws Exception {
    Served house = trial.serve(impatient());
    RawClient ming = house.enter("lobby", "Ming");

    Expect.equal("the opcode of a ping", 9, next(ming).opcode());
    house.awaitLeave("Ming");
    ming.hearsEnd();
  }

  private static void memberWhoAnswersPingsStays(Trial trial) throws Exception {
    Served house = trial.serve(impatient());
    RawClient ming = house.enter("lobby", "Ming");
    for (int i = 0; i < 8; i++) {
      RawClient.Frame ping = next(ming);
      Expect.equal("the opcode of a ping", 9, ping.opcode());
      ming.write(frame(RawClient.PONG, ping.payload()));
    }

    Expect.that(house.left.isEmpty(), "who answers pings should stay");
  }

  private static void closeIsAnsweredWithItsCode(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient ming = house.enter("lobby", "Ming");

    ming.write(close(4000), text("after the end"));

    Expect.equal("the code", 4000, ming.hearsClose());
    ming.hearsEnd();
    house.awaitLeave("Ming");
  }

  private static void lastWordsAreHeard(Trial trial, boolean closes) throws Exception {
    Served house = trial.serve();
    RawClient lin = house.enter("lobby", "Lin");
    RawClient ming = house.enter("lobby", "Ming");
    byte[][] last = new byte[100][];
    Arrays.setAll(last, i -> text("last " + i));

    ming.write(last);
    if (closes) {
      ming.write(close(1000), text("after the end"));
      ming.hearsEnd();
    } else {
      ming.shutdownOutput();
    }

    for (int i = 0; i < last.length; i++) {
      lin.hears("normal", "\"last " + i + "\"");
    }
    Expect.contains("the next frame", "\"type\":\"leave\"", next(lin).text());
  }

  private static void resetIsALeaveAtOnce(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient lin = house.enter("lobby", "Lin");
    RawClient ming = house.enter("lobby", "Ming");
    lin.hears("join", "Ming");
    long began = System.nanoTime();

    ming.resetOnClose();
    ming.disconnect();

    lin.hears("leave");
    isAtOnce(began);
  }

  /** Far below the time after which silence is noticed. */
  private static void isAtOnce(long began) {
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    Expect.that(took.toSeconds() < 10, "a leave should come at once, but took " + took);
  }

  private static void halfCloseIsALeaveAtOnce(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient lin = house.enter("lobby", "Lin");
    RawClient ming = house.enter("lobby", "Ming");
    lin.hears("join", "Ming");
    long began = System.nanoTime();

    ming.shutdownOutput();

    lin.hears("leave");
    isAtOnce(began);
    ming.hearsEnd();
  }
}
