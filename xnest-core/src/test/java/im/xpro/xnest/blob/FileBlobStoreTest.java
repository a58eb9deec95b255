package im.xpro.xnest.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.FakeClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final int BLOCK = 4_096;

  @TempDir Path folder;
  final FakeClock clock = FakeClock.at(Instant.parse("2015-04-08T14:02:06Z"));

  /** By how much the store's clock is wrong. */
  Duration ahead = Duration.ZERO;

  FileBlobStore open(long maxBytes, @Nullable Duration maxAge) throws IOException {
    return FileBlobStore.in(folder, maxBytes, maxAge, () -> clock.instant().plus(ahead));
  }

  FileBlobStore open() throws IOException {
    return open(1 << 20, null);
  }

  /** Each a second after the one before. */
  void put(BlobStore store, String id, boolean isKept, int size) throws IOException {
    store.put(LOBBY, id, BlobKind.FILE, isKept, ByteBuffer.wrap(new byte[size]));
    clock.turn(Duration.ofSeconds(1));
  }

  static List<String> found(BlobStore store, String... ids) throws IOException {
    return Stream.of(ids)
        .filter(
            id -> {
              try {
                return store.get(LOBBY, id) != null;
              } catch (IOException failure) {
                throw new AssertionError(failure);
              }
            })
        .toList();
  }

  List<Path> files(String shelf) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(shelf))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void halfWrittenFilesAreRemovedAtStart() throws IOException {
    open();
    Files.write(folder.resolve("incoming/half"), new byte[100]);

    BlobStore store = open();

    assertThat(files("incoming")).isEmpty();
    assertThat(store.get(LOBBY, "half")).isNull();
  }

  @Test
  void nothingIsLeftAsideOnceABlobIsStored() throws IOException {
    BlobStore store = open();

    put(store, "a", true, 10);

    assertThat(files("incoming")).isEmpty();
  }

  @Test
  void oldestGoFirstBeyondTheQuota() throws IOException {
    BlobStore store = open(3 * BLOCK, null);

    put(store, "a", true, 10);
    put(store, "b", true, 10);
    put(store, "c", true, 10);
    put(store, "d", true, BLOCK + 1);

    assertThat(found(store, "a", "b", "c", "d")).containsExactly("c", "d");
  }

  @Test
  void oldestGoFirstWhetherTheyAreKeptOrPassing() throws IOException {
    BlobStore store = open(3 * BLOCK, null);

    put(store, "a", true, 10);
    put(store, "b", false, 10);
    put(store, "c", true, 10);
    put(store, "d", false, 10);
    assertThat(found(store, "a", "b", "c", "d")).containsExactly("b", "c", "d");
    put(store, "e", false, 10);

    assertThat(found(store, "b", "c", "d", "e")).containsExactly("c", "d", "e");
  }

  @Test
  void blobLargerThanTheQuotaIsRefusedAndDrivesNothingOut() throws IOException {
    BlobStore store = open(2 * BLOCK, null);
    put(store, "a", true, 10);

    assertThatIOException()
        .isThrownBy(() -> put(store, "b", true, 2 * BLOCK))
        .withMessageContaining("larger than all of 8192");

    assertThat(found(store, "a", "b")).containsExactly("a");
  }

  @Test
  void removedBlobsMakeSpace() throws IOException {
    BlobStore store = open(2 * BLOCK, null);
    put(store, "a", true, 10);
    put(store, "b", true, 10);

    store.remove(LOBBY, "b");
    put(store, "c", true, 10);

    assertThat(found(store, "a", "c")).containsExactly("a", "c");
  }

  @Test
  void blobPutAgainCountsOnce() throws IOException {
    BlobStore store = open(2 * BLOCK, null);
    put(store, "a", true, 10);

    for (int i = 0; i < 10; i++) {
      put(store, "b", true, 10 + i);
    }

    assertThat(found(store, "a", "b")).containsExactly("a", "b");
    assertThat(store.get(LOBBY, "b").size()).isEqualTo(19);
  }

  @Test
  void stockIsCountedAtStart() throws IOException {
    BlobStore before = open(3 * BLOCK, null);
    put(before, "a", true, 10);
    put(before, "b", false, 10);
    put(before, "c", true, 10);

    BlobStore store = open(3 * BLOCK, null);
    assertThat(found(store, "a", "b", "c")).containsExactly("a", "b", "c");
    put(store, "d", true, 10);

    assertThat(found(store, "a", "b", "c", "d")).containsExactly("b", "c", "d");
  }

  @Test
  void lowerQuotaIsReachedByHousekeeping() throws IOException {
    BlobStore before = open();
    for (int i = 0; i < 120; i++) {
      put(before, "b" + i, true, 10);
    }

    BlobStore store = open(2 * BLOCK, null);
    assertThat(store.tidy()).as("more to do after the first step").isTrue();
    assertThat(store.tidy()).as("more to do after the second step").isFalse();

    assertThat(files("kept")).hasSize(2);
    assertThat(found(store, "b0", "b117", "b118", "b119")).containsExactly("b118", "b119");
  }

  @Test
  void unkeptBlobLivesAnHour() throws IOException {
    BlobStore store = open();
    put(store, "passing", false, 10);
    put(store, "kept", true, 10);

    clock.turn(Duration.ofMinutes(59));
    store.tidy();
    assertThat(found(store, "passing", "kept")).containsExactly("passing", "kept");

    clock.turn(Duration.ofMinutes(1));
    store.tidy();
    assertThat(found(store, "passing", "kept")).containsExactly("kept");
  }

  @Test
  void hourOfAnUnkeptBlobGoesOnOverARestart() throws IOException {
    put(open(), "passing", false, 10);
    clock.turn(Duration.ofMinutes(50));

    BlobStore store = open();
    clock.turn(Duration.ofMinutes(9));
    store.tidy();
    assertThat(found(store, "passing")).containsExactly("passing");

    clock.turn(Duration.ofMinutes(1));
    store.tidy();
    assertThat(found(store, "passing")).isEmpty();
  }

  @Test
  void blobGoesAtItsAge() throws IOException {
    BlobStore store = open(1 << 20, Duration.ofDays(7));
    put(store, "a", true, 10);
    clock.turn(Duration.ofDays(3));
    put(store, "b", true, 10);

    clock.turn(Duration.ofDays(4));
    store.tidy();

    assertThat(found(store, "a", "b")).containsExactly("b");
  }

  @Test
  void blobFromTheFutureAgesFromNowAndHoldsUpNoOther() throws IOException {
    BlobStore store = open(1 << 20, Duration.ofDays(7));
    ahead = Duration.ofDays(1_000);
    put(store, "future", true, 10);
    ahead = Duration.ZERO;
    put(store, "a", true, 10);
    store.tidy();

    clock.turn(Duration.ofDays(7).plusSeconds(1));
    store.tidy();

    assertThat(found(store, "future", "a")).isEmpty();
  }

  @Test
  void blobFromTheFutureAgesFromTheStartOn() throws IOException {
    ahead = Duration.ofDays(1_000);
    put(open(), "future", true, 10);
    ahead = Duration.ZERO;
    open();
    clock.turn(Duration.ofDays(4));

    BlobStore store = open(1 << 20, Duration.ofDays(7));
    store.tidy();
    assertThat(found(store, "future")).containsExactly("future");

    clock.turn(Duration.ofDays(4));
    store.tidy();
    assertThat(found(store, "future")).isEmpty();
  }

  @Test
  void folderOfWhatIsBeingWrittenComesBackIfItIsDeleted() throws IOException {
    BlobStore store = open();
    Files.delete(folder.resolve("incoming"));

    put(store, "a", true, 10);

    assertThat(found(store, "a")).containsExactly("a");
  }

  @Test
  void blobWithoutAgeLimitStays() throws IOException {
    BlobStore store = open();
    put(store, "a", true, 10);

    clock.turn(Duration.ofDays(100_000));
    store.tidy();

    assertThat(found(store, "a")).containsExactly("a");
  }

  @Test
  void emptyFolderOfARoomGoesWithItsLastBlob() throws IOException {
    BlobStore store = open();
    put(store, "a", true, 10);
    put(store, "b", true, 10);
    Path room = files("kept").get(0).getParent();

    store.remove(LOBBY, "a");
    assertThat(room).exists();
    store.remove(LOBBY, "b");
    assertThat(room).doesNotExist();
    put(store, "c", true, 10);

    assertThat(found(store, "c")).containsExactly("c");
  }

  @Test
  void damagedFileIsAnErrorNotGarbage() throws IOException {
    BlobStore store = open();
    put(store, "a", true, 1_000);
    Path file = files("kept").get(0);
    byte[] whole = Files.readAllBytes(file);

    for (int length : new int[] {0, 1, 15, 16, 500, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertDamaged(store, "cut to " + length);
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertDamaged(store, "longer");
    for (int at : new int[] {0, 3, 4, 5, 8, 15, 16, 500, whole.length - 1}) {
      for (int value : new int[] {0x7f, 0xff}) {
        byte[] garbled = whole.clone();
        garbled[at] = (byte) value;
        Files.write(file, garbled);
        assertDamaged(store, "with " + value + " at byte " + at);
      }
    }

    byte[] otherKind = whole.clone();
    otherKind[4] = (byte) BlobKind.AUDIO.ordinal();
    Files.write(file, otherKind);
    assertDamaged(store, "of another kind");

    Files.write(file, whole);
    assertThat(found(store, "a")).containsExactly("a");
  }

  static void assertDamaged(BlobStore store, String how) {
    assertThatIOException()
        .as(how)
        .isThrownBy(() -> store.get(LOBBY, "a"))
        .withMessageContaining("damaged");
  }

  @Test
  void fileCutAfterItWasFoundIsAnErrorToo() throws IOException {
    BlobStore store = open();
    put(store, "a", true, 1_000);
    Blob blob = store.get(LOBBY, "a");

    Files.write(files("kept").get(0), new byte[100]);

    assertThatIOException().isThrownBy(() -> blob.open(0)).withMessageContaining("damaged");
  }

  @Test
  void damagedFileCanBeRemoved() throws IOException {
    BlobStore store = open();
    put(store, "a", true, 1_000);
    Files.write(files("kept").get(0), new byte[5]);

    BlobStore again = open();
    again.remove(LOBBY, "a");

    assertThat(again.get(LOBBY, "a")).isNull();
  }

  @Test
  void unsafeIdIsNotStored() throws IOException {
    BlobStore store = open();

    for (String id : List.of("", ".", "..", "../x", "a/b", "a\0", "a b", "é", "x".repeat(129))) {
      assertThatIOException()
          .as(id)
          .isThrownBy(() -> put(store, id, true, 10))
          .withMessageContaining("no safe name");
    }

    assertThat(files("")).isEmpty();
  }

  @Test
  void blobThatCannotBeWrittenIsAnErrorAndLeavesNothing() throws IOException {
    BlobStore store = open(2 * BLOCK, null);
    put(store, "a", true, 10);
    Files.delete(folder.resolve("incoming"));
    Files.writeString(folder.resolve("incoming"), "in the way");

    assertThatIOException().isThrownBy(() -> put(store, "b", true, 10));

    assertThat(found(store, "a", "b")).containsExactly("a");
    Files.delete(folder.resolve("incoming"));
    Files.createDirectory(folder.resolve("incoming"));
    put(store, "b", true, 10);
    assertThat(found(store, "a", "b")).containsExactly("a", "b");
  }

  @Test
  void blobThatCannotBePlacedIsAnErrorAndLeavesNothing() throws IOException {
    BlobStore store = open(2 * BLOCK, null);
    put(store, "a", true, 10);
    store.remove(LOBBY, "a");
    Files.move(folder.resolve("kept"), folder.resolve("away"));
    Files.writeString(folder.resolve("kept"), "in the way");

    assertThatIOException().isThrownBy(() -> put(store, "b", true, 10));

    assertThat(files("incoming")).isEmpty();
    Files.delete(folder.resolve("kept"));
    put(store, "c", true, 10);
    put(store, "d", true, 10);
    assertThat(found(store, "b", "c", "d")).containsExactly("c", "d");
  }

  @Test
  void contentStandsBehindAHeaderAsItWasSent() throws IOException {
    BlobStore store = open();

    store.put(LOBBY, "a", BlobKind.PICTURE, true, ByteBuffer.wrap(new byte[] {1, 2, 3}));

    assertThat(Files.readAllBytes(files("kept").get(0)))
        .startsWith('x', 'n', 'B', '2', 1, 0, 0, 0, 0, 0, 0, 3)
        .hasSize(16 + 3)
        .endsWith(1, 2, 3);
    try (InputStream content = store.get(LOBBY, "a").open(1)) {
      assertThat(content.readAllBytes()).containsExactly(2, 3);
    }
  }

  @Test
  void folderThatCannotBeMadeIsAClearError() throws IOException {
    Files.writeString(folder.resolve("file"), "in the way");

    assertThatIOException()
        .isThrownBy(() -> FileBlobStore.in(folder.resolve("file"), 1 << 20, null))
        .withMessageContaining("file");
  }
}
