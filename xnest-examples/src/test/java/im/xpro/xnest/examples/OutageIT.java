package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import im.xpro.xnest.examples.ServerJar.Running;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The machine gives out or stands still, and comes back: the server goes on without help. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class OutageIT {
  private static final Duration BACK = Duration.ofSeconds(30);

  @TempDir Path data;
  final ServerJar jar = new ServerJar();
  final List<Socket> crowd = new ArrayList<>();

  @AfterEach
  void endProcesses() throws IOException {
    for (Socket one : crowd) {
      one.close();
    }
    jar.close();
  }

  private static URI room(Running server, String nickname) {
    return server.sockets().resolve("lobby?nickname=" + nickname);
  }

  private static int pageStatus(Running server) throws Exception {
    HttpRequest page = HttpRequest.newBuilder(server.page()).timeout(BACK).build();
    return HttpClient.newHttpClient().send(page, BodyHandlers.discarding()).statusCode();
  }

  private static void command(String... words) throws Exception {
    Process process = new ProcessBuilder(words).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  // ---- out of descriptors ----

  /**
   * Connects to the page until the sockets' port is closed: the library closes it when it cannot
   * accept.
   */
  private void takeAllDescriptors(Running server) throws IOException {
    InetSocketAddress page = new InetSocketAddress("127.0.0.1", server.page().getPort());
    while (isTaken(server)) {
      for (int i = 0; i < 20; i++) {
        Socket one = new Socket();
        crowd.add(one);
        try {
          one.connect(page, 200);
        } catch (SocketTimeoutException full) {
          break;
        }
      }
    }
  }

  @Test
  void serverWithoutDescriptorsServesAgainOnceItHasSome() throws Exception {
    jar.launcher = List.of("bash", "-c", "ulimit -n 120; exec \"$@\"", "xnest");
    Running server = jar.start("--in-memory");
    Listening ming = new Listening(room(server, "ming"));

    takeAllDescriptors(server);
    ming.says("still here").get(BACK.toSeconds(), TimeUnit.SECONDS);
    ming.hears(1);
    for (Socket one : crowd) {
      one.close();
    }
    long end = System.nanoTime() + BACK.toNanos();

    while (!isTaken(server)) {
      assertThat(System.nanoTime()).as("time to come back").isLessThan(end);
    }
    Listening lin = entersBefore(end, room(server, "lin"));
    lin.says("back again").get(BACK.toSeconds(), TimeUnit.SECONDS);
    ming.hears(2);
    assertThat(pageStatus(server)).isEqualTo(200);
  }

  /** The server may close the port once more: of the crowd it still has some to accept. */
  private static Listening entersBefore(long end, URI room) throws Exception {
    while (true) {
      try {
        return new Listening(room);
      } catch (ExecutionException refused) {
        if (System.nanoTime() > end) {
          throw refused;
        }
      }
    }
  }

  private static boolean isTaken(Running server) {
    try (Socket one = new Socket()) {
      one.connect(new InetSocketAddress("127.0.0.1", server.sockets().getPort()), 1_000);
      one.setSoTimeout(200);
      return one.getInputStream().read() >= 0;
    } catch (SocketTimeoutException waitsForAHandshake) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  // ---- frozen ----

  @Test
  void processThatWasFrozenHasItsMembersAndWhatTheySaidMeanwhile() throws Exception {
    Running server = jar.start("--in-memory");
    Listening ming = new Listening(room(server, "ming"));
    Listening lin = new Listening(room(server, "lin"));
    String pid = Long.toString(server.process().pid());

    command("kill", "-STOP", pid);
    ming.says("are you there?");
    lin.says("no");
    assertThat(server.process().waitFor(2, TimeUnit.SECONDS)).isFalse();
    command("kill", "-CONT", pid);

    ming.hears(2);
    lin.hears(2);
    assertThat(ming.heard()).containsExactlyInAnyOrder("are you there?", "no");
    assertThat(lin.heard()).isEqualTo(ming.heard());
    ming.says("yes");
    lin.hears(3);
    assertThat(ming.closeCode).isNotDone();
  }

  // ---- no space on disk ----

  @Test
  void serverWithoutSpaceTellsSendersAndGoesOnAndKeepsAgainOnceThereIsSome() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")));
    Running server = jar.start("--data", data.toString());
    String pid = Long.toString(server.process().pid());
    Listening ming = new Listening(room(server, "ming"));
    Listening lin = new Listening(room(server, "lin"));
    ming.says("kept").get();
    lin.hears(1);

    command("prlimit", "--pid", pid, "--fsize=100:unlimited");
    ming.shares(new byte[10_000]).get();
    assertThat(ming.error()).isEqualTo("the media could not be stored");
    ming.says("waits for space").get();
    Listening wei = new Listening(URI.create(room(server, "wei") + "&is_store_history=false"));
    wei.says("not for the disk").get();
    lin.hears(2);
    assertThat(lin.heard()).containsExactly("kept", "not for the disk");
    assertThat(pageStatus(server)).isEqualTo(200);
    command("prlimit", "--pid", pid, "--fsize=unlimited:unlimited");

    lin.hears(3);
    ming.says("kept again").get();
    ming.shares(new byte[10_000]).get();
    lin.hears(5);
    assertThat(new Listening(room(server, "later")).wholePast())
        .hasSize(4)
        .startsWith("kept", "waits for space", "kept again");
  }
}
