package im.xpro.xnest.server;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.server.testkit.Deviation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The table of docs/servers.md, checked from what the contract was run with. */
public final class ServersPage {
  private ServersPage() {}

  /** Fails unless the page has the line of this server, and what each "no" of the table means. */
  public static void says(String server, Set<Deviation> deviations) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("..", "docs", "servers.md"));
    String head =
        Arrays.stream(Deviation.values())
            .map(Deviation::ability)
            .collect(Collectors.joining(" | ", "| server | ", " |"));
    assertThat(lines).contains(head, Deviation.row(server, deviations));
    for (Deviation one : Deviation.values()) {
      assertThat(lines).contains("- " + one.ability() + ": if not, " + one.instead());
    }
  }
}
