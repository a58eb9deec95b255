package im.xpro.xnest.server.netty;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.server.testkit.TestedServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** An application's port of HTTP, with chat and blobs on it. */
final class NettyPort implements TestedServer.Running {
  private static final int LATE_MILLIS = 100;

  /**
   * The application: it echoes the body and the path, where there is a page, and else has none.
   * Where the page is late, others would have time to overtake it.
   */
  @Sharable
  private static final class Application extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      boolean isHere = request.uri().startsWith("/page");
      byte[] body = (request.uri() + " " + request.content().toString(UTF_8)).getBytes(UTF_8);
      DefaultFullHttpResponse answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              isHere ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND,
              Unpooled.wrappedBuffer(body));
      answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
      int delay = request.uri().startsWith("/page/late") ? LATE_MILLIS : 0;
      ctx.executor().schedule(() -> ctx.writeAndFlush(answer), delay, TimeUnit.MILLISECONDS);
    }
  }

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final NettyXnestHandler chat;
  private final Channel listening;

  /**
   * @param disk of the port's threads, those that read media
   */
  private NettyPort(TestedServer.Setup setup, UnaryOperator<Executor> disk)
      throws InterruptedException {
    Executor reads = disk.apply(threads);
    chat = NettyXnestHandler.on(setup.xnest(), setup.gateway());
    Application application = new Application();
    SSLContext tls = setup.tls();
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (tls != null) {
                      SSLEngine engine = tls.createSSLEngine();
                      engine.setUseClientMode(false);
                      channel.pipeline().addLast(new SslHandler(engine));
                    }
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            chat,
                            new NettyBlobHandler("/blobs", setup.blobs(), reads),
                            new HttpObjectAggregator(1 << 16),
                            application);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
  }

  static NettyPort serve(TestedServer.Setup setup) throws InterruptedException {
    return serve(setup, UnaryOperator.identity());
  }

  static NettyPort serve(TestedServer.Setup setup, UnaryOperator<Executor> disk)
      throws InterruptedException {
    return new NettyPort(setup, disk);
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Called again it does nothing. */
  @Override
  public void stop() throws InterruptedException {
    if (loops.isShuttingDown()) {
      return;
    }
    listening.close().sync();
    chat.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    threads.shutdown();
  }
}
