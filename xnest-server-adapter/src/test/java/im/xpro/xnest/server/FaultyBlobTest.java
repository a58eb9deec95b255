package im.xpro.xnest.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§4 blobs that cannot be read, readers that go away")
class FaultyBlobTest {
  /** Content that is an endless row of zeros, whatever its size, seen from open to close. */
  private static final class Zeros implements Blob {
    private final long size;
    private final long readable;
    private final AtomicInteger opened = new AtomicInteger();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

    Zeros(long size, long readable) {
      this.size = size;
      this.readable = readable;
    }

    @Override
    public BlobKind kind() {
      return BlobKind.FILE;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public InputStream open(long offset) throws IOException {
      opened.incrementAndGet();
      return new FilterInputStream(InputStream.nullInputStream()) {
        private long at = offset;

        @Override
        public int read(byte[] into, int from, int length) {
          int read = (int) Math.min(length, readable - at);
          at += read;
          return read <= 0 ? -1 : read;
        }

        @Override
        public void close() {
          closed.add("closed");
        }
      };
    }

    void awaitOpened(int streams) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (opened.get() < streams) {
        assertThat(System.nanoTime()).as("waited in vain").isLessThan(deadline);
        Thread.onSpinWait();
      }
    }

    void expectClosed(int streams) throws InterruptedException {
      for (int i = 0; i < streams; i++) {
        assertThat(closed.poll(30, TimeUnit.SECONDS)).isNotNull();
      }
      assertThat(closed).isEmpty();
    }

    void expectAllClosed() throws InterruptedException {
      expectClosed(opened.get());
    }
  }

  private interface Finding {
    Blob get() throws IOException;
  }

  private static BlobStore finding(Finding finding) {
    return new BlobStore() {
      @Override
      public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content) {}

      @Override
      public Blob get(RoomId room, String id) throws IOException {
        return finding.get();
      }

      @Override
      public void remove(RoomId room, String id) {}
    };
  }

  private static BlobsAtWork serving(Finding finding) throws IOException {
    return BlobsAtWork.start(finding(finding), "/media");
  }

  private static BlobsAtWork failing(Throwable failure) throws IOException {
    return serving(
        () -> {
          if (failure instanceof IOException io) {
            throw io;
          } else if (failure instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) failure;
        });
  }

  @Test
  void storeThatFailsIsA500() throws Exception {
    for (Throwable failure :
        new Throwable[] {
          new IOException("broken"),
          new IllegalStateException("broken"),
          new AssertionError("broken")
        }) {
      try (BlobsAtWork blobs = failing(failure)) {
        HttpResponse<byte[]> response = blobs.get("id");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("Cache-Control")).isEmpty();
      }
    }
  }

  @Test
  void blobThatEndsEarlyCutsTheConnectionInsteadOfEndingWell() throws Exception {
    Zeros broken = new Zeros(1_000_000, 500_000);
    try (BlobsAtWork blobs = serving(() -> broken)) {
      assertThatThrownBy(() -> blobs.get("id")).isInstanceOf(IOException.class);
    }
    broken.expectAllClosed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-", "bytes=5-9", "bytes=-1", "bytes=99-", "none"})
  void everyStreamIsClosed(String range) throws Exception {
    Zeros zeros = new Zeros(50, 50);
    try (BlobsAtWork blobs = serving(() -> zeros)) {
      blobs.get("id", "Range", range);
      blobs.get("id", "Range", range, "If-None-Match", "*");
      blobs.request("HEAD", "/media/lobby/id", "Range", range);
    }
    zeros.expectAllClosed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "..", "a%22b", "a%0d%0ab", "a%20b", "%61", "a;b", "a:b", "a~b"})
  void storeThatFindsAnythingIsAskedForNothingButIds(String noId) throws Exception {
    try (BlobsAtWork blobs = serving(() -> new Zeros(1, 1))) {
      assertThat(blobs.get("a_B-9").statusCode()).isEqualTo(200);
      assertThat(blobs.get(noId).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void readerThatGoesAwayLeavesNoStreamOpen() throws Exception {
    Zeros endless = new Zeros(Long.MAX_VALUE, Long.MAX_VALUE);
    try (BlobsAtWork blobs = serving(() -> endless)) {
      try (InputStream reader = blobs.uri("/media/lobby/id").toURL().openStream()) {
        assertThat(reader.readNBytes(100_000)).hasSize(100_000);
      }
      endless.expectAllClosed();
    }
  }

  // ---- slow readers ----

  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int NEVER = Integer.MAX_VALUE;

  private static BlobsAtWork serving(Zeros endless, SlowReaders readers, int threads)
      throws IOException {
    Zeros small = new Zeros(50_000, 50_000);
    return BlobsAtWork.start(
        new BlobStore() {
          @Override
          public void put(
              RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content) {}

          @Override
          public Blob get(RoomId room, String id) {
            return id.equals("endless") ? endless : small;
          }

          @Override
          public void remove(RoomId room, String id) {}
        },
        readers,
        threads);
  }

  /** Asks for a blob without end and does not read it. */
  private static Socket stopped(BlobsAtWork blobs) throws IOException {
    Socket reader = new Socket(InetAddress.getLoopbackAddress(), blobs.port());
    reader
        .getOutputStream()
        .write("GET /media/lobby/endless HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
    return reader;
  }

  @Test
  void readerThatStopsIsCutAndItsThreadIsAsGoodAsNew() throws Exception {
    Zeros endless = new Zeros(Long.MAX_VALUE, Long.MAX_VALUE);
    SlowReaders readers = new SlowReaders(LOOK, NEVER, 25, 0);
    try (BlobsAtWork blobs = serving(endless, readers, 1)) {
      for (int i = 0; i < 3; i++) {
        int before = endless.opened.get();
        Socket reader = stopped(blobs);
        endless.awaitOpened(before + 1);
        assertThat(blobs.get("small").body()).hasSize(50_000);
        reader.close();
      }
      endless.expectAllClosed();
    }
  }

  @Test
  void slowReadersOfOneAddressAreAFewAtMost() throws Exception {
    Zeros endless = new Zeros(Long.MAX_VALUE, Long.MAX_VALUE);
    SlowReaders readers = new SlowReaders(LOOK, 25, NEVER, 3);
    try (BlobsAtWork blobs = serving(endless, readers, 4)) {
      List<Socket> slow = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        slow.add(stopped(blobs));
      }

      assertThat(blobs.get("small").body()).hasSize(50_000);
      // four have looked at the type of what they get, one has ended
      endless.expectClosed(5);
      for (Socket reader : slow) {
        reader.close();
      }
      endless.expectClosed(3);
    }
  }
}
