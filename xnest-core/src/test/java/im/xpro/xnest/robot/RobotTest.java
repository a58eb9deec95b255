package im.xpro.xnest.robot;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.XnestListener;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("the robot answers what begins with @robot")
class RobotTest {
  private static final String SORRY = "Sorry, I cannot answer that now.";

  private final List<String> failures = new ArrayList<>();
  private final List<Throwable> causes = new ArrayList<>();
  private final List<Question> asked = new ArrayList<>();
  private final List<CompletableFuture<String>> answers = new ArrayList<>();

  private final RoomKit kit = kit(this::thinkAboutIt);
  private final Guest ming = kit.enter("lobby", "小明");
  private final Guest lin = kit.enter("lobby", "Lin");

  RobotTest() {
    kit.forgetWhatWasHeard();
  }

  private RoomKit kit(Brain brain) {
    XnestListener listener =
        new XnestListener() {
          @Override
          public void failed(String doing, Throwable cause) {
            failures.add(doing);
            causes.add(cause);
          }
        };
    return RoomKit.create(builder -> builder.listener(listener).bot("robot", Robot.with(brain)));
  }

  private CompletionStage<String> thinkAboutIt(Question question) {
    asked.add(question);
    answers.add(new CompletableFuture<>());
    return answers.get(answers.size() - 1);
  }

  /** What a guest hears the robot say, in public or in private, and nobody else. */
  private static List<String> robotTo(Guest guest) {
    List<String> words = new ArrayList<>();
    guest
        .hearsAll()
        .forEach(
            frame -> {
              if (!frame.from().value().equals("m2")) {
                return;
              } else if (frame.event() instanceof Event.Said said) {
                words.add(said.text());
              } else if (frame.event() instanceof Event.Whispered whispered) {
                words.add("(" + whispered.text() + ")");
              }
            });
    return words;
  }

  @ParameterizedTest
  @CsvSource({
    "@robot what is it?, what is it?",
    "'@robot', ''",
    "'@Robot:  hi ', hi",
    "@robot几点, 几点",
    "@ROBOT，时间, 时间",
    "'@robot\n@robot x', @robot x",
  })
  void whatBeginsWithTheCallIsAQuestion(String said, String text) {
    ming.types(said);

    Member robot = new Member(asked.get(0).members().get(0).id(), "robot");
    Member asker = new Member(ming.id(), "小明");
    assertThat(asked)
        .containsExactly(
            new Question(text, asker, List.of(robot, asker, new Member(lin.id(), "Lin"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "@robots", "@robot2", " @robot x", "ask @robot", "@robo", ""})
  void anythingElseIsNone(String said) {
    ming.types(said);

    assertThat(asked).isEmpty();
  }

  @Test
  void answerIsHeardByAll() {
    ming.types("@robot x");
    assertThat(robotTo(lin)).isEmpty();

    answers.get(0).complete("@to:m1|y");

    assertThat(robotTo(ming)).containsExactly("@to:m1|y");
    assertThat(robotTo(lin)).containsExactly("@to:m1|y");
  }

  @Test
  void privateQuestionIsAnsweredInPrivate() {
    ming.types("@to:m2| x ");
    ming.types("@to:m2|@robot y");

    answers.forEach(answer -> answer.complete("secret"));

    assertThat(asked).extracting(Question::text).containsExactly("x", "y");
    assertThat(robotTo(ming)).containsExactly("(secret)", "(secret)");
    assertThat(robotTo(lin)).isEmpty();
  }

  @Test
  void fourQuestionsAreOpenAndWhoAsksAFifthIsToldToWait() {
    for (int i = 1; i <= 4; i++) {
      ming.types("@robot " + i);
    }
    lin.types("@robot 5");
    lin.types("@robot 第六");

    assertThat(asked).hasSize(4);
    assertThat(robotTo(lin))
        .containsExactly(
            "(There are too many questions now. Please ask again later.)", "(问题太多了，请稍后再问。)");
    assertThat(robotTo(ming)).isEmpty();
    answers.get(2).complete("three");
    lin.types("@robot 7");
    assertThat(asked).hasSize(5);
  }

  @Test
  void answerThatIsTooLateIsCancelledAndReported() {
    ming.types("@robot x");
    kit.clock().turn(Duration.ofMillis(29_999));
    assertThat(answers.get(0)).isNotDone();

    kit.clock().turn(Duration.ofMillis(1));

    assertThat(answers.get(0)).isCancelled();
    assertThat(robotTo(ming)).containsExactly(SORRY);
    assertThat(failures).containsExactly("asking the brain of bot 'robot' in room 'lobby'");
    assertThat(causes.get(0))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("no answer within PT30S");
  }

  @Test
  void answerForWhoHasLeftIsCancelledUnreported() {
    ming.types("@robot x");
    lin.types("@robot y");

    ming.leaves();

    assertThat(answers.get(0)).isCancelled();
    assertThat(answers.get(1)).isNotDone();
    lin.leaves();
    assertThat(answers.get(1)).isCancelled();
    kit.clock().turn(Duration.ofMinutes(1));
    assertThat(failures).isEmpty();
  }

  @Test
  void answerInTimeIsNotTouchedWhenItsTimeIsOver() {
    ming.types("@robot x");
    answers.get(0).complete("y");

    kit.clock().turn(Duration.ofMinutes(1));

    assertThat(robotTo(ming)).containsExactly("y");
    assertThat(failures).isEmpty();
  }

  @Test
  void longAnswerIsCutBetweenCharacters() {
    ming.types("@robot x");
    ming.types("@robot y");

    answers.get(0).complete("x".repeat(3_999) + "😀");
    answers.get(1).complete("明".repeat(4_001));

    assertThat(robotTo(ming)).containsExactly("x".repeat(3_999), "明".repeat(4_000));
    assertThat(failures).isEmpty();
  }

  @Test
  void halfACharacterBecomesAQuestionMark() {
    ming.types("@robot x");

    answers.get(0).complete("a\ud83db");

    assertThat(robotTo(ming)).containsExactly("a?b");
  }

  @Test
  void brainThatFailsIsReportedAndItsAskerTold() {
    ming.types("@robot x");
    answers.get(0).completeExceptionally(new IllegalStateException("no idea"));
    ming.types("@robot 明天");
    answers.get(1).complete(null);

    assertThat(robotTo(ming)).containsExactly(SORRY, "对不起，我现在答不上来。");
    assertThat(causes)
        .hasExactlyElementsOfTypes(IllegalStateException.class, NullPointerException.class);
  }

  @Test
  void brainThatThrowsIsReportedAndItsAskerTold() {
    RoomKit other =
        kit(
            question -> {
              throw new StackOverflowError();
            });
    Guest wei = other.enter("lobby", "Wei");

    wei.types("@robot x");

    assertThat(robotTo(wei)).containsExactly(SORRY);
    assertThat(causes).hasExactlyElementsOfTypes(StackOverflowError.class);
  }

  @Test
  void twoRobotsThatEchoEachOtherAreStopped() {
    Brain parrot = question -> CompletableFuture.completedStage("@robot " + question.text());
    RoomKit two =
        RoomKit.create(
            builder -> builder.bot("one", Robot.with(parrot)).bot("two", Robot.with(parrot)));
    Guest wei = two.enter("lobby", "Wei");
    two.forgetWhatWasHeard();

    wei.types("@robot x");

    assertThat(wei.hearsAll()).hasSize(101);
  }
}
