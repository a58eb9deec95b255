package im.xpro.xnest.server.testkit;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.Origins;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PROTOCOL section 1. */
final class HandshakeRules {
  private static final String ROOM = "/xgate/websocket/lobby";
  private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: *(\\d+)\r\n");

  private HandshakeRules() {}

  static void addTo(Map<String, Trial.Rule> rules) {
    rules.put("peerIsAnsweredWithItsCookie", HandshakeRules::peerIsAnsweredWithItsCookie);
    rules.put("headersReachTheAdmission", HandshakeRules::headersReachTheAdmission);
    rules.put("admissionMayTakeItsTime", HandshakeRules::admissionMayTakeItsTime);
    rules.put("lateRefusalHasItsStatusAndReason", HandshakeRules::lateRefusal);
    rules.put("admissionThatIsTooLateIs503", HandshakeRules::admissionThatIsTooLateIs503);
    rules.put("admissionThatFailsIs500", HandshakeRules::admissionThatFailsIs500);
    rules.put("fullRoomIs429", HandshakeRules::fullRoomIs429);
    rules.put("foreignPageIs403", HandshakeRules::foreignPageIs403);

    rules.put("otherPathIs404", refused(404, good -> good.replace(ROOM, "/xgate/other")));
    rules.put("pathBelowARoomIs404", refused(404, good -> good.replace(ROOM, ROOM + "/more")));
    rules.put("badEncodingOfARoomIs400", refused(400, good -> good.replace("lobby", "%zz")));
    rules.put("blankRoomIs400", refused(400, good -> good.replace("lobby", "%20")));
    rules.put("dotsForARoomAre400", refused(400, good -> good.replace("lobby", "%2e%2e")));
    rules.put("slashInARoomIs400", refused(400, good -> good.replace("lobby", "a%2Fb")));
    rules.put("longRoomIs400", refused(400, good -> good.replace("lobby", "x".repeat(129))));
    rules.put("badNicknameIs400", refused(400, good -> good.replace(ROOM, ROOM + "?nickname=%zz")));
    rules.put("plainHttpIs426", refused(426, good -> good.replace("Upgrade: websocket\r\n", "")));
    rules.put("oldVersionIs426", refused(426, good -> good.replace("Version: 13", "Version: 8")));
    rules.put("badKeyIs400", refused(400, good -> good.replace("dGhlIHNhbXBsZSBub25jZQ", "AA")));
    rules.put(
        "otherMethodIs405",
        refused(
            405, good -> good.replace("GET", "POST").replace("Host", "Content-Length: 0\r\nHost")));
    rules.put("largeHandshakeIs431", HandshakeRules::largeHandshakeIs431);
  }

  private static String large(String next) {
    return "X-Large: " + "x".repeat(40_000) + "\r\n" + next;
  }

