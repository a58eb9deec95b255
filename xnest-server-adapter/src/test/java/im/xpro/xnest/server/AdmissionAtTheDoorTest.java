package im.xpro.xnest.server;

import static im.xpro.xnest.server.Handshakes.accepted;
import static im.xpro.xnest.server.Handshakes.answer;
import static im.xpro.xnest.server.Handshakes.refused;
import static im.xpro.xnest.server.Handshakes.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Limits;
import im.xpro.xnest.testkit.RoomKit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 refusals, unknown parameters, is_store_history")
class AdmissionAtTheDoorTest {
  private static final String LOBBY = "/xgate/websocket/lobby";

  private static Gateway asking(Admission rule) {
    return Gateway.of(RoomKit.create(xnest -> xnest.admission(rule)).xnest());
  }

  private static Admission deciding(Decision decision) {
    return entry -> CompletableFuture.completedStage(decision);
  }

  @Test
  void ruleSeesAllOfTheHandshakeDecoded() {
    CompletableFuture<Entry> asked = new CompletableFuture<>();
    Gateway gateway =
        asking(
            entry -> {
              asked.complete(entry);
              return CompletableFuture.completedStage(new Decision.Accepted(entry));
            });

    accepted(
        gateway,
        to(
            LOBBY + "?nickname=Lin&token=a%2Bb+c&tag=1&bare&tag=%E4%BA%8C&bad=%zz&&tag=%FF&",
            "authorization:Bearer x",
            "cookie:a=b",
            "cookie:c=d"));

    Entry entry = asked.getNow(null);
    assertThat(entry.query())
        .isEqualTo(
            Map.of(
                "nickname", List.of("Lin"),
                "token", List.of("a+b c"),
                "tag", List.of("1", "二"),
                "bare", List.of("")));
    assertThat(entry.headers())
        .containsEntry("authorization", List.of("Bearer x"))
        .containsEntry("cookie", List.of("a=b", "c=d"))
        .containsEntry("host", List.of("chat.example.com"));
    assertThat(entry.cookies()).isEqualTo(Map.of("a", List.of("b"), "c", List.of("d")));
    assertThat(entry.remote()).isEqualTo(Handshakes.PEER);
    assertThat(entry.isSecure()).isFalse();
  }

  @Test
  void ruleSeesWhetherTheServerHasTls() {
    Gateway gateway = Gateway.of(RoomKit.create().xnest());
    Handshake plain = to(LOBBY);
    Handshake secure =
        new Handshake(plain.method(), plain.target(), plain.headers(), plain.remote(), true);

    assertThat(accepted(gateway, secure).entry().isSecure()).isTrue();
    assertThat(accepted(gateway, plain).entry().isSecure()).isFalse();
  }

  static Stream<Arguments> queriesAndFlags() {
    return Stream.of(
        arguments("", true),
        arguments("?is_store_history", true),
        arguments("?is_store_history=", true),
        arguments("?is_store_history=true", true),
        arguments("?is_store_history=0", true),
        arguments("?is_store_history=no", true),
        arguments("?is_store_history=false+", true),
        arguments("?is_store_history=%zz", true),
        arguments("?is_store_history=true&is_store_history=false", true),
        arguments("?IS_STORE_HISTORY=false", true),
        arguments("?is_store_history=false", false),
        arguments("?is_store_history=FALSE", false),
        arguments("?is_store_history=False&nickname=Lin", false),
        arguments("?is_store_history=f%61lse", false),
        arguments("?is_store_history=false&is_store_history=true", false));
  }

  @ParameterizedTest
  @MethodSource("queriesAndFlags")
  void onlyFalseTurnsStoringOff(String query, boolean stores) {
    Gateway gateway = Gateway.of(RoomKit.create().xnest());

    assertThat(accepted(gateway, to(LOBBY + query)).entry().storesHistory()).isEqualTo(stores);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 429, 503})
  void refusalOfTheRuleIsPassedOn(int status) {
    Gateway gateway = asking(deciding(new Decision.Refused(status, "谁？ no")));

    assertThat(refused(gateway, to(LOBBY)))
        .isEqualTo(new Answer.Refused(status, "谁？ no", List.of()));
  }

  @Test
  void cookieHoldsTheNameThatTheRuleGave() {
    Gateway gateway =
        asking(
            entry ->
                CompletableFuture.completedStage(
                    new Decision.Accepted(entry.withNickname("Dr. 林\r\nx: y"))));

    Answer.Accepted accepted = accepted(gateway, to(LOBBY + "?nickname=Lin"));

    assertThat(accepted.entry().nickname()).isEqualTo("Dr. 林x: y");
    assertThat(accepted.setCookie()).startsWith("nickname=Dr.%20%E6%9E%97x%3A%20y; Max-Age");
  }

  @Test
  void answerComesWhenTheRuleHasDecided() {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    Gateway gateway = asking(entry -> decision);

    CompletableFuture<Answer> answer = gateway.answer(to(LOBBY)).toCompletableFuture();
    assertThat(answer).isNotDone();

    decision.complete(new Decision.Refused(403, "no"));
    assertThat(answer).isCompletedWithValue(new Answer.Refused(403, "no", List.of()));
  }

  static Stream<Admission> brokenRules() {
    return Stream.of(
        entry -> {
          throw new IllegalStateException("broken");
        },
        entry -> {
          throw new StackOverflowError("broken");
        },
        entry -> CompletableFuture.failedStage(new IllegalStateException("broken")),
        deciding(null),
        entry -> null);
  }

  @ParameterizedTest
  @MethodSource("brokenRules")
  void ruleThatFailsIsA500(Admission broken) {
    assertThat(refused(asking(broken), to(LOBBY)).status()).isEqualTo(500);
  }

  @Test
  void noHandshakeAtAllIsA500() {
    Gateway gateway = Gateway.of(RoomKit.create().xnest());

    assertThat(answer(gateway, null))
        .isEqualTo(new Answer.Refused(500, "the server failed", List.of()));
  }

  @Test
  void fullRoomIsRefusedWith429() {
    RoomKit kit = RoomKit.create(xnest -> xnest.limits(Limits.builder().roomMembers(1).build()));
    kit.enter("lobby", "Lin");

    assertThat(refused(Gateway.of(kit.xnest()), to(LOBBY)).status()).isEqualTo(429);
  }

  @Test
  void closedHouseRefusesWith503() {
    RoomKit kit = RoomKit.create();
    kit.xnest().close();

    assertThat(refused(Gateway.of(kit.xnest()), to(LOBBY)).status()).isEqualTo(503);
  }
}
