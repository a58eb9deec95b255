package im.xpro.xnest.server.testkit;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.XnestListener;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.Gateway;
import java.io.IOException;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A house on a running server, and its clients. */
final class Served {
  /** Nicknames, as they went. */
  final Queue<String> left = new ConcurrentLinkedQueue<>();

  final Queue<String> letGo = new ConcurrentLinkedQueue<>();
  final Xnest xnest;
  final TestedServer.Running server;
  private final boolean fragments;
  private final @Nullable SSLContext tls;
  private boolean stopped;
  private final Queue<RawClient> clients = new ConcurrentLinkedQueue<>();

  Served(
      TestedServer kind,
      Xnest.Builder house,
      Function<Xnest, Gateway> gateway,
      @Nullable SSLContext tls)
      throws Exception {
    this.fragments = kind.deviations().contains(Deviation.FRAGMENTS);
    this.tls = tls;
    BlobStore blobs = BlobStore.inMemory();
    xnest =
        house
            .blobs(blobs)
            .blobBase(URI.create("http://localhost/blobs/"))
            .listener(
                new XnestListener() {
                  @Override
                  public void left(RoomId room, Member member) {
                    left.add(member.nickname());
                  }

                  @Override
                  public void letGo(RoomId room, Member member) {
                    letGo.add(member.nickname());
                  }
                })
            .build();
    try {
      server = kind.start(new TestedServer.Setup(xnest, gateway.apply(xnest), blobs, tls));
    } catch (Throwable failure) {
      xnest.close();
      throw failure;
    }
  }

  /** Connects, and says nothing but what TLS needs. */
  RawClient connect() throws IOException {
    return connect(0);
  }

  /**
   * @param receiveBuffer bytes that the kernel takes for a client that does not read
   */
  RawClient connect(int receiveBuffer) throws IOException {
    RawClient client =
        tls == null
            ? RawClient.connect(server.port(), receiveBuffer)
            : RawClient.connect(server.port(), receiveBuffer, tls);
    clients.add(client);
    if (fragments) {
      client.takeFragments();
    }
    return client;
  }

  /** Enters a room and reads the welcome, to its own join. */
  RawClient enter(String room, String nickname) throws IOException {
    return enter(connect(), room, nickname);
  }

  /** The same over a connection that is there already. */
  RawClient enter(RawClient client, String room, String nickname) throws IOException {
    client.shakeHands(room + "?nickname=" + nickname);
    client.hears("join", nickname);
    return client;
  }

  /** Waits for the leave of one of this nickname. */
  void awaitLeave(String nickname) {
    Expect.soon("the leave of " + nickname, () -> left.contains(nickname));
  }

  /** Stops the server. Called again it does nothing. */
  void stop() throws Exception {
    if (!stopped) {
      stopped = true;
      server.stop();
    }
  }

  /** Ends clients, server and house. Called again it does nothing. */
  void end() throws Exception {
    for (RawClient client = clients.poll(); client != null; client = clients.poll()) {
      client.close();
    }
    try {
      stop();
    } finally {
      xnest.close();
    }
  }
}
