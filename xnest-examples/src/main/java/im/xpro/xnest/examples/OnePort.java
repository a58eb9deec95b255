package im.xpro.xnest.examples;

import im.xpro.xnest.Xnest;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.netty.NettyBlobHandler;
import im.xpro.xnest.server.netty.NettyXnestHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** Sockets, page and blobs on one port, with Netty; on Linux with its own transport. */
final class OnePort implements Front {
  /** Each answers a request, reads a piece of a blob or computes for TLS. */
  private static final int THREADS = 16;

  private static final int REQUEST_BYTES = 64 << 10;

  /** That a request's head may take, its body, and a connection without a request. */
  private static final int REQUEST_SECONDS = 10;

  /** Connections besides those of chat, and those that may become so. */
  private static final int HTTP_CONNECTIONS = 1_000;

  private final Tls.@Nullable Loaded tls;

  /** One for each processor: none of them ever waits, and rooms copy their words to each. */
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final AtomicInteger open = new AtomicInteger();
  private final Channel listening;
  private volatile Consumer<ChannelPipeline> site = pipeline -> {};

  /** Takes the port; who connects waits until something is served. */
  OnePort(InetAddress address, int port, Tls.@Nullable Loaded tls) throws IOException {
    this.tls = tls;
    Class<? extends ServerChannel> channel =
        Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(channel)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, 1_024)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    site.accept(accepted.pipeline());
                  }
                })
            .bind(new InetSocketAddress(address, port))
            .awaitUninterruptibly();
    listening = bound.channel();
    if (!bound.isSuccess()) {
      close();
      String why = bound.cause().getMessage();
      throw new IOException("cannot listen on port " + port + " (--port): " + why, bound.cause());
    }
  }

  @Override
  public int httpPort() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public int serve(
      Xnest xnest,
      Gateway gateway,
      BlobStore blobs,
      IntFunction<Map<String, Resource>> resources,
      Opened opened) {
    NettyXnestHandler chat = opened.add(NettyXnestHandler.on(xnest, gateway));
    Map<String, Resource> byPath = resources.apply(httpPort());
    int most = HTTP_CONNECTIONS + xnest.limits().pendingHandshakes();
    site =
        pipeline -> {
          pipeline.channel().closeFuture().addListener(closed -> open.decrementAndGet());
          if (open.incrementAndGet() - chat.connections() > most) {
            pipeline.channel().close();
            return;
          }
          if (tls != null) {
            pipeline.addLast(new SslHandler(engine(tls), false, threads));
          }
          pipeline.addLast(
              new HttpServerCodec(),
              chat,
              new Patience(),
              new NettyBlobHandler("/blobs/", blobs, threads),
              new HttpObjectAggregator(REQUEST_BYTES),
              new ResourceHandler(byPath, threads));
        };
    listening.config().setAutoRead(true);
    return httpPort();
  }

  private static SSLEngine engine(Tls.Loaded tls) {
    SSLEngine engine = tls.context().createSSLEngine();
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(Tls.PROTOCOLS);
    return engine;
  }

  /**
   * Cuts who is slow with a request or takes nothing of its answer. Behind the codec, it counts
   * whole heads, not bytes; a connection that chat takes over it leaves.
   */
  static final class Patience extends IdleStateHandler {
    private @Nullable Future<?> cut;

    Patience() {
      super(0, 0, REQUEST_SECONDS);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
      ctx.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (message instanceof HttpRequest) {
        cut = ctx.executor().schedule(() -> ctx.close(), REQUEST_SECONDS, TimeUnit.SECONDS);
      }
      if (message instanceof LastHttpContent) {
        forgive();
      }
      super.channelRead(ctx, message);
    }

    private void forgive() {
      if (cut != null) {
        cut.cancel(false);
      }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) throws Exception {
      forgive();
      super.handlerRemoved(ctx);
    }
  }

  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly();
    threads.shutdown();
  }
}
