package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.examples.ServerJar.Running;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar with {@code --jdbc-url}, on a real PostgreSQL that asks for a password. */
@Timeout(120)
class PostgresServerIT {
  private static final String PASSWORD = "open sesame";

  @TempDir static Path rules;
  static EmbeddedPostgres database;
  static String url;

  @TempDir Path data;
  final ServerJar jar = new ServerJar();

  @BeforeAll
  static void startDatabase() throws Exception {
    Path hosts = rules.resolve("pg_hba.conf");
    Files.writeString(hosts, "host all postgres all trust\nhost all all all scram-sha-256\n");
    database =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofMinutes(1))
            .setServerConfig("hba_file", hosts.toString())
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("fsync", "on")
            .start();
    try (Connection connection = database.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE USER chat PASSWORD '" + PASSWORD + "'");
      statement.execute("CREATE DATABASE chat OWNER chat");
    }
    url = "jdbc:postgresql://localhost:" + database.getPort() + "/chat?loggerLevel=OFF";
  }

  @AfterAll
  static void endDatabase() throws Exception {
    database.close();
  }

  @AfterEach
  void endProcesses() {
    jar.close();
  }

  @Test
  void historyIsThereAfterARestartAndTheLoginComesFromEnvironmentOrFile() throws Exception {
    jar.environment.put("XNEST_JDBC_USER", "chat");
    jar.environment.put("XNEST_JDBC_PASSWORD", PASSWORD);
    Running first = jar.start("--data", data.toString(), "--jdbc-url", url);
    try (SocketGuest ming = new SocketGuest(first.sockets(), "lobby", "小明")) {
      ming.says("大家好");
      ming.says("kept by PostgreSQL");
    }
    first.process().destroyForcibly().waitFor();

    jar.environment.clear();
    Path login = Files.writeString(data.resolve("login"), "user=chat\npassword=" + PASSWORD + "\n");
    Running second =
        jar.start("--data", data.toString(), "--jdbc-url", url, "--jdbc-login", login.toString());

    List<String> past = new Listening(second.sockets().resolve("lobby?nickname=Lin")).wholePast();
    assertThat(past).containsExactly("大家好", "kept by PostgreSQL");
    assertThat(data.resolve("history.db")).doesNotExist();
    for (Running each : List.of(first, second)) {
      assertThat(each.promise())
          .isEqualTo(
              "History in "
                  + url
                  + " survives a killed process and a power cut; media in "
                  + data.resolve("blobs")
                  + " for 7 days.");
    }
  }
}
