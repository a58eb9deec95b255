package im.xpro.xnest.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.testkit.RawClient;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A pipeline that was for HTTP. */
class TakeOverTest {
  @Test
  void applicationsTimeoutsDoNotEndChat() {
    Admission slow = entry -> new CompletableFuture<>();
    try (Xnest xnest = Xnest.builder().admission(slow).build();
        NettyXnestHandler chat = NettyXnestHandler.on(xnest)) {
      EmbeddedChannel channel =
          new EmbeddedChannel(
              new ReadTimeoutHandler(1),
              new HttpServerCodec(),
              chat,
              new IdleStateHandler(0, 0, 1));
      channel.writeInbound(
          Unpooled.wrappedBuffer(RawClient.request("/xgate/websocket/lobby?nickname=Lin")));

      assertThat(chat.connections()).isEqualTo(1);
      assertThat(channel.pipeline().toMap().values())
          .singleElement()
          .isInstanceOf(Connection.class);

      channel.close();
      assertThat(chat.connections()).isZero();
    }
  }
}
