package im.xpro.xnest.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class InMemoryBlobsTest {
  static final RoomId A = new RoomId("a");
  static final RoomId B = new RoomId("b");

  final BlobStore blobs = new InMemoryBlobs(10_000);

  static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size);
  }

  @Test
  void blobComesBackFromAnyOffset() throws IOException {
    ByteBuffer content = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}).position(1).limit(4);

    blobs.put(A, "id", BlobKind.AUDIO, content);

    Blob blob = blobs.get(A, "id");
    assertThat(blob).isNotNull();
    assertThat(blob.kind()).isEqualTo(BlobKind.AUDIO);
    assertThat(blob.size()).isEqualTo(3);
    assertThat(blob.open(0).readAllBytes()).containsExactly(1, 2, 3);
    assertThat(blob.open(2).readAllBytes()).containsExactly(3);
    assertThat(blob.open(3).readAllBytes()).isEmpty();
    assertThat(content.remaining()).isEqualTo(3);
  }

  @Test
  void blobIsItsOwnCopy() throws IOException {
    byte[] shared = {1, 2, 3};
    blobs.put(A, "id", BlobKind.FILE, ByteBuffer.wrap(shared));

    shared[0] = 9;

    assertThat(blobs.get(A, "id").open(0).readAllBytes()).containsExactly(1, 2, 3);
  }

  @Test
  void blobIsFoundUnderItsOwnRoomAndIdOnly() throws IOException {
    blobs.put(A, "id", BlobKind.FILE, bytes(1));

    assertThat(blobs.get(B, "id")).isNull();
    assertThat(blobs.get(A, "../id")).isNull();
    assertThat(blobs.get(A, "")).isNull();
  }

  @Test
  void removedBlobIsGoneAndItsSpaceIsFree() throws IOException {
    blobs.put(A, "old", BlobKind.FILE, bytes(5_000));
    blobs.put(A, "large", BlobKind.FILE, bytes(4_000));

    blobs.remove(A, "large");
    blobs.remove(A, "large");
    blobs.put(A, "next", BlobKind.FILE, bytes(4_000));

    assertThat(blobs.get(A, "large")).isNull();
    assertThat(blobs.get(A, "old")).isNotNull();
    assertThat(blobs.get(A, "next")).isNotNull();
  }

  @Test
  void oldestAreForgottenForWhatIsNew() throws IOException {
    for (int i = 0; i < 5; i++) {
      blobs.put(A, "blob" + i, BlobKind.FILE, bytes(3_000));
    }

    assertThat(blobs.get(A, "blob1")).isNull();
    assertThat(blobs.get(A, "blob2")).isNotNull();
    assertThat(blobs.get(A, "blob4")).isNotNull();
  }

  @Test
  void blobLargerThanAllIsRefusedAndNothingIsForgottenForIt() throws IOException {
    blobs.put(A, "old", BlobKind.FILE, bytes(1));

    assertThatThrownBy(() -> blobs.put(A, "huge", BlobKind.FILE, bytes(10_000)))
        .isInstanceOf(IOException.class)
        .hasMessage("a blob of 10000 bytes is larger than all of 10000");

    assertThat(blobs.get(A, "old")).isNotNull();
  }

  @Test
  void manyTinyBlobsAreBoundedToo() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      blobs.put(A, "blob" + i, BlobKind.FILE, bytes(1));
    }

    int kept = 0;
    for (int i = 0; i < 1_000; i++) {
      kept += blobs.get(A, "blob" + i) == null ? 0 : 1;
    }
    assertThat(kept).isBetween(20, 50);
  }

  @Test
  void blobThatIsPutAgainTakesItsSpaceOnce() throws IOException {
    blobs.put(A, "old", BlobKind.FILE, bytes(1));

    for (int i = 0; i < 1_000; i++) {
      blobs.put(A, "again", BlobKind.FILE, bytes(5_000));
    }

    assertThat(blobs.get(A, "old")).isNotNull();
    assertThat(blobs.get(A, "again")).isNotNull();
  }
}
