package im.xpro.xnest.examples.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class StormTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine storm =
      Storm.command().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--url http://localhost:8080/xgate/websocket",
        "--url ws://localhost/xgate/websocket",
        "--url ws://localhost:8080/xgate/websocket?a=b",
        "--seconds 0",
        "--rooms many",
        "--members 1",
        "--talk 1000",
        "--talk NaN",
        "--p99 -1",
        "--pid 1",
        "--gale"
      })
  void wrongOptionIsExplained(String options) {
    assertThat(storm.execute(options.split(" "))).isEqualTo(2);
    assertThat(err.toString().strip())
        .startsWith("storm: ")
        .contains(options.split("[ =]")[0], "--help")
        .hasLineCount(1);
  }

  @Test
  void helpTellsAllOptions() {
    assertThat(storm.execute("--help")).isZero();
    assertThat(out.toString()).contains("--url", "--seed", "--seconds", "--p99");
  }
}
