package im.xpro.xnest.server.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.server.testkit.TestedServer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Media on Netty whose disk does not do what it is asked to. */
class DiskTest {
  private static final RoomId LOBBY = new RoomId("lobby");

  /** Counts what is open of what it reads. */
  private record Counting(BlobStore blobs, AtomicInteger opened, AtomicInteger open)
      implements BlobStore {
    @Override
    public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
        throws IOException {
      blobs.put(room, id, kind, isKept, content);
    }

    @Override
    public @Nullable Blob get(RoomId room, String id) throws IOException {
      Blob blob = blobs.get(room, id);
      return blob == null ? null : new Counted(blob, this);
    }

    @Override
    public void remove(RoomId room, String id) throws IOException {
      blobs.remove(room, id);
    }
  }

  private record Counted(Blob blob, Counting counts) implements Blob {
    @Override
    public BlobKind kind() {
      return blob.kind();
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public InputStream open(long offset) throws IOException {
      counts.opened.incrementAndGet();
      counts.open.incrementAndGet();
      return new FilterInputStream(blob.open(offset)) {
        @Override
        public void close() throws IOException {
          counts.open.decrementAndGet();
          super.close();
        }
      };
    }
  }

  /** Gives to {@code threads} as many tasks as it is told, then does {@code then}. */
  private record Failing(Executor threads, AtomicInteger left, Executor then) implements Executor {
    @Override
    public void execute(Runnable task) {
      (left.getAndDecrement() > 0 ? threads : then).execute(task);
    }
  }

  private final Xnest xnest = Xnest.builder().build();
  private final Counting blobs =
      new Counting(BlobStore.inMemory(), new AtomicInteger(), new AtomicInteger());
  private @Nullable NettyPort port;

  private RawClient askOf(int takes, Executor then) throws Exception {
    blobs.put(LOBBY, "large", BlobKind.FILE, true, ByteBuffer.allocate(1 << 20));
    NettyPort serving =
        NettyPort.serve(
            new TestedServer.Setup(xnest, Gateway.of(xnest), blobs, null),
            threads -> new Failing(threads, new AtomicInteger(takes), then));
    port = serving;
    RawClient client = RawClient.connect(serving.port());
    client.write("GET /blobs/lobby/large HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
    return client;
  }

  @AfterEach
  void end() throws Exception {
    if (port != null) {
      port.stop();
    }
    xnest.close();
  }

  @Test
  void clientIsToldThatTheDiskIsBusyAndMayAskAgain() throws Exception {
    try (RawClient client = askOf(0, DiskTest::refuse)) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
      client.write("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void blobIsClosedWhereTheDiskRefusesTheRest(int takes) throws Exception {
    try (RawClient client = askOf(takes, DiskTest::refuse)) {
      assertThat(client.readToEnd()).hasSizeLessThan(1 << 20);
    }
    isClosed();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void blobIsClosedWithTheConnectionWhereTheDiskForgetsTheRest(int takes) throws Exception {
    CountDownLatch forgets = new CountDownLatch(1);
    RawClient client = askOf(takes, forgotten -> forgets.countDown());
    assertThat(forgets.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(blobs.open).hasValue(1);
    client.close();
    isClosed();
  }

  private void isClosed() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (blobs.open.get() > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(blobs.open).hasValue(0);
    assertThat(blobs.opened).hasPositiveValue();
  }

  private static void refuse(Runnable task) {
    throw new RejectedExecutionException("busy");
  }
}
