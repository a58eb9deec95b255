package im.xpro.xnest.server.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.server.Answer;
import im.xpro.xnest.server.Handshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Netty read of a request, as the gateway wants it. */
final class Requests {
  private Requests() {}

  static Handshake handshake(Channel channel, HttpRequest request) {
    InetSocketAddress remote =
        channel.remoteAddress() instanceof InetSocketAddress address ? address : null;
    boolean isSecure = channel.pipeline().get(SslHandler.class) != null;
    return new Handshake(
        request.method().name(), utf8(request.uri()), headers(request), remote, isSecure);
  }

  /** Its head, about, in bytes. */
  static int size(HttpRequest request) {
    int size = request.uri().length();
    for (Map.Entry<String, String> header : request.headers()) {
      size += header.getKey().length() + header.getValue().length();
    }
    return size;
  }

  /** Names in lower case, values in their order. */
  static Map<String, List<String>> headers(HttpRequest request) {
    Map<String, List<String>> headers = new HashMap<>();
    for (Map.Entry<String, String> header : request.headers()) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), none -> new ArrayList<>(1))
          .add(utf8(header.getValue()));
    }
    return headers;
  }

  /** Netty makes each byte a character. */
  private static String utf8(String bytes) {
    return new String(bytes.getBytes(ISO_8859_1), UTF_8);
  }

  /** Why {@code request} is not even one; null if it is. */
  static Answer.@Nullable Refused refusal(HttpRequest request) {
    if (request.decoderResult().cause() instanceof TooLongHttpHeaderException) {
      return new Answer.Refused(431, "the head of the handshake is too large", List.of());
    }
    if (request.decoderResult().isFailure()
        || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return new Answer.Refused(400, "this is no request of HTTP/1.1", List.of());
    }
    return null;
  }

  /** Whatever would take bytes for HTTP, or chat's silence for that of a request. */
  static void removeHttp(ChannelPipeline pipeline) {
    for (ChannelHandler each : List.copyOf(pipeline.toMap().values())) {
      if (isOfHttp(each)) {
        pipeline.remove(each);
      }
    }
  }

  private static boolean isOfHttp(ChannelHandler handler) {
    return isCodec(handler)
        || handler instanceof HttpObjectAggregator
        || handler instanceof HttpContentCompressor
        || handler instanceof InOrder
        || handler instanceof IdleStateHandler;
  }

  static boolean isCodec(ChannelHandler handler) {
    return handler instanceof HttpServerCodec
        || handler instanceof HttpRequestDecoder
        || handler instanceof HttpResponseEncoder;
  }
}
