package im.xpro.xnest.server.netty;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.wire.Addresses;
import im.xpro.xnest.server.wire.Budget;
import im.xpro.xnest.server.wire.GoingAway;
import im.xpro.xnest.server.wire.Slowest;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Chat on a port that serves HTTP already: one for all connections of a server, in front of the
 * application's own handlers.
 *
 * <pre>{@code
 * NettyXnestHandler chat = NettyXnestHandler.on(xnest);
 * bootstrap.childHandler(new ChannelInitializer<SocketChannel>() {
 *   @Override
 *   protected void initChannel(SocketChannel channel) {
 *     channel.pipeline().addLast(new HttpServerCodec(), chat, theirHandler);
 *   }
 * });
 *
 * // and in the end
 * chat.close();
 * }</pre>
 *
 * <p>A request for a path that the {@link Gateway} serves takes its connection over, to its end:
 * Netty's codecs for HTTP and its {@link IdleStateHandler}s leave the pipeline, what else is in
 * front of this handler stays, such as TLS, what is behind it hears only of the end, and all of
 * {@link Limits} on connections and messages holds. All other requests pass on untouched; those
 * that a client sends ahead, this one's too, wait for the answers before. Until a request's head is
 * whole the connection is the application's: how long that may take, and how large it may be, its
 * pipeline decides.
 *
 * <p>Any thread.
 */
@Sharable
public final class NettyXnestHandler extends ChannelInboundHandlerAdapter implements AutoCloseable {
  /** Time for what those held who were cut to be counted out, by each loop's sweep. */
  private static final long RELIEF_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Xnest xnest;
  private final Gateway gateway;
  private final Budget unfinished;
  private final Budget outboxes;
  private final Addresses addresses;
  private final Set<Connection> all = ConcurrentHashMap.newKeySet();
  private final Map<EventExecutor, Loop> loops = new ConcurrentHashMap<>();
  private final AtomicBoolean relieving = new AtomicBoolean();
  private final ReentrantLock relief = new ReentrantLock();
  private volatile boolean closing;

  // ---- guarded by relief ----

  private final Slowest slowest = new Slowest();
  private long relievedAt = System.nanoTime() - RELIEF_NANOS;

  private NettyXnestHandler(Xnest xnest, Gateway gateway) {
    this.xnest = Objects.requireNonNull(xnest, "xnest");
    this.gateway = Objects.requireNonNull(gateway, "gateway");
    Limits limits = xnest.limits();
    long message = Math.max(limits.maxTextBytes(), limits.maxBinaryBytes());
    unfinished =
        new Budget(Math.max(limits.unfinishedBytes(), 2 * message), message, this::relieveSoon);
    long waiting = limits.allOutboxBytes();
    outboxes = new Budget(waiting, waiting / 4, () -> {});
    addresses = new Addresses(limits.connectionsPerAddress());
  }

  /** For {@code xnest}, with a gateway of the defaults. */
  public static NettyXnestHandler on(Xnest xnest) {
    return on(xnest, Gateway.of(xnest));
  }

  /**
   * @param gateway one for {@code xnest}
   */
  public static NettyXnestHandler on(Xnest xnest, Gateway gateway) {
    return new NettyXnestHandler(xnest, gateway);
  }

  Xnest xnest() {
    return xnest;
  }

  Gateway gateway() {
    return gateway;
  }

  Budget unfinished() {
    return unfinished;
  }

  /** What waits for all peers; the loops count it, and see to it that it is not too much. */
  Budget outboxes() {
    return outboxes;
  }

  boolean isClosing() {
    return closing;
  }

  /** How many connections are chat's now. */
  public int connections() {
    return all.size();
  }

  /** Called by Netty. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    InOrder.addTo(ctx.pipeline());
  }

  /** Called by Netty. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpRequest request) || !gateway.serves(request.uri())) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      // who has gone meanwhile ends nothing any more
      if (ctx.channel().isActive()) {
        takeOver(ctx, request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void takeOver(ChannelHandlerContext ctx, HttpRequest request) {
    InetAddress address =
        ctx.channel().remoteAddress() instanceof InetSocketAddress remote
            ? remote.getAddress()
            : null;
    String full = null;
    if (all.size() >= xnest.limits().connections()) {
      full = "there are too many connections";
    } else if (!addresses.take(address)) {
      full = "there are too many connections of this address";
    }
    ctx.channel().config().setAutoRead(false);
    Loop loop = loops.computeIfAbsent(ctx.executor(), own -> new Loop(this, own));
    Connection connection =
        new Connection(this, loop, ctx.channel(), full == null ? address : null);
    all.add(connection);
    loop.add(connection);
    ctx.pipeline().replace(this, null, connection);
    Requests.removeHttp(ctx.pipeline());
    connection.ask(request, full);
  }

  private void relieveSoon() {
    if (!relieving.getAndSet(true)) {
      GlobalEventExecutor.INSTANCE.execute(this::relieve);
    }
  }

  /** Any thread; whoever comes while another is at it leaves it to that one, or to the next. */
  void relieve() {
    relieving.set(false);
    if (!relief.tryLock()) {
      return;
    }
    try {
      unfinished.makeRoom(all.stream());
      long now = System.nanoTime();
      if (outboxes.over() > 0 && now - relievedAt > RELIEF_NANOS) {
        relievedAt = now;
        makeRoomForOutboxes();
      }
    } finally {
      relief.unlock();
    }
  }

  /** What waited for those who are cut is counted out later. */
  private void makeRoomForOutboxes() {
    AtomicLong over = new AtomicLong(outboxes.over());
    slowest.letGo(
        () -> over.get() > 0,
        all.stream(),
        Connection::waiting,
        connection -> {
          over.addAndGet(-connection.waiting());
          connection.cut();
        });
  }

  void remove(Connection connection) {
    if (all.remove(connection)) {
      addresses.release(connection.address());
    }
  }

  /**
   * Refuses handshakes with 503, lets all members go with a close frame of 1001, each once it has
   * heard what became of its words, gives peers {@link Limits#closeTime}, but 2 s at most, to end
   * their side, then cuts who is left. Call it before the event loops are shut down, and on none of
   * them. Called again it does nothing. The {@link Xnest} stays open, and so does the port.
   */
  @Override
  public synchronized void close() {
    if (closing) {
      return;
    }
    closing = true;
    GoingAway.of(all, xnest);
  }
}
