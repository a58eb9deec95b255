package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("a bot is a member that is code, and cannot hurt its room")
class BotTest {
  private final Reports reports = new Reports();

  /** Remembers all that it hears, and answers what its test wants. */
  private static final class Listening implements Bot {
    final List<Frame> heard = new ArrayList<>();
    final List<Voice> voices = new ArrayList<>();
    private final BiConsumer<Voice, Frame> answer;

    Listening(BiConsumer<Voice, Frame> answer) {
      this.answer = answer;
    }

    Listening() {
      this((voice, frame) -> {});
    }

    @Override
    public Consumer<Frame> enter(Voice voice) {
      voices.add(voice);
      return frame -> {
        heard.add(frame);
        answer.accept(voice, frame);
      };
    }

    Voice voice() {
      return voices.get(voices.size() - 1);
    }

    List<String> hears() {
      List<String> words = Heard.words(heard);
      heard.clear();
      return words;
    }
  }

  /** Says {@code answer} to whatever is said. */
  private static Bot answering(String answer) {
    return new Listening(
        (voice, frame) -> {
          if (frame.event() instanceof Event.Said) {
            voice.say(answer);
          }
        });
  }

  private RoomKit kit(Bot... bots) {
    return kit(Limits.builder(), bots);
  }

  private RoomKit kit(Limits.Builder limits, Bot... bots) {
    return RoomKit.create(
        builder -> {
          builder.listener(reports).limits(limits.build());
          for (Bot bot : bots) {
            builder.bot("bot", bot);
          }
        });
  }

  @Test
  void botIsInTheFirstMembersWelcomeAndCounted() {
    RoomKit kit = kit(new Listening());

    Guest ming = kit.enter("lobby", "小明");

    assertThat(Heard.by(ming))
        .containsExactly("self", "count 2", "members [m2, m1]", "history []", "join m1");
    assertThat(reports.events)
        .containsExactly("opened lobby", "joined lobby m2", "joined lobby m1");
  }

  @Test
  void botHearsWhatAMemberHearsButNothingOfItsOwn() {
    Listening bot = new Listening();
    RoomKit kit = kit(bot);
    Guest ming = kit.enter("lobby", "小明");
    ming.types("大家好");
    bot.voice().say("hello");
    bot.voice().rename("Bo");
    bot.voice().whisper(bot.voice().id(), "to myself");
    ming.types("@to:m2|psst");
    ming.types("@changename:Ming");
    bot.voice().whisper(new MemberId("nobody"), "psst");
    ming.leaves();

    assertThat(bot.hears())
        .containsExactly(
            "join m1",
            "m1: 大家好",
            "m1 whispers psst",
            "m1 is Ming",
            "error no member of this room has that id",
            "leave m1");
  }

  @Test
  void secondBotIsHeardComingByTheFirst() {
    Listening first = new Listening();
    Listening second = new Listening();
    RoomKit kit = kit(first, second);

    Guest ming = kit.enter("lobby", "小明");

    assertThat(first.hears()).containsExactly("join m3", "join m1");
    assertThat(second.hears()).containsExactly("join m1");
    assertThat(Heard.by(ming)).contains("count 3", "members [m2, m3, m1]");
  }

  @Test
  void whatItSaysIsHeardAsItIsEvenIfItLooksLikeACommand() {
    Listening bot = new Listening();
    RoomKit kit = kit(bot);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    Voice voice = bot.voice();

    assertThat(voice.say("@to:m1|secret")).isTrue();
    assertThat(voice.say("@changename:x")).isTrue();
    assertThat(voice.say("@history:0")).isTrue();
    assertThat(voice.say("")).isTrue();
    assertThat(voice.whisper(ming.id(), "@to:m1|x")).isTrue();
    assertThat(voice.rename("  Bo\n")).isTrue();
    assertThat(voice.share(BlobKind.PICTURE, ByteBuffer.wrap(new byte[] {1, 2}))).isTrue();

    assertThat(Heard.by(ming))
        .containsExactly(
            "m2: @to:m1|secret",
            "m2: @changename:x",
            "m2: @history:0",
            "m2: ",
            "m2 whispers @to:m1|x",
            "m2 is Bo",
            "m2: b1");
    assertThat(voice.room()).isEqualTo(ming.joined().room());
  }

