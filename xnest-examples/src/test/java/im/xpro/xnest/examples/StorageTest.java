package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class StorageTest {
  @TempDir Path folder;

  @Command
  static final class Server {
    @Mixin Storage storage;
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void dataFolderMayHaveAnyName() throws IOException {
    Path data = folder.resolve("50% of #1, wär's das?a=b&c+%20");
    Server server = new Server();
    new CommandLine(server).parseArgs("--data", data.toString());

    try (Opened opened = new Opened()) {
      assertThat(server.storage.open(opened).promise()).contains("survives a killed process");

      assertThat(data.resolve("history.db")).exists();
      assertThat(data.resolve("history.db-wal")).as("the journal of WAL").exists();
    }
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).as("nothing beside the folder").containsExactly(data);
    }
  }
}
