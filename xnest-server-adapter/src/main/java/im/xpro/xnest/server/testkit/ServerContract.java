package im.xpro.xnest.server.testkit;

import im.xpro.xnest.testkit.Check;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What every server with its adapter has to keep to, as checks over real sockets for any test
 * framework. With JUnit:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> keepsTheServerContract() {
 *   return ServerContract.checks(myServer)
 *       .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
 * }
 * }</pre>
 *
 * <p>Where the server cannot do a thing its {@link TestedServer#deviations} say so; what it does
 * instead is checked then. A check serves a house of its own and ends all that it began. All of
 * them take some seconds, one after the other, and 2,100 descriptors of files. Any thread.
 */
public final class ServerContract {
  /** In the order in which they are told. */
  private static final Map<String, Trial.Rule> RULES = new LinkedHashMap<>();

  /** Those that are asked once more over TLS. */
  private static final List<String> ALSO_SECURELY =
      List.of(
          "peerIsAnsweredWithItsCookie",
          "headersReachTheAdmission",
          "lateRefusalHasItsStatusAndReason",
          "wordsAreHeardByAllInOneOrder",
          "largeHistoryIsOneFrame",
          "textsOfEverySizePass",
          "largestMediaPass",
          "closeIsAnsweredWithItsCode",
          "lastWordsBeforeACloseAreHeard",
          "unmaskedFrameIs1002",
          "memberWhoDoesNotReadIsLetGo",
          "resetIsALeaveAtOnce");

  static {
    HandshakeRules.addTo(RULES);
    ConversationRules.addTo(RULES);
    BadClientRules.addTo(RULES);
    CrowdRules.addTo(RULES);
  }

  private ServerContract() {}

  /** All checks, each with a name of its own. */
  public static Stream<Check> checks(TestedServer server) {
    Objects.requireNonNull(server, "server");
    return Stream.concat(
        RULES.entrySet().stream()
            .map(rule -> Trial.check(rule.getKey(), server, false, rule.getValue())),
        ALSO_SECURELY.stream()
            .map(name -> Trial.check(name + "OverTls", server, true, rule(name))));
  }

  private static Trial.Rule rule(String name) {
    return Objects.requireNonNull(RULES.get(name), name);
  }
}