  @Test
  void whatItSaysWhileItEntersIsHeardByTheFirstMember() {
    RoomKit kit =
        kit(
            voice -> {
              voice.say("I am here");
              return frame -> {};
            });

    Guest ming = kit.enter("lobby", "小明");

    assertThat(Heard.by(ming)).endsWith("join m1", "m2: I am here");
  }

  @Test
  void whatItSaysBeforeThePastIsReadIsKeptAndCountedOn() throws IOException {
    FaultyHistory store = new FaultyHistory();
    Bot greeting =
        voice -> {
          voice.say("I am here");
          return frame -> {};
        };
    RoomKit kit =
        RoomKit.create(builder -> builder.history(store).listener(reports).bot("bot", greeting));
    kit.storage().hold();
    Guest ming = kit.enter("lobby", "小明");

    kit.storage().letGo();
    ming.types("hello");

    assertThat(Heard.by(ming)).endsWith("join m1", "m2: I am here", "m1: hello");
    assertThat(store.kept.read(new RoomId("lobby"), Long.MAX_VALUE, 9, 1 << 20))
        .extracting(entry -> entry.number())
        .containsExactly(1L, 2L);
    ming.leaves();
    assertThat(reports.events).endsWith("closed lobby");
  }

  @Test
  void roomWhosePastCannotBeReadClosesThoughItsBotTalks() {
    FaultyHistory store = new FaultyHistory();
    Bot greeting =
        voice -> {
          voice.say("I am here");
          return frame -> {};
        };
    RoomKit kit =
        RoomKit.create(builder -> builder.history(store).listener(reports).bot("bot", greeting));
    kit.storage().hold();
    Guest ming = kit.enter("lobby", "小明");

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(ming.closeCode()).isEqualTo(1013);
    assertThat(reports.events).endsWith("closed lobby");
    assertThat(kit.xnest().rooms.size()).isZero();
  }

  @Test
  void argumentsOutOfRangeAreRefusedByNameAtTheEdge() {
    Listening bot = new Listening();
    RoomKit kit =
        kit(Limits.builder().maxTextBytes(6).maxBinaryBytes(4).maxNicknameCharacters(5), bot);
    kit.enter("lobby", "小明");
    Voice voice = bot.voice();

    assertThat(voice.say("明明")).isTrue();
    refused("text has 7 bytes of UTF-8, may have 6", () -> voice.say("明明x"));
    refused("text has a surrogate without its partner", () -> voice.say("\ud83d"));
    refused("text has 7 bytes of UTF-8, may have 6", () -> voice.whisper(voice.id(), "1234567"));
    refused("nickname has 0 characters, must have 1 to 5", () -> voice.rename(" "));
    refused("nickname has 6 characters, must have 1 to 5", () -> voice.rename("123456"));
    assertThat(voice.rename("12345")).isTrue();
    refused("content has 0 bytes, must have 1 to 3", () -> share(voice, 0));
    refused("content has 4 bytes, must have 1 to 3", () -> share(voice, 4));
    assertThat(share(voice, 3)).isTrue();
    refused(
        "delay is PT-1S, must be 0 or more", () -> voice.after(Duration.ofSeconds(-1), () -> {}));
  }

  private static boolean share(Voice voice, int bytes) {
    return voice.share(BlobKind.FILE, ByteBuffer.allocate(bytes));
  }

  private static void refused(String why, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(why);
  }

