package im.xpro.xnest.examples;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves resources with Netty, one at a time, as chat in front of it sees to. */
final class ResourceHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(ResourceHandler.class);

  private final Map<String, Resource> byPath;
  private final Executor threads;

  /**
   * @param byPath the one of / answers for all that are not there
   * @param threads resources may block them
   */
  ResourceHandler(Map<String, Resource> byPath, Executor threads) {
    this.byPath = byPath;
    this.threads = threads;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      send(ctx, Resource.Reply.of(400), false, false);
      return;
    }
    boolean keepsAlive = HttpUtil.isKeepAlive(request);
    String method = request.method().name();
    String uri = request.uri();
    HttpHeaders headers = request.headers();
    InetAddress peer = ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress();
    threads.execute(
        () -> send(ctx, answer(method, uri, headers, peer), keepsAlive, method.equals("HEAD")));
  }

  private static void send(
      ChannelHandlerContext ctx, Resource.Reply reply, boolean keepsAlive, boolean isHead) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(reply.body()));
    reply.headers().forEach(response.headers()::set);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, reply.body().length);
    HttpUtil.setKeepAlive(response, keepsAlive);
    ctx.writeAndFlush(response)
        .addListener(
            done -> {
              if (!keepsAlive || !done.isSuccess()) {
                ctx.close();
              }
            });
  }

  private Resource.Reply answer(String method, String uri, HttpHeaders headers, InetAddress peer) {
    try {
      String path = new QueryStringDecoder(uri).path();
      Resource resource = byPath.getOrDefault(path, byPath.get("/"));
      return Objects.requireNonNull(resource)
          .answer(new Resource.Ask(method, path, headers::get, peer));
    } catch (IllegalArgumentException badEncoding) {
      return Resource.Reply.of(400);
    } catch (IOException | RuntimeException failure) {
      log.error("{} failed", uri, failure);
      return Resource.Reply.of(500);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("a connection broke", cause);
    ctx.close();
  }
}
