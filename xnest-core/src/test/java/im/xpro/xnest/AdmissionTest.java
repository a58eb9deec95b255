package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.Decision.Accepted;
import im.xpro.xnest.Decision.Refused;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§1 refusals and the application's own admission rule")
class AdmissionTest {
  private static final Entry LIN = Entry.of(new RoomId("lobby"), "Lin");

  final Reports reports = new Reports();

  private RoomKit kit(Admission rule) {
    return kitWith(builder -> builder.admission(rule));
  }

  private RoomKit kitWith(Consumer<Xnest.Builder> setup) {
    return RoomKit.create(builder -> setup.accept(builder.listener(reports)));
  }

  private static Decision now(CompletionStage<Decision> answer) {
    return answer.toCompletableFuture().getNow(null);
  }

  @Test
  void everybodyMayEnterByDefault() {
    assertThat(now(RoomKit.create().xnest().admit(LIN))).isEqualTo(new Accepted(LIN));
  }

  @Test
  void ruleMayRefuseWithItsOwnStatusAndReason() {
    Refused no = new Refused(403, "you are banned");

    RoomKit kit = kit(entry -> CompletableFuture.completedStage(no));

    assertThat(now(kit.xnest().admit(LIN))).isEqualTo(no);
  }

  @Test
  void ruleMayChangeTheNickname() {
    RoomKit kit =
        kit(entry -> CompletableFuture.completedStage(new Accepted(entry.withNickname("林"))));

    assertThat(now(kit.xnest().admit(LIN))).isEqualTo(new Accepted(LIN.withNickname("林")));
  }

  @Test
  void ruleIsHandedParametersNobodyKnows() {
    List<Entry> asked = new ArrayList<>();
    RoomKit kit =
        kit(
            entry -> {
              asked.add(entry);
              return CompletableFuture.completedStage(new Accepted(entry));
            });
    Entry entry =
        new Entry(
            new RoomId("lobby"),
            "Lin",
            true,
            Map.of("token", List.of("42")),
            Map.of(),
            null,
            false,
            Grant.plain());

    kit.xnest().admit(entry);

    assertThat(asked).containsExactly(entry);
    assertThat(asked.get(0).query()).isEqualTo(Map.of("token", List.of("42")));
  }

  @Test
  void ruleIsNotAskedOfWhatTheLimitsRefuse() {
    List<Entry> asked = new ArrayList<>();
    RoomKit kit =
        kit(
            entry -> {
              asked.add(entry);
              return CompletableFuture.completedStage(new Accepted(entry));
            });

    Decision answer = now(kit.xnest().admit(LIN.withNickname("x".repeat(65))));

    assertThat(answer).isEqualTo(new Refused(400, "the nickname has more than 64 characters"));
    assertThat(asked).isEmpty();
  }

  @Test
  void ruleMayTakeItsTime() {
    CompletableFuture<Decision> later = new CompletableFuture<>();
    RoomKit kit = kit(entry -> later);
    CompletionStage<Decision> answer = kit.xnest().admit(LIN);
    kit.clock().turn(Duration.ofSeconds(9));
    assertThat(now(answer)).isNull();

    later.complete(new Accepted(LIN));

    assertThat(now(answer)).isEqualTo(new Accepted(LIN));
  }

  @Test
  void ruleThatIsTooLateRefusesWith503() {
    RoomKit kit = kit(entry -> new CompletableFuture<>());
    CompletionStage<Decision> answer = kit.xnest().admit(LIN);

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(now(answer)).isEqualTo(new Refused(503, "the admission rule took too long"));
    assertThat(reports.causes).singleElement().isInstanceOf(TimeoutException.class);
  }

  @Test
  void ruleThatAnswersInTimeIsNotReported() {
    RoomKit kit = kit(Admission.of(Decision::accept));
    kit.xnest().admit(LIN);

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(reports.failures).isEmpty();
  }

  @Test
  void ruleThatAnswersAtOnceMayBeAFunction() {
    RoomKit kit = kit(Admission.of(entry -> Decision.refuse(403, "no " + entry.nickname())));

    assertThat(now(kit.xnest().admit(LIN))).isEqualTo(new Refused(403, "no Lin"));
  }

