package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class KnockTest {
  private static final Admission NO_BOB =
      entry ->
          CompletableFuture.completedStage(
              "Bob".equals(entry.nickname())
                  ? new Decision.Refused(403, "no Bobs")
                  : new Decision.Accepted(entry.withNickname("Dr. " + entry.nickname())));

  final RoomKit kit = RoomKit.create(builder -> builder.admission(NO_BOB));

  @Test
  void whoIsAcceptedEntersAsTheRuleSays() {
    Guest ming = kit.enter("lobby", "小明");

    Guest lin = kit.knocks("lobby", "Lin").entered();

    assertThat(ming.hearsAll()).endsWith(lin.joined());
    assertThat(lin).hasToString("Dr. Lin (m2)");
  }

  @Test
  void whoIsRefusedIsToldWhyAndNobodyHearsOfIt() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    Knock bob = kit.knocks("lobby", "Bob");

    assertThat(bob.refused()).isEqualTo(new Decision.Refused(403, "no Bobs"));
    assertThat(bob.isWaiting()).isFalse();
    ming.hearsNothing();
  }

  @Test
  void whoWaitsEntersWhenTheRuleAnswers() {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    RoomKit slow = RoomKit.create(builder -> builder.admission(entry -> answer));
    Entry entry = Entry.of(new RoomId("lobby"), "Lin");
    Knock lin = slow.knocks(entry);
    assertThat(lin.isWaiting()).isTrue();

    answer.complete(new Decision.Accepted(entry));

    assertThat(lin.entered().sees()).hasSize(1);
  }

  @Test
  void ruleThatIsTooLateRefuses() {
    RoomKit slow = RoomKit.create(b -> b.admission(entry -> new CompletableFuture<>()));
    Knock lin = slow.knocks("lobby", "Lin");

    slow.clock().turn(slow.xnest().limits().admissionTime());

    assertThat(lin.refused().status()).isEqualTo(503);
  }

  @Test
  void wrongExpectationsTellWhatBecameOfIt() {
    assertThatThrownBy(() -> kit.knocks("lobby", "Bob").entered())
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            """
            Bob should be let in, but is refused with 403: no Bobs
            What happened:
              14:02:06.000 [lobby] Bob knocks
              14:02:06.000 [lobby] Bob is refused with 403: no Bobs""");
    assertThatThrownBy(() -> kit.knocks("lobby", "Lin").refused())
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("Lin should be refused, but is let in as Dr. Lin (m1)\nWhat");
    RoomKit slow = RoomKit.create(b -> b.admission(entry -> new CompletableFuture<>()));
    slow.clock().turn(Duration.ofSeconds(1));
    assertThatThrownBy(() -> slow.knocks("lobby", "Lin").entered())
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("Lin should be let in, but waits for the admission rule\n");
  }
}
