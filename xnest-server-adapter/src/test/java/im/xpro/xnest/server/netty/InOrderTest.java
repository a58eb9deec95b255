package im.xpro.xnest.server.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a client sends ahead. */
class InOrderTest {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private static final String LAST =
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  private final EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());

  @BeforeEach
  void add() {
    InOrder.addTo(channel.pipeline());
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void sends(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, UTF_8));
  }

  private static FullHttpResponse ok() {
    FullHttpResponse answer =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    HttpUtil.setContentLength(answer, 0);
    return answer;
  }

  private void answer(HttpResponseStatus status) {
    channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
  }

  private long passed() {
    return channel.inboundMessages().stream().filter(HttpRequest.class::isInstance).count();
  }

  @Test
  void interimAnswerLetsNothingPass() {
    sends(GET + GET + GET);
    assertThat(passed()).isEqualTo(1);
    answer(HttpResponseStatus.CONTINUE);
    assertThat(passed()).isEqualTo(1);
    answer(HttpResponseStatus.OK);
    assertThat(passed()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void applicationsAutoReadIsItsOwn(boolean byItself) {
    sends(GET + GET);
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.config().setAutoRead(byItself);
    answer(HttpResponseStatus.OK);
    assertThat(channel.config().isAutoRead()).isEqualTo(byItself);
  }

  @Test
  void readThatIsWantedMeanwhileIsMadeInTheEnd() {
    AtomicInteger reads = new AtomicInteger();
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads.incrementAndGet();
                ctx.read();
              }
            });
    channel.config().setAutoRead(false);
    sends(GET + GET + GET);
    channel.read();
    channel.read();
    answer(HttpResponseStatus.OK);
    assertThat(reads).hasValue(0);
    answer(HttpResponseStatus.OK);
    assertThat(reads).hasValue(1);
    channel.read();
    assertThat(reads).hasValue(2);
  }

  @Test
  void requestToCloseIsTheLastThatPasses() {
    sends(LAST + GET);
    answer(HttpResponseStatus.OK);
    sends(GET);
    assertThat(passed()).isEqualTo(1);
  }

  @Test
  void nothingPassesAfterAnAnswerToClose() {
    sends("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nhe");
    FullHttpResponse answer = ok();
    HttpUtil.setKeepAlive(answer, false);
    channel.writeOutbound(answer);
    sends("re" + GET);
    assertThat(passed()).isEqualTo(1);
    assertThat(channel.inboundMessages().stream().filter(LastHttpContent.class::isInstance))
        .hasSize(1);
  }

  @Test
  void whoSendsTooMuchAheadIsCut() {
    sends(GET.repeat(200));
    assertThat(channel.isOpen()).isTrue();
    sends(GET.repeat(200));
    assertThat(channel.isOpen()).isFalse();
  }

  /** Says of which path each request was, after some time where it is late. */
  private static final class Application extends ChannelInboundHandlerAdapter {
    private static final int LATE_MILLIS = 300;

    private String path = "";

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof HttpRequest request) {
        path = request.uri();
      }
      if (message instanceof LastHttpContent) {
        FullHttpResponse answer = ok();
        answer.headers().set("path", path);
        int delay = path.equals("/late") ? LATE_MILLIS : 0;
        ctx.executor().schedule(() -> ctx.writeAndFlush(answer), delay, TimeUnit.MILLISECONDS);
      }
      ReferenceCountUtil.release(message);
    }
  }

  private interface Talk {
    void over(OutputStream out, BufferedReader in) throws IOException;
  }

  @SuppressWarnings("deprecation") // applications do it still
  private static void talk(EventExecutorGroup applications, Talk talk) throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (Socket socket = new Socket()) {
      Channel listening =
          new ServerBootstrap()
              .group(loops)
              .channel(NioServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      channel.pipeline().addLast(new HttpServerCodec());
                      InOrder.addTo(channel.pipeline());
                      channel.pipeline().addLast(applications, null, new Application());
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .sync()
              .channel();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(listening.localAddress());
      talk.over(
          socket.getOutputStream(),
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)));
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static String path(BufferedReader in) throws IOException {
    String path = null;
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      if (line.startsWith("path: ")) {
        path = line.substring(6);
      }
    }
    return path;
  }

  private static byte[] get(int number) {
    return GET.replace("/ ", "/" + number + " ").getBytes(UTF_8);
  }

  @Test
  void applicationWithThreadsOfItsOwnIsAskedInOrder() throws Exception {
    int ahead = 50;
    EventExecutorGroup applications = new DefaultEventExecutorGroup(1);
    try {
      talk(
          applications,
          (out, in) -> {
            for (int i = 0; i < ahead; i++) {
              out.write(get(i));
            }
            for (int i = 0; i < 10_000; i++) {
              assertThat(path(in)).isEqualTo("/" + i);
              out.write(get(i + ahead));
            }
          });
    } finally {
      applications.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void largeBodyThatIsSentAheadIsNotReadAhead() throws Exception {
    byte[] body = new byte[64 << 20];
    String late = GET.replace("/ ", "/late ");
    String post =
        "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n";
    talk(
        null,
        (out, in) -> {
          out.write((late + post).getBytes(UTF_8));
          out.write(body);
          assertThat(path(in)).isEqualTo("/late");
          assertThat(path(in)).isEqualTo("/body");
        });
  }
}
