package im.xpro.xnest.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.FakeClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class InMemoryBlobsTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final FakeClock clock = FakeClock.at(Instant.parse("2015-04-08T14:02:06Z"));
  final InMemoryBlobs store = new InMemoryBlobs(10_000, clock);

  void put(String id, boolean isKept, int size) throws IOException {
    store.put(LOBBY, id, BlobKind.FILE, isKept, ByteBuffer.wrap(new byte[size]));
  }

  @Test
  void oldestGoFirstBeyondTheLimit() throws IOException {
    put("a", true, 4_000);
    put("b", true, 4_000);

    put("c", true, 4_000);

    assertThat(store.get(LOBBY, "a")).isNull();
    assertThat(store.get(LOBBY, "b")).isNotNull();
    assertThat(store.get(LOBBY, "c")).isNotNull();
  }

  @Test
  void blobLargerThanTheLimitIsRefusedAndDrivesNothingOut() throws IOException {
    put("a", true, 1_000);

    assertThatIOException().isThrownBy(() -> put("b", true, 10_000));

    assertThat(store.get(LOBBY, "a")).isNotNull();
  }

  @Test
  void blobPutAgainCountsOnce() throws IOException {
    put("a", true, 4_000);

    for (int i = 0; i < 10; i++) {
      put("b", true, 4_000);
    }

    assertThat(store.get(LOBBY, "a")).isNotNull();
  }

  @Test
  void smallBlobsAreBoundedInNumberToo() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      put("b" + i, true, 1);
    }

    assertThat(store.get(LOBBY, "b900")).isNull();
    assertThat(store.get(LOBBY, "b999")).isNotNull();
  }

  @Test
  void unkeptBlobLivesAnHour() throws IOException {
    put("passing", false, 10);
    put("kept", true, 10);

    clock.turn(Duration.ofMinutes(59));
    store.tidy();
    assertThat(store.get(LOBBY, "passing")).isNotNull();

    clock.turn(Duration.ofMinutes(2));
    store.tidy();
    assertThat(store.get(LOBBY, "passing")).isNull();
    assertThat(store.get(LOBBY, "kept")).isNotNull();
  }
}
