package im.xpro.xnest.robot;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("the robot's rules")
class RulesTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2015-04-08T04:02:06Z"), ZoneId.of("Asia/Shanghai"));

  private final Brain rules = new Rules(NOON, new Random(4));

  private static List<Member> members(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Member(new MemberId("m" + i), "n" + i))
        .toList();
  }

  private String answer(String text, List<Member> members) {
    return rules
        .answer(new Question(text, members.get(0), members))
        .toCompletableFuture()
        .getNow("nothing yet");
  }

  private String answer(String text) {
    return answer(text, members(2));
  }

  @ParameterizedTest
  @CsvSource({
    "time, 2015-04-08 12:02:06 (Asia/Shanghai)",
    "TIME please, 2015-04-08 12:02:06 (Asia/Shanghai)",
    "几点了？, 2015-04-08 12:02:06 (Asia/Shanghai)",
    "时间, 2015-04-08 12:02:06 (Asia/Shanghai)",
    "who is here?, '2 here: n1, n2'",
    "谁在？, 2 人在这里：n1、n2",
    "echo  a  b, a  b",
    "echo: @robot echo x, @robot echo x",
    "复读你好, 你好",
    "'echo', ''",
  })
  void knowsTheAnswer(String question, String answer) {
    assertThat(answer(question)).isEqualTo(answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "", "?", "whose", "timer", "what is love"})
  void helpsInEnglish(String question) {
    assertThat(answer(question))
        .isEqualTo("I know: help, time, who is here, dice [sides], echo [words]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"帮助", "你好"})
  void helpsInChinese(String question) {
    assertThat(answer(question)).isEqualTo("我会：帮助、时间、谁在、骰子 [面数]、复读 [话]");
  }

  @ParameterizedTest
  @CsvSource({
    "dice, 6",
    "骰子, 6",
    "dice 2, 2",
    "骰子20, 20",
    "dice 1000, 1000",
    "dice 1001, 1000",
    "dice 0, 2",
    "dice 99999, 6",
    "dice -3, 6",
    "dice x, 6"
  })
  void diceFallOnEverySideAndNoOther(String question, int sides) {
    List<Integer> rolls =
        IntStream.range(0, 20_000)
            .mapToObj(i -> answer(question).replaceAll("\\D*n1 \\D*(\\d+)\\D.*", "$1"))
            .map(Integer::valueOf)
            .distinct()
            .sorted()
            .toList();

    assertThat(rolls).containsExactlyElementsOf(IntStream.rangeClosed(1, sides).boxed().toList());
  }

  @Test
  void rollTellsWhoRolledWhat() {
    assertThat(answer("dice")).matches("n1 rolls [1-6] \\(1–6\\)");
    assertThat(answer("骰子")).matches("n1 掷出 [1-6]（1–6）");
  }

  @Test
  void manyMembersAreCountedAndTwentyNamed() {
    assertThat(answer("who", members(20))).startsWith("20 here: n1, ").endsWith(", n20");
    assertThat(answer("who", members(5_000))).startsWith("5000 here: ").endsWith(", n20 …");
  }
}