  @Test
  void ruleThatBlocksIsAskedOnItsOwnThread() throws Exception {
    CountDownLatch database = new CountDownLatch(1);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    Admission rule =
        Admission.blocking(
            entry -> {
              try {
                database.await();
              } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
              }
              return Decision.accept(entry.withNickname("林"));
            },
            threads);
    try (Xnest xnest = Xnest.builder().admission(rule).build()) {
      CompletionStage<Decision> answer = xnest.admit(LIN);
      assertThat(now(answer)).isNull();

      database.countDown();

      assertThat(answer.toCompletableFuture().get(30, TimeUnit.SECONDS))
          .isEqualTo(new Accepted(LIN.withNickname("林")));
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void causeIsReportedWithoutTheWrappingsOfStages() {
    IllegalStateException failure = new IllegalStateException("no database");
    Admission broken =
        Admission.blocking(
            entry -> {
              throw failure;
            },
            Runnable::run);

    now(kit(Admission.open().and(broken).and(Admission.open())).xnest().admit(LIN));

    assertThat(reports.causes).containsExactly(failure);
  }

  @Test
  void secondRuleSeesWhatTheFirstMadeOfTheEntry() {
    Grant known = Grant.plain().withIdentity("user:42");
    List<Entry> asked = new ArrayList<>();
    Admission login = Admission.of(entry -> Decision.accept(entry.withNickname("林").with(known)));
    Admission second =
        Admission.of(
            entry -> {
              asked.add(entry);
              return Decision.accept(entry.withNickname("Dr. " + entry.nickname()));
            });

    Decision answer = now(kit(login.and(second)).xnest().admit(LIN));

    assertThat(asked).containsExactly(LIN.withNickname("林").with(known));
    assertThat(answer).isEqualTo(Decision.accept(LIN.withNickname("Dr. 林").with(known)));
  }

  @Test
  void secondRuleIsNotAskedOfWhatTheFirstRefused() {
    List<Entry> asked = new ArrayList<>();
    Decision no = Decision.refuse(401, "log in");
    Admission second =
        Admission.of(
            entry -> {
              asked.add(entry);
              return Decision.accept(entry);
            });

    assertThat(now(kit(Admission.of(entry -> no).and(second)).xnest().admit(LIN))).isEqualTo(no);
    assertThat(asked).isEmpty();
  }

  @Test
  void brokenRuleInAChainRefusesWith500AndIsReported() {
    for (Admission broken :
        List.<Admission>of(entry -> null, entry -> CompletableFuture.completedStage(null))) {
      for (Admission chain : List.of(Admission.open().and(broken), broken.and(Admission.open()))) {
        reports.causes.clear();

        assertThat(now(kit(chain).xnest().admit(LIN)))
            .isEqualTo(new Refused(500, "the admission rule failed"));
        assertThat(reports.causes).singleElement().isInstanceOf(NullPointerException.class);
      }
    }
  }

  @Test
  void nicknameOfTheRuleThatIsTooLongRefusesWith500AndIsReported() {
    RoomKit kit = kit(Admission.of(entry -> Decision.accept(entry.withNickname("x".repeat(65)))));

    assertThat(now(kit.xnest().admit(LIN)))
        .isEqualTo(new Refused(500, "the admission rule failed"));
    assertThat(reports.causes)
        .singleElement()
        .asString()
        .contains("a nickname of 65 characters, may have 64");
  }

  @Test
  void ruleMayAskTheHouseItself() {
    List<RoomKit> self = new ArrayList<>();
    Ear ear = new Ear();
    RoomKit kit =
        kit(
            Admission.of(
                entry -> {
                  self.get(0).xnest().enter(entry.withNickname("usher"), ear);
                  return Decision.accept(entry);
                }));
    self.add(kit);

    assertThat(now(kit.xnest().admit(LIN))).isEqualTo(new Accepted(LIN));
    assertThat(ear.frames()).hasSize(5);
  }

  @Test
  void ruleThatThrowsRefusesWith500AndIsReported() {
    IllegalStateException failure = new IllegalStateException("no database");
    RoomKit kit =
        kit(
            entry -> {
              throw failure;
            });

    assertThat(now(kit.xnest().admit(LIN)))
        .isEqualTo(new Refused(500, "the admission rule failed"));
    assertThat(reports.causes).containsExactly(failure);
  }

  @Test
  void ruleThatFailsLaterRefusesWith500AndIsReported() {
    IllegalStateException failure = new IllegalStateException("no database");
    RoomKit kit = kit(entry -> CompletableFuture.failedStage(failure));

    assertThat(now(kit.xnest().admit(LIN)))
        .isEqualTo(new Refused(500, "the admission rule failed"));
    assertThat(reports.causes).containsExactly(failure);
  }

  @Test
  void ruleThatAnswersNothingRefusesWith500AndIsReported() {
    for (Admission rule :
        List.<Admission>of(entry -> null, entry -> CompletableFuture.completedStage(null))) {
      reports.causes.clear();

      assertThat(now(kit(rule).xnest().admit(LIN)))
          .isEqualTo(new Refused(500, "the admission rule failed"));
      assertThat(reports.causes).singleElement().isInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void namesThatCannotBeMadeUpRefuseWith500AndAreReported() {
    IllegalStateException failure = new IllegalStateException("no names left");
    RoomKit kit =
        kitWith(
            builder ->
                builder.nicknames(
                    () -> {
                      throw failure;
                    }));

    assertThat(now(kit.xnest().admit(LIN.withNickname(null))))
        .isEqualTo(new Refused(500, "the admission rule failed"));
    assertThat(reports.causes).containsExactly(failure);
  }

  @Test
  void drainingRefusesWith503() {
    Xnest xnest = RoomKit.create().xnest();

    xnest.close();

    assertThat(now(xnest.admit(LIN))).isEqualTo(new Refused(503, "the server is going away"));
  }

  @Test
  void nobodyHearsOfWhoWasRefused() {
    RoomKit kit = kit(entry -> CompletableFuture.completedStage(new Refused(401, "log in")));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    kit.xnest().admit(LIN);

    ming.hearsNothing();
  }

  @Test
  void refusalHasAnErrorStatusAndOneLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refused(399, "no"))
        .withMessageContaining("status is 399");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refused(600, "no"))
        .withMessageContaining("status is 600");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Refused(403, "no\r\nSet-Cookie: x=y"))
        .withMessageContaining("reason");
  }
}
