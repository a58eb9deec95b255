package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/**
 * A disk without space, and with space again. SQLite may be limited to a number of pages anywhere;
 * for files nothing but a small disk will do, which only some users may mount.
 */
class FullDiskTest {
  static final RoomId LOBBY = new RoomId("lobby");

  /** More than the longest pause between two attempts. */
  static final Duration LONG = Duration.ofSeconds(12);

  @TempDir Path folder;
  boolean mounted;

  /** Of 1 MiB, as Linux gives it to root. */
  Path smallDisk() throws Exception {
    mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString());
    assumeTrue(mounted, "a small disk cannot be mounted by this user");
    return folder;
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(succeeds("umount", folder.toString())).isTrue();
    }
  }

  static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException thereIsNoSuchCommand) {
      return false;
    }
  }

  static void fill(Path file, int bytes) throws IOException {
    Files.write(file, new byte[bytes]);
  }

  // ---- history ----

  interface Action {
    void run() throws Exception;
  }

  @Test
  void fullDatabaseIsToldToSendersAndServiceReturnsWithSpace() throws Exception {
    SQLiteDataSource database = Databases.sqlite(folder);
    JdbcHistoryStore store = JdbcHistoryStore.on(database);
    database.getConfig().setMaxPageCount(100);

    assertThatServiceReturns(store, () -> database.getConfig().setMaxPageCount(10_000));
  }

  @Test
  void fullDiskIsToldToSendersAndServiceReturnsWithSpace() throws Exception {
    Path disk = smallDisk();
    fill(disk.resolve("filler"), 500_000);
    JdbcHistoryStore store = JdbcHistoryStore.on(Databases.sqlite(disk));

    assertThatServiceReturns(store, () -> Files.delete(disk.resolve("filler")));
  }

  /** Talks until there is an error, and again when there is space. */
  static void assertThatServiceReturns(JdbcHistoryStore store, Action makeSpace) throws Exception {
    RoomKit kit = RoomKit.create(builder -> builder.history(store));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    List<String> told = new ArrayList<>();
    int said = 0;
    while (said < 200 && told.isEmpty()) {
      ming.types(said++ + " words ".repeat(1_000));
      kit.clock().turn(LONG);
      Heard.by(ming).stream().filter(word -> word.startsWith("error")).forEach(told::add);
    }
    assertThat(told).hasSize(1);
    assertThat(lin.hearsAll()).hasSize(said - 1);

    makeSpace.run();
    kit.clock().turn(LONG);
    ming.types("there is space again");

    assertThat(Heard.by(ming)).endsWith("m1: there is space again");
    List<String> kept =
        store.read(LOBBY, Long.MAX_VALUE, 1_000, Long.MAX_VALUE).stream().map(Heard::text).toList();
    assertThat(Heard.messages(kit.enter("lobby", "Wei").hearsAll()))
        .endsWith(kept.get(kept.size() - 1));
    assertThat(kept).doesNotHaveDuplicates().hasSizeBetween(said, said + 1);
    assertThat(store.last(LOBBY)).isEqualTo(kept.size());
  }

  // ---- media ----

  @Test
  void fileThatDoesNotFitIsToldToItsSenderAndLeavesNothing() throws Exception {
    Path disk = smallDisk();
    FileBlobStore blobs = FileBlobStore.in(disk.resolve("blobs"), 1L << 30, null);
    RoomKit kit = RoomKit.create(builder -> builder.blobs(blobs));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    byte[] picture = new byte[600_000];
    Arrays.fill(picture, (byte) 2);
    fill(disk.resolve("filler"), 600_000);

    ming.sends(picture);

    assertThat(Heard.by(ming)).containsExactly("error the media could not be stored");
    lin.hearsNothing();
    assertThat(filesBelow(disk.resolve("blobs"))).isEmpty();

    Files.delete(disk.resolve("filler"));
    ming.sends(picture);

    assertThat(Heard.by(lin)).containsExactly("m1: b2");
    Blob blob = blobs.get(LOBBY, "b2");
    assertThat(blob).isNotNull();
    try (InputStream content = blob.open(0)) {
      assertThat(content.readAllBytes()).hasSize(picture.length - 1).containsOnly(2);
    }
  }

  static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
