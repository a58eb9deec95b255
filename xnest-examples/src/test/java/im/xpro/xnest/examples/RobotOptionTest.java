package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class RobotOptionTest {
  private final ChatServer server = new CommandLine(new ChatServer()).getCommand();

  @Test
  void robotKnowsItsRulesUnlessTheEnvironmentNamesAService() {
    assertThat(server.brain(Map.of("XNEST_ROBOT_MODEL", "small")))
        .isNotInstanceOf(ChatCompletionsBrain.class);
    assertThat(
            server.brain(
                Map.of("XNEST_ROBOT_URL", "http://localhost:1/v1", "XNEST_ROBOT_MODEL", "small")))
        .isInstanceOf(ChatCompletionsBrain.class);
  }

  @ParameterizedTest
  @CsvSource({
    "http://x/, , needs XNEST_ROBOT_MODEL",
    "ftp://x/, small, cannot be used",
    "http, small, cannot be used",
    "'http://x y/', small, cannot be used",
  })
  void serviceThatCannotBeUsedIsExplained(String url, String model, String why) {
    Map<String, String> environment =
        model == null
            ? Map.of("XNEST_ROBOT_URL", url)
            : Map.of("XNEST_ROBOT_URL", url, "XNEST_ROBOT_MODEL", model);

    assertThatThrownBy(() -> server.brain(environment))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining(why);
  }
}
