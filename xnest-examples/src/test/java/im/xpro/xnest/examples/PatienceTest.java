package im.xpro.xnest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is slow with HTTP, on Netty. */
class PatienceTest {
  private static final int STEPS = 11;

  private final EmbeddedChannel channel =
      new EmbeddedChannel(new HttpServerCodec(), new OnePort.Patience());

  private void sends(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, UTF_8));
  }

  private void waits(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void headThatDripsIsCut() {
    channel.freezeTime();
    for (int i = 0; i < STEPS && channel.isOpen(); i++) {
      sends("G");
      waits(1);
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void bodyThatDripsIsCut() {
    channel.freezeTime();
    sends("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < STEPS && channel.isOpen(); i++) {
      sends("x");
      waits(1);
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void connectionThatIsUsedStays() {
    channel.freezeTime();
    for (int i = 0; i < STEPS; i++) {
      sends("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      waits(1);
    }
    assertThat(channel.isOpen()).isTrue();
    channel.close();
  }
}
