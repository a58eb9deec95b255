package im.xpro.xnest.examples.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A small storm on the jar as users run it, which starts the server with a heap of 256 MiB. */
@Timeout(180)
class StormIT {
  private record Ended(int exitCode, String said) {}

  private static Ended storm(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", Path.of("target", "xnest-server.jar").toString()));
    command.add(Storm.class.getName());
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(said).isTrue();
      return new Ended(process.exitValue(), said);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void nothingIsLostInASmallStorm() throws Exception {
    // without --p99: how long things take is not tested on a machine that does other things too
    Ended ended =
        storm("--seconds", "6", "--rooms", "3", "--members", "8", "--talk", "2", "--p99", "0");

    assertThat(ended.exitCode).as(ended.said).isZero();
    assertThat(ended.said)
        .containsPattern("storm of 6 s on ws://127.0.0.1:\\d+/xgate/websocket/, --seed \\d+")
        .containsPattern("(?m)^ +6 s  people \\d+  messages ")
        .containsPattern("[1-9]\\d* reset")
        .contains("nothing is broken");
  }

  @Test
  void serverThatIsNotThereIsSaidToBeSo() throws Exception {
    Ended ended = storm("--url", "ws://127.0.0.1:1/xgate/websocket", "--seconds", "3");

    assertThat(ended.exitCode).isEqualTo(1);
    assertThat(ended.said).contains("CLOCK  does not get in: java.net.ConnectException");
  }
}
