package im.xpro.xnest.robot;

import im.xpro.xnest.protocol.Member;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** A brain that looks at the first word of a question. Any thread. */
final class Rules implements Brain {
  /** Answers a question, given what follows its first word. */
  private interface Answer extends BiFunction<Question, String, String> {}

  private record Rule(List<String> words, Answer answer) {}

  private static final int SHOWN_MEMBERS = 20;
  private static final int MAX_SIDES = 1_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss (VV)", Locale.ROOT);

  private final Clock clock;
  private final RandomGenerator dice;
  private final List<Rule> rules =
      List.of(
          new Rule(List.of("time", "时间", "几点"), this::time),
          new Rule(List.of("who", "谁在"), this::who),
          new Rule(List.of("dice", "骰子"), this::roll),
          new Rule(List.of("echo", "复读"), (question, rest) -> rest));

  /**
   * @param dice any thread
   */
  Rules(Clock clock, RandomGenerator dice) {
    this.clock = clock;
    this.dice = dice;
  }

  @Override
  public CompletionStage<String> answer(Question question) {
    return CompletableFuture.completedStage(answerNow(question));
  }

  private String answerNow(Question question) {
    for (Rule rule : rules) {
      for (String word : rule.words) {
        String rest = Words.after(word, question.text());
        if (rest != null) {
          return rule.answer.apply(question, rest);
        }
      }
    }
    return question.isChinese()
        ? "我会：帮助、时间、谁在、骰子 [面数]、复读 [话]"
        : "I know: help, time, who is here, dice [sides], echo [words]";
  }

  private String time(Question question, String rest) {
    return TIME.format(ZonedDateTime.now(clock));
  }

  private String who(Question question, String rest) {
    List<Member> members = question.members();
    boolean chinese = question.isChinese();
    String names =
        members.stream()
            .limit(SHOWN_MEMBERS)
            .map(Member::nickname)
            .collect(Collectors.joining(chinese ? "、" : ", "));
    String more = members.size() > SHOWN_MEMBERS ? " …" : "";
    return chinese
        ? members.size() + " 人在这里：" + names + more
        : members.size() + " here: " + names + more;
  }

  private String roll(Question question, String rest) {
    int sides = rest.matches("\\d{1,4}") ? Integer.parseInt(rest) : 6;
    sides = Math.max(2, Math.min(sides, MAX_SIDES));
    int rolled = dice.nextInt(1, sides + 1);
    String name = question.asker().nickname();
    return question.isChinese()
        ? name + " 掷出 " + rolled + "（1–" + sides + "）"
        : name + " rolls " + rolled + " (1–" + sides + ")";
  }
}