  @Test
  void nicknameIsCheckedWhenTheHouseIsBuilt() {
    refused(
        "nickname has 0 characters, must have 1 to " + Integer.MAX_VALUE,
        () -> Xnest.builder().bot(" ", new Listening()));
    Limits limits = Limits.builder().maxNicknameCharacters(3).build();
    Xnest.builder().bot("bot", new Listening()).limits(limits).build().close();
    refused(
        "nickname has 4 characters, must have 1 to 3",
        () -> Xnest.builder().bot("bots", new Listening()).limits(limits).build());
  }

  @Test
  void filtersJudgeWhatItSends() {
    Listening bot = new Listening();
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .bot("bot", bot)
                    .filter(
                        Filter.of(
                            draft ->
                                draft.text().equals("spam")
                                    ? draft.refuse("no " + draft.sender().nickname())
                                    : draft.withText(draft.text() + "!"))));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    bot.hears();

    bot.voice().say("spam");
    bot.voice().say("hello");

    assertThat(Heard.by(ming)).containsExactly("m2: hello!");
    assertThat(bot.hears()).containsExactly("error no bot");
  }

  @Test
  void itTakesNoPlaceInAFullRoom() {
    RoomKit kit = kit(Limits.builder().roomMembers(1), new Listening(), new Listening());

    assertThat(kit.enter("lobby", "小明").closeCode()).isNull();
    assertThat(kit.enter("lobby", "Lin").closeCode()).isEqualTo(1013);
  }

  @Test
  void roomClosesWithItsLastMemberAndTheNextOneHasTheBotAnew() {
    Listening bot = new Listening();
    RoomKit kit = kit(bot);
    kit.enter("lobby", "小明").leaves();
    Voice gone = bot.voice();
    assertThat(kit.xnest().admit(Entry.of(gone.room(), "x"))).isCompleted();
    assertThat(reports.events).endsWith("closed lobby");
    assertThat(bot.hears()).containsExactly("join m1", "leave m1");

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(Heard.by(lin)).contains("count 2", "members [m4, m3]", "join m3");
    assertThat(bot.voice().id()).isNotEqualTo(gone.id());
    assertThat(gone.say("I am still here")).isFalse();
    assertThat(gone.participants().toCompletableFuture()).isCompletedWithValue(List.of());
    lin.hearsNothing();
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void whoComesAsTheLastOneLeavesFindsTheBotAnewToo() {
    Listening bot = new Listening();
    List<Guest> next = new ArrayList<>();
    List<RoomKit> house = new ArrayList<>();
    XnestListener listener =
        new XnestListener() {
          @Override
          public void left(RoomId room, Member member) {
            if (next.isEmpty()) {
              next.add(house.get(0).enter("lobby", "Lin"));
            }
          }
        };
    RoomKit kit = RoomKit.create(builder -> builder.listener(listener).bot("bot", bot));
    house.add(kit);

    kit.enter("lobby", "小明").leaves();

    assertThat(Heard.by(next.get(0))).contains("members [m4, m3]");
    assertThat(bot.voices.get(0).say("still here?")).isFalse();
    assertThat(bot.voices.get(0).participants().toCompletableFuture())
        .isCompletedWithValue(List.of());
    next.get(0).hearsNothing();
  }

  @Test
  void whoIsTurnedAwayLeavesNoBotBehind() {
    FaultyHistory store = new FaultyHistory();
    Listening bot = new Listening();
    RoomKit kit =
        RoomKit.create(builder -> builder.history(store).listener(reports).bot("bot", bot));
    kit.storage().hold();
    Guest ming = kit.enter("lobby", "小明");

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(ming.closeCode()).isEqualTo(1013);
    assertThat(reports.events).endsWith("closed lobby");
    assertThat(bot.voice().say("anybody?")).isFalse();
  }

  @Test
  void lastWordsAreKeptAndTheNextRoomCountsOn() throws IOException {
    FaultyHistory store = new FaultyHistory();
    Listening bot = new Listening();
    RoomKit kit =
        RoomKit.create(builder -> builder.history(store).listener(reports).bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    ming.types("one");
    kit.storage().hold();
    bot.voice().say("two");

    ming.leaves();
    assertThat(reports.events).doesNotContain("closed lobby");
    assertThat(bot.voice().say("three")).isTrue();
    kit.storage().letGo();

    assertThat(reports.events).endsWith("closed lobby");
    assertThat(bot.hears()).containsExactly("join m1", "m1: one", "leave m1");
    Guest lin = kit.enter("lobby", "Lin");
    lin.types("four");
    assertThat(Heard.by(lin)).contains("history [one, two]").endsWith("m3: four");
    assertThat(store.kept.read(bot.voice().room(), Long.MAX_VALUE, 9, 1 << 20))
        .extracting(entry -> entry.number())
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void whoComesWhileItsLastWordsWaitFindsItThere() {
    FaultyHistory store = new FaultyHistory();
    Listening bot = new Listening();
    RoomKit kit =
        RoomKit.create(builder -> builder.history(store).listener(reports).bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    bot.voice().say("one");
    ming.leaves();

    Guest lin = kit.enter("lobby", "Lin");
    kit.storage().letGo();

    assertThat(Heard.by(lin))
        .containsExactly("self", "count 2", "members [m2, m3]", "history []", "join m3", "m2: one");
    assertThat(bot.voices).hasSize(1);
    assertThat(reports.events).doesNotContain("closed lobby");
  }

  @Test
  void botThatThrowsIsReportedAndStays() {
    RuntimeException wrong = new IllegalStateException("wrong");
    Listening bot =
        new Listening(
            (voice, frame) -> {
              if (frame.event() instanceof Event.Said) {
                throw wrong;
              }
            });
    RoomKit kit = kit(bot);
    Guest ming = kit.enter("lobby", "小明");
    ming.types("hello");
    ming.types("@to:m2|psst");
    kit.forgetWhatWasHeard();

    ming.types("still here?");

    assertThat(ming.hears()).isEqualTo(ming.said("still here?"));
    assertThat(bot.hears()).endsWith("m1 whispers psst", "m1: still here?");
    assertThat(reports.failures)
        .containsExactly("running bot 'bot' in room 'lobby'", "running bot 'bot' in room 'lobby'");
    assertThat(reports.causes).containsOnly(wrong);
  }

  @Test
  void botThatThrowsAsItEntersIsReportedAndDeaf() {
    RoomKit kit =
        kit(
            voice -> {
              throw new StackOverflowError();
            },
            voice -> null);

    Guest ming = kit.enter("lobby", "小明");
    ming.types("hello");

    assertThat(Heard.by(ming)).contains("count 3").endsWith("m1: hello");
    assertThat(reports.causes)
        .hasSize(2)
        .hasExactlyElementsOfTypes(StackOverflowError.class, NullPointerException.class);
  }

  @Test
  void botIsTakenFiftyMessagesIn10SecondsAndReportedOnceForTheRest() {
    Listening bot = new Listening();
    RoomKit kit = kit(bot);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    for (int i = 1; i <= 50; i++) {
      assertThat(bot.voice().say("" + i)).isTrue();
    }

    assertThat(bot.voice().say("51")).isFalse();
    assertThat(bot.voice().whisper(ming.id(), "52")).isFalse();
    assertThat(bot.voice().rename("Bo")).isFalse();
    kit.clock().turn(Duration.ofMillis(9_999));
    assertThat(bot.voice().say("too early")).isFalse();
    assertThat(reports.failures).containsExactly("taking messages of bot 'bot' in room 'lobby'");
    assertThat(reports.causes.get(0)).hasMessage("it has sent 50 messages in 10 s");

    kit.clock().turn(Duration.ofMillis(1));
    assertThat(bot.voice().say("now")).isTrue();
    assertThat(Heard.by(ming)).hasSize(51).endsWith("m2: 50", "m2: now");
  }

  @Test
  void nextSpellOfTooMuchIsReportedAgain() {
    Listening bot = new Listening();
    RoomKit kit = kit(Limits.builder().botMessages(1), bot);
    kit.enter("lobby", "小明");
    for (int spell = 1; spell <= 3; spell++) {
      assertThat(bot.voice().say("one")).isTrue();
      assertThat(bot.voice().say("two")).isFalse();
      assertThat(bot.voice().say("three")).isFalse();
      assertThat(reports.failures).hasSize(spell);
      kit.clock().turn(Duration.ofSeconds(10));
    }
  }

  @Test
  void botsThatAnswerEachOtherAreStoppedByTheirRate() {
    RoomKit kit = kit(answering("ping"), answering("pong"));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    ming.types("go");

    assertThat(Heard.by(ming)).hasSize(101);
    assertThat(reports.failures).hasSizeBetween(1, 2);
    ming.types("still here?");
    assertThat(ming.hears()).isEqualTo(ming.said("still here?"));
  }

  @Test
  void whatABotSaysInALoopIsHeardUpToItsRate() {
    Bot loop =
        voice ->
            frame -> {
              for (int i = 0; i < 100_000; i++) {
                voice.say("spam");
              }
            };
    RoomKit kit = kit(loop);

    Guest ming = kit.enter("lobby", "小明");

    assertThat(Heard.by(ming)).hasSize(5 + 50);
    assertThat(reports.failures).hasSize(1);
  }

  @Test
  void moreThanMayWaitOfItsOwnIsNotTakenUntilLessWaits() {
    Listening bot = new Listening();
    Limits limits = Limits.builder().inletMessages(32).botMessages(100).build();
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .history(new FaultyHistory())
                    .listener(reports)
                    .limits(limits)
                    .bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    for (int round = 1; round <= 2; round++) {
      kit.storage().hold();
      for (int i = 1; i <= 32; i++) {
        assertThat(bot.voice().say("" + i)).isTrue();
      }

      assertThat(bot.voice().say("33")).isFalse();

      assertThat(reports.causes)
          .hasSize(round)
          .last()
          .hasToString("java.lang.IllegalStateException: too much of it waits");
      kit.storage().letGo();
      assertThat(Heard.by(ming)).hasSize(32).endsWith("m2: 32");
    }
  }

  @Test
  void slowBotMissesWhatIsBeyondItsBacklogAndIsReportedOnce() {
    Listening bot = new Listening();
    List<Runnable> later = new ArrayList<>();
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .limits(Limits.builder().botBacklog(3).build())
                    .botExecutor(later::add)
                    .bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    Pasts.count(ming, 1, 2);
    assertThat(reports.failures).isEmpty();

    Pasts.count(ming, 3, 5);

    assertThat(Heard.by(ming)).endsWith("m1: 4", "m1: 5");
    assertThat(reports.failures).containsExactly("handing frames to bot 'bot' in room 'lobby'");
    assertThat(reports.causes.get(0)).hasMessage("it is too slow and misses some: 3 wait");
    later.remove(0).run();
    assertThat(bot.hears()).containsExactly("join m1", "m1: 1", "m1: 2");
    Pasts.count(ming, 6, 9);
    assertThat(reports.failures).hasSize(2);
    later.remove(0).run();
    assertThat(bot.hears()).containsExactly("m1: 6", "m1: 7", "m1: 8");
    assertThat(later).isEmpty();
  }

  @Test
  void bytesThatWaitForABotAreBoundedToo() {
    Listening bot = new Listening();
    List<Runnable> later = new ArrayList<>();
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .limits(Limits.builder().outboxBytes(1_000).build())
                    .botExecutor(later::add)
                    .bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    later.remove(0).run();

    ming.types("x".repeat(2_000));
    ming.types("too much");

    later.remove(0).run();
    assertThat(bot.heard).hasSize(2);
    assertThat(reports.failures).hasSize(1);
  }

  @Test
  void threadsThatRefuseAreReportedOnceAndTriedAgain() {
    Listening bot = new Listening();
    AtomicBoolean refusing = new AtomicBoolean(true);
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .botExecutor(
                        task -> {
                          if (refusing.get()) {
                            throw new RejectedExecutionException("no");
                          }
                          task.run();
                        })
                    .bot("bot", bot));
    Guest ming = kit.enter("lobby", "小明");
    ming.types("one");
    assertThat(reports.failures).containsExactly("handing frames to bot 'bot' in room 'lobby'");
    assertThat(bot.voices).isEmpty();

    refusing.set(false);
    ming.types("two");

    assertThat(bot.hears()).containsExactly("join m1", "m1: one", "m1: two");
  }

  @Test
  void idThatCannotBeMadeForABotIsReportedAndTheRoomOpens() {
    List<MemberId> ids = new ArrayList<>(List.of(new MemberId("m1")));
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .memberIds(() -> ids.remove(0))
                    .bot("bot", new Listening()));

    Guest ming = kit.enter("lobby", "小明");

    assertThat(Heard.by(ming)).contains("count 1");
    assertThat(reports.failures).containsExactly("seating a bot in room 'lobby'");
  }

  @Test
  void botMayAskWhoIsThere() {
    List<String> seen = new ArrayList<>();
    Listening bot =
        new Listening(
            (voice, frame) ->
                voice
                    .participants()
                    .thenAccept(all -> all.forEach(one -> seen.add(one.nickname()))));
    RoomKit kit = kit(bot);

    kit.enter("lobby", "小明");

    assertThat(seen).containsExactly("bot", "小明");
  }

  @Test
  void thoseWhoAskWhoIsThereBeforeTheAnswerShareIt() {
    List<Object> answers = new ArrayList<>();
    Listening bot =
        new Listening(
            (voice, frame) -> {
              for (int i = 0; i < 1_000; i++) {
                voice.participants().thenAccept(answers::add);
              }
            });
    RoomKit kit = kit(bot);

    kit.enter("lobby", "小明");

    assertThat(answers).hasSize(1_000);
    assertThat(answers.stream().distinct()).hasSize(1);
    assertThat(answers.stream().map(System::identityHashCode).distinct()).hasSize(1);
  }

  @Test
  void botMayActLater() {
    Listening bot =
        new Listening(
            (voice, frame) -> voice.after(Duration.ofSeconds(5), () -> voice.say("5 s ago")));
    RoomKit kit = kit(bot);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    kit.clock().turn(Duration.ofMillis(4_999));
    ming.hearsNothing();
    kit.clock().turn(Duration.ofMillis(1));

    assertThat(Heard.by(ming)).containsExactly("m2: 5 s ago");
  }

  @Test
  void whatABotReportsIsNamedAfterIt() {
    Listening bot = new Listening();
    RoomKit kit = kit(bot);
    kit.enter("lobby", "小明");

    bot.voice().failed("asking the oracle", new IllegalStateException("silent"));

    assertThat(reports.failures).containsExactly("asking the oracle of bot 'bot' in room 'lobby'");
  }

  @Test
  void botMayOpenAnotherRoomFromWithin() {
    List<RoomKit> house = new ArrayList<>();
    Listening bot =
        new Listening(
            (voice, frame) -> {
              if (frame.event() instanceof Event.Said said && said.text().equals("go")) {
                Ear ear = new Ear();
                house.get(0).xnest().enter(Entry.of(voice.room(), "double"), ear).text("me too");
                house.get(0).enter("garden", "Lin");
              }
            });
    RoomKit kit = kit(bot);
    house.add(kit);
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    ming.types("go");

    assertThat(Heard.by(ming)).containsExactly("m1: go", "join m3", "m3: me too");
    assertThat(reports.events).contains("opened garden");
    assertThat(reports.failures).isEmpty();
  }
}
