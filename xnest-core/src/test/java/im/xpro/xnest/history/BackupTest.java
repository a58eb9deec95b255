package im.xpro.xnest.history;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Backup and restore as docs/storage.md describes them. */
@Timeout(120)
class BackupTest {
  @TempDir Path folder;
  final AtomicLong kept = new AtomicLong();
  final AtomicBoolean enough = new AtomicBoolean();

  @Test
  void copyThatIsMadeInAFloodHoldsAllBlobsThatItNames() throws Exception {
    SQLiteDataSource database = Databases.sqlite(folder);
    Path media = folder.resolve("blobs");
    CompletableFuture<Void> flood = flood(JdbcHistoryStore.on(database), blobs(media));
    Path copy = Files.createDirectory(folder.resolve("copy"));
    SQLiteDataSource copied = new SQLiteDataSource();
    copied.setUrl("jdbc:sqlite:" + copy.resolve("history.db") + "?journal_mode=WAL");

    long before;
    try (Connection heldByAPool = database.getConnection()) {
      assertThat(heldByAPool.isValid(10)).isTrue();
      before = awaitMore(flood, 300);
      Databases.execute(database, "VACUUM INTO '" + copy.resolve("history.db") + "'");
      copyTree(media.resolve("kept"), copy.resolve("blobs").resolve("kept"));
      awaitMore(flood, 100);
      enough.set(true);
      flood.join();
    }

    JdbcHistoryStore history = JdbcHistoryStore.on(copied);
    BlobStore blobs = blobs(copy.resolve("blobs"));
    long last = history.last(EveryDatabase.LOBBY);
    assertThat(last).isBetween(before, kept.get() - 100);
    List<HistoryEntry> entries =
        history.read(EveryDatabase.LOBBY, Long.MAX_VALUE, 1_000_000, Long.MAX_VALUE);
    assertThat(entries).isEqualTo(LongStream.rangeClosed(1, last).mapToObj(this::entry).toList());
    for (HistoryEntry entry : entries) {
      if (entry.message() instanceof Event.Shared picture) {
        assertThat(read(blobs, picture.blob())).isEqualTo(content(entry.number()));
      }
    }
    history.append(List.of(entry(last + 1)));
  }

  private static BlobStore blobs(Path folder) throws IOException {
    return FileBlobStore.in(folder, 1L << 30, null);
  }

  /** Until it is enough; every tenth is a picture. */
  private CompletableFuture<Void> flood(HistoryStore history, BlobStore blobs) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (long number = 1; !enough.get(); number++) {
              HistoryEntry entry = entry(number);
              if (entry.message() instanceof Event.Shared picture) {
                ByteBuffer content = ByteBuffer.wrap(content(number));
                blobs.put(entry.room(), picture.blob(), BlobKind.PICTURE, true, content);
              }
              history.append(List.of(entry));
              kept.set(number);
            }
          } catch (IOException failure) {
            throw new CompletionException(failure);
          }
        });
  }

  private HistoryEntry entry(long number) {
    if (number % 10 != 0) {
      return EveryDatabase.entry(number, "words " + number);
    }
    Event.Message picture = new Event.Shared(BlobKind.PICTURE, "picture-" + number);
    return new HistoryEntry(
        EveryDatabase.LOBBY, number, new MemberId("m1"), "Lin", picture, EveryDatabase.NOW);
  }

  private static byte[] content(long number) {
    byte[] content = new byte[5_000];
    Arrays.fill(content, (byte) (number / 10));
    return content;
  }

  private static byte[] read(BlobStore blobs, String id) throws IOException {
    Blob blob = blobs.get(EveryDatabase.LOBBY, id);
    assertThat(blob).as(id).isNotNull();
    try (InputStream in = blob.open(0)) {
      return in.readAllBytes();
    }
  }

  /** How many there are then. */
  private long awaitMore(CompletableFuture<Void> flood, int more) {
    long goal = kept.get() + more;
    while (kept.get() < goal) {
      assertThat(flood).isNotDone();
      Thread.onSpinWait();
    }
    return kept.get();
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Path copy = to.resolve(from.relativize(file));
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