  private static void peerIsAnsweredWithItsCookie(Trial trial) throws Exception {
    RawClient ming = trial.serve().connect();

    ming.write(request(ROOM + "?nickname=%E5%B0%8F%E6%98%8E"));

    String head = ming.readHead();
    Expect.contains("the answer", "HTTP/1.1 101 ", head);
    String lower = head.toLowerCase(Locale.ROOT);
    Expect.contains("the answer", "\r\nupgrade: websocket\r\n", lower);
    Expect.contains("the answer", "\r\nconnection: upgrade\r\n", lower);
    Expect.contains("the answer", ": s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head);
    Expect.contains(
        "the answer",
        ": nickname=%E5%B0%8F%E6%98%8E; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax\r\n",
        head);
    Expect.that(!lower.contains("sec-websocket-extensions"), "no extension was asked for");
    ming.hears("join", "小明");
  }

  private static void headersReachTheAdmission(Trial trial) throws Exception {
    Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    Served house =
        trial.serve(
            Xnest.builder()
                .admission(
                    entry -> {
                      entries.add(entry);
                      return CompletableFuture.completedStage(Decision.accept(entry));
                    }));

    RawClient ming = house.connect();
    ming.write(request(ROOM + "?token=a%20b&token=c", "X-Name: 小明", "x-name: b", "X-Empty:"));
    Expect.contains("the answer", "HTTP/1.1 101 ", ming.readHead());

    Entry entry = entries.remove();
    Expect.equal("the header x-name", List.of("小明", "b"), entry.headers().get("x-name"));
    Expect.equal("the header x-empty", List.of(""), entry.headers().get("x-empty"));
    Expect.equal("the header host", List.of("localhost"), entry.headers().get("host"));
    Expect.equal("the parameter", List.of("a b", "c"), entry.query().get("token"));
    Expect.equal("whether it is secure", trial.isSecure(), entry.isSecure());
    Expect.that(
        entry.remote() != null
            && entry.remote().getAddress().isLoopbackAddress()
            && entry.remote().getPort() == ming.localPort(),
        "the client's address should be its own, but is " + entry.remote());
  }

  /** Answers when it is told to. */
  private static Xnest.Builder asking(
      Queue<Entry> asked, CompletableFuture<UnaryOperator<Entry>> answer, Decision otherwise) {
    return Xnest.builder()
        .admission(
            entry -> {
              if ("Lin".equals(entry.nickname())) {
                return CompletableFuture.completedStage(Decision.accept(entry));
              }
              asked.add(entry);
              return answer.handle(
                  (change, refused) ->
                      change == null ? otherwise : Decision.accept(change.apply(entry)));
            });
  }

  private static void admissionMayTakeItsTime(Trial trial) throws Exception {
    Queue<Entry> asked = new ConcurrentLinkedQueue<>();
    CompletableFuture<UnaryOperator<Entry>> answer = new CompletableFuture<>();
    Served house = trial.serve(asking(asked, answer, Decision.refuse(403, "no")));
    RawClient ming = house.connect();
    ming.write(request(ROOM + "?nickname=Ming"));
    Expect.soon("the admission is asked", () -> !asked.isEmpty());

    RawClient lin = house.enter("lobby", "Lin");
    lin.say("not held up");
    lin.hears("normal", "not held up");
    answer.complete(entry -> entry.withNickname("Wei"));

    Expect.contains("the answer", "nickname=Wei;", ming.readHead());
    ming.hears("join", "Wei");
    lin.hears("join", "Wei");
  }

  private static void lateRefusal(Trial trial) throws Exception {
    Queue<Entry> asked = new ConcurrentLinkedQueue<>();
    CompletableFuture<UnaryOperator<Entry>> answer = new CompletableFuture<>();
    Served house = trial.serve(asking(asked, answer, Decision.refuse(401, "请先登录 first")));
    RawClient ming = house.connect();
    ming.write(request(ROOM));
    Expect.soon("the admission is asked", () -> !asked.isEmpty());
    answer.completeExceptionally(new IllegalStateException("on purpose"));

    Expect.equal("the refusal", "401 请先登录 first", refusal(ming));
  }

  private static void admissionThatIsTooLateIs503(Trial trial) throws Exception {
    Served house =
        trial.serve(
            Xnest.builder()
                .admission(entry -> new CompletableFuture<>())
                .limits(Limits.builder().admissionTime(Duration.ofMillis(300)).build()));

    RawClient ming = house.connect();
    ming.write(request(ROOM));

    Expect.that(refusal(ming).startsWith("503 "), "a late admission should be a 503");
  }

  private static void admissionThatFailsIs500(Trial trial) throws Exception {
    Served house =
        trial.serve(
            Xnest.builder()
                .admission(
                    entry -> {
                      throw new AssertionError("on purpose");
                    }));
    for (int i = 0; i < 3; i++) {
      RawClient ming = house.connect();
      ming.write(request(ROOM));

      Expect.that(refusal(ming).startsWith("500 "), "a failing admission should be a 500");
    }
  }

  private static void fullRoomIs429(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().roomMembers(1));
    RawClient ming = house.enter("lobby", "Ming");
    RawClient lin = house.connect();
    lin.write(request(ROOM));

    Expect.that(refusal(lin).startsWith("429 "), "a full room should be a 429");
    ming.disconnect();
    house.awaitLeave("Ming");
    Expect.soon("a place is free", () -> enters(house));
  }

  private static boolean enters(Served house) {
    try {
      house.enter("lobby", "Lin");
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static void foreignPageIs403(Trial trial) throws Exception {
    Origins own = Origins.only("https://www.example.com");
    Served house =
        trial.serve(Xnest.builder(), xnest -> Gateway.builder(xnest).origins(own).build());
    RawClient foreign = house.connect();
    foreign.write(request(ROOM, "Origin: https://evil.example.com"));
    RawClient ming = house.connect();
    ming.write(request(ROOM + "?nickname=Ming", "Origin: https://www.example.com"));

    Expect.equal("the refusal", "403 pages of this origin may not connect", refusal(foreign));
    Expect.contains("the answer to an own page", "HTTP/1.1 101 ", ming.readHead());
  }

  private static Trial.Rule refused(int status, UnaryOperator<String> change) {
    return trial -> {
      Served house = trial.serve();
      RawClient bad = house.connect();
      bad.write(change.apply(new String(request(ROOM), UTF_8)).getBytes(UTF_8));

      Expect.contains("the answer", "HTTP/1.1 " + status + " ", bad.readHead());
      house.enter("lobby", "Lin");
    };
  }

  private static void largeHandshakeIs431(Trial trial) throws Exception {
    if (!trial.deviates(Deviation.OWN_HANDSHAKE_LIMIT)) {
      refused(431, good -> good.replace("Host", large("Host"))).check(trial);
      return;
    }
    Served house = trial.serve();
    RawClient bad = house.connect();
    bad.writeUntilCut(request(ROOM, "X-Large: " + "x".repeat(3 << 20)));
    Expect.that(!bad.readToEnd().startsWith("HTTP/1.1 101 "), "3 MiB should be too large");
    house.enter("lobby", "Lin");
  }

  /** Status and body of an answer. */
  private static String refusal(RawClient client) throws IOException {
    String head = client.readHead();
    Matcher length = LENGTH.matcher(head.toLowerCase(Locale.ROOT));
    Expect.that(length.find(), "a refusal should tell its length, but is\n" + head);
    String body = client.readText(Integer.parseInt(length.group(1)));
    return head.substring(9, 13) + body.strip();
  }
}
