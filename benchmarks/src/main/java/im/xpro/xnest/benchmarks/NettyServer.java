package im.xpro.xnest.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Rooms as somebody writes them who knows Netty well: a frame is made once and shared, each event
 * loop writes to its own members, and flushes once for all that waited. No history, no limits.
 */
final class NettyServer {
  private final Map<String, Map<EventLoop, Shard>> rooms = new ConcurrentHashMap<>();

  private NettyServer() {}

  public static void main(String[] args) {
    new NettyServer().start();
  }

  private void start() {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Channel channel =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), io))
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Pipeline())
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
    int port = ((InetSocketAddress) channel.localAddress()).getPort();
    System.out.println("listening on ws://127.0.0.1:" + port + "/");
  }

  private final class Pipeline extends ChannelInitializer<Channel> {
    private final WebSocketServerProtocolConfig config =
        WebSocketServerProtocolConfig.newBuilder().websocketPath("/").checkStartsWith(true).build();

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(),
              new HttpObjectAggregator(8192),
              new WebSocketServerProtocolHandler(config),
              new Member());
    }
  }

  private final class Member extends SimpleChannelInboundHandler<WebSocketFrame> {
    private @Nullable String room;

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete done) {
        room = done.requestUri();
        rooms
            .computeIfAbsent(room, name -> new ConcurrentHashMap<>())
            .computeIfAbsent(context.channel().eventLoop(), Shard::new)
            .members
            .add(context.channel());
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      if (frame instanceof TextWebSocketFrame said && room != null) {
        String from = "<0." + context.channel().id().asShortText() + ".0>";
        ByteBuf bytes = framed(Said.json(from, room, said.text()));
        rooms.get(room).values().forEach(shard -> shard.add(bytes.retainedDuplicate()));
        bytes.release();
      }
    }

    /** A connection that was reset. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (room != null) {
        rooms.get(room).get(context.channel().eventLoop()).members.remove(context.channel());
      }
    }
  }

  /** A room's members on one event loop. */
  private static final class Shard implements Runnable {
    private final EventLoop loop;

    /** Touched by the loop alone. */
    final List<Channel> members = new ArrayList<>();

    private final Queue<ByteBuf> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    Shard(EventLoop loop) {
      this.loop = loop;
    }

    void add(ByteBuf frame) {
      waiting.add(frame);
      if (scheduled.compareAndSet(false, true)) {
        loop.execute(this);
      }
    }

    @Override
    public void run() {
      scheduled.set(false);
      List<ByteBuf> frames = new ArrayList<>();
      for (ByteBuf frame = waiting.poll(); frame != null; frame = waiting.poll()) {
        frames.add(frame);
      }
      for (Channel member : members) {
        frames.forEach(frame -> member.write(frame.retainedDuplicate(), member.voidPromise()));
        member.flush();
      }
      frames.forEach(ByteBuf::release);
    }
  }

  /** Header and text in one buffer (RFC 6455 section 5.2). */
  private static ByteBuf framed(String text) {
    int length = ByteBufUtil.utf8Bytes(text);
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(4 + length).writeByte(0x81);
    if (length < 126) {
      bytes.writeByte(length);
    } else {
      bytes.writeByte(126).writeShort(length);
    }
    ByteBufUtil.writeUtf8(bytes, text);
    return bytes;
  }
}
