package im.xpro.xnest.server.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a client sends ahead. */
class InOrderTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

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
  void channelReadsInTheEndAsItDidBefore(boolean byItself) {
    channel.config().setAutoRead(byItself);
    sends(GET + GET);
    assertThat(channel.config().isAutoRead()).isFalse();
    answer(HttpResponseStatus.OK);
    assertThat(channel.config().isAutoRead()).isEqualTo(byItself);
  }

  @Test
  void whoSendsTooMuchAheadIsCut() {
    sends(GET.repeat(200));
    assertThat(channel.isOpen()).isTrue();
    sends(GET.repeat(200));
    assertThat(channel.isOpen()).isFalse();
  }
}
