package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§1 the application's own admission rule, as clients meet it")
class AdmissionOverSocketsTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  private static Served house(Admission rule) throws IOException {
    return Served.with(Xnest.builder().admission(rule));
  }

  /** All of the answer to a handshake that is refused. */
  private static String refusal(Served house, String target, String... headerLines)
      throws IOException {
    try (RawClient client = RawClient.connect(house.port())) {
      client.write(request(target, headerLines));
      return client.readToEnd();
    }
  }

  private static Admission granting(String nickname, Grant grant) {
    return Admission.of(
        entry -> Decision.accept(entry.nickname().equals(nickname) ? entry.with(grant) : entry));
  }

  @Test
  void ruleSeesAllOfTheHandshake() throws Exception {
    BlockingQueue<Entry> asked = new LinkedBlockingQueue<>();
    Admission rule =
        Admission.of(
            entry -> {
              asked.add(entry);
              return Decision.accept(entry);
            });
    try (Served house = house(rule);
        RawClient lin = RawClient.connect(house.port())) {
      lin.write(
          request(
              LOBBY + "?nickname=%E6%9E%97&token=a%2Bb&is_store_history=false",
              "Cookie: session=42; theme=dark",
              "Origin: https://www.example.com",
              "Authorization: Bearer x"));
      lin.readHead();
      lin.hears("join", "林");

      Entry entry = asked.poll(30, TimeUnit.SECONDS);
      assertThat(entry.room().value()).isEqualTo("lobby");
      assertThat(entry.nickname()).isEqualTo("林");
      assertThat(entry.storesHistory()).isFalse();
      assertThat(entry.parameter("token")).isEqualTo("a+b");
      assertThat(entry.cookie("session")).isEqualTo("42");
      assertThat(entry.cookies()).containsEntry("theme", List.of("dark"));
      assertThat(entry.origin()).isEqualTo("https://www.example.com");
      assertThat(entry.header("Authorization")).isEqualTo("Bearer x");
      assertThat(entry.remote().getAddress()).isEqualTo(InetAddress.getByName("127.0.0.1"));
      assertThat(entry.isSecure()).isFalse();
      assertThat(entry.grant()).isEqualTo(Grant.plain());
    }
  }

  @Test
  void statusAndReasonReachWhoIsRefused() throws Exception {
    Admission rule = Admission.of(entry -> Decision.refuse(401, "先登录 please"));
    try (Served house = house(rule)) {
      assertThat(refusal(house, LOBBY))
          .startsWith("HTTP/1.1 401 ")
          .endsWith("\r\n\r\n先登录 please\n");
    }
  }

  @Test
  void othersEnterAndHearNothingOfWhoIsRefused() throws Exception {
    Admission rule =
        Admission.of(
            entry ->
                entry.nickname().equals("Mallory")
                    ? Decision.refuse(403, "you are banned")
                    : Decision.accept(entry));
    try (Served house = house(rule);
        RawClient ming = house.enter("lobby", "Ming")) {
      assertThat(refusal(house, LOBBY + "?nickname=Mallory")).startsWith("HTTP/1.1 403 ");
      try (RawClient lin = RawClient.enter(house.port(), "lobby?nickname=Lin")) {
        assertThat(lin.hears("members")).contains("Ming", "Lin").doesNotContain("Mallory");
      }

      assertThat(ming.hears("join")).contains("Lin");
    }
  }

  @Test
  void nicknameOfTheRuleIsHeardByAllAndComesBackAsCookie() throws Exception {
    Admission rule = Admission.of(entry -> Decision.accept(entry.withNickname("Dr. Lin")));
    try (Served house = house(rule);
        RawClient lin = RawClient.connect(house.port())) {
      lin.write(request(LOBBY + "?nickname=Lin"));

      assertThat(lin.readHead()).contains("Set-Cookie: nickname=Dr.%20Lin;");
      assertThat(lin.hears("join")).contains("\"payload\":\"Dr. Lin\"");
    }
  }

  @Test
  void nobodyHearsOfARenameThatIsNotAllowed() throws Exception {
    try (Served house = house(granting("Lin", Grant.plain().withMayRename(false)));
        RawClient ming = house.enter("lobby", "Ming");
        RawClient lin = house.enter("lobby", "Lin")) {
      lin.say("@changename:Ming");
      assertThat(lin.hears("error")).contains("you may not change your name here");
      lin.say("still Lin");

      ming.hears("join", "Lin");
      assertThat(ming.read().text()).contains("\"type\":\"normal\"", "still Lin");
    }
  }

  @Test
  void whoMayOnlyListenSendsNothing() throws Exception {
    BlobStore blobs = BlobStore.inMemory();
    Admission rule = granting("Lin", Grant.plain().withMaySend(false));
    try (Served house =
            Served.with(Xnest.builder().admission(rule).blobs(blobs).blobIds(() -> "b1"));
        RawClient ming = house.enter("lobby", "Ming");
        RawClient lin = house.enter("lobby", "Lin")) {
      String join = ming.hears("join", "Lin");
      String from = "{\"from\":\"";
      String id = join.substring(from.length(), join.indexOf('"', from.length()));

      lin.say("hello");
      assertThat(lin.hears("error")).contains("you may not send here");
      lin.say("@to:" + id + "|psst");
      assertThat(lin.hears("error")).contains("you may not send here");
      lin.write(frame(BINARY, new byte[] {2, 42}));
      assertThat(lin.hears("error")).contains("you may not send here");

      ming.say("well");
      assertThat(ming.read().text()).contains("well");
      assertThat(lin.hears("normal")).contains("well");
      assertThat(blobs.get(new RoomId("lobby"), "b1")).isNull();
    }
  }

  @Test
  void fullRoomTakesWhoMayEnterEvenThen() throws Exception {
    Xnest.Builder full =
        Xnest.builder()
            .limits(Limits.builder().roomMembers(1).build())
            .admission(granting("Host", Grant.plain().withEvenIfFull(true)));
    try (Served house = Served.with(full);
        RawClient ming = house.enter("lobby", "Ming")) {
      assertThat(refusal(house, LOBBY + "?nickname=Lin"))
          .startsWith("HTTP/1.1 429 ")
          .contains("the room is full");

      try (RawClient host = house.enter("lobby", "Host")) {
        host.say("we are two");
        ming.hears("normal", "we are two");
      }
    }
  }

  @Test
  void ruleThatTakesTooLongIsA503() throws Exception {
    Xnest.Builder slow =
        Xnest.builder()
            .limits(Limits.builder().admissionTime(Duration.ofMillis(50)).build())
            .admission(entry -> new CompletableFuture<>());
    try (Served house = Served.with(slow)) {
      assertThat(refusal(house, LOBBY))
          .startsWith("HTTP/1.1 503 ")
          .contains("the admission rule took too long");
      Served.await("the report", () -> !house.failures.isEmpty());
      assertThat(house.failures).singleElement().isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void ruleThatThrowsIsA500WhichTellsNothingOfTheCause() throws Exception {
    IllegalStateException failure = new IllegalStateException("password of the database");
    Admission broken =
        Admission.of(
            entry -> {
              throw failure;
            });
    try (Served house = house(broken)) {
      assertThat(refusal(house, LOBBY))
          .startsWith("HTTP/1.1 500 ")
          .contains("the admission rule failed")
          .doesNotContain("password");
      assertThat(house.failures).containsExactly(failure);
    }
  }

  @Test
  void ruleMayAnswerFromAnotherThreadWhileOthersEnter() throws Exception {
    CompletableFuture<Decision> later = new CompletableFuture<>();
    Admission rule =
        entry ->
            entry.nickname().equals("Lin")
                ? later
                : CompletableFuture.completedStage(Decision.accept(entry));
    try (Served house = house(rule);
        RawClient lin = RawClient.connect(house.port())) {
      lin.write(request(LOBBY + "?nickname=Lin"));
      try (RawClient ming = house.enter("lobby", "Ming")) {
        Thread other =
            new Thread(
                () -> later.complete(Decision.accept(Entry.of(new RoomId("lobby"), "Dr. Lin"))));

        other.start();

        assertThat(lin.readHead()).startsWith("HTTP/1.1 101 ");
        ming.hears("join", "Dr. Lin");
        other.join();
      }
    }
  }

  @Test
  void ruleThatBlocksHoldsUpNobodyElse() throws Exception {
    CompletableFuture<Decision> database = new CompletableFuture<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    Admission rule =
        Admission.blocking(
            entry -> entry.nickname().equals("Lin") ? database.join() : Decision.accept(entry),
            threads);
    try (Served house = house(rule);
        RawClient lin = RawClient.connect(house.port())) {
      lin.write(request(LOBBY + "?nickname=Lin"));

      try (RawClient ming = house.enter("lobby", "Ming")) {
        ming.say("anybody?");
        ming.hears("normal", "anybody?");
      }
      database.complete(Decision.refuse(403, "no"));
      assertThat(lin.readToEnd()).startsWith("HTTP/1.1 403 ");
    } finally {
      threads.shutdownNow();
    }
  }
}
