package im.xpro.xnest.server.javawebsocket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Limits;
import im.xpro.xnest.server.javawebsocket.RequestHead.Progress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What is malformed is in {@link HandshakeTest}. */
class RequestHeadTest {
  private static final String REQUEST = "GET /xgate/websocket/lobby HTTP/1.1\r\n";

  private static Progress read(String head) {
    return new RequestHead(Limits.defaults()).read(ByteBuffer.wrap(head.getBytes(US_ASCII)));
  }

  private static String ofBytes(int size) {
    int rest = size - REQUEST.length() - "X: \r\n\r\n".length();
    return REQUEST + "X: " + "x".repeat(rest) + "\r\n\r\n";
  }

  @Test
  void headOf16KibibytesIsReadAndOneByteMoreIsTooMuch() {
    assertThat(read(ofBytes(16 << 10))).isEqualTo(Progress.WHOLE);
    assertThat(read(ofBytes((16 << 10) + 1))).isEqualTo(Progress.TOO_LARGE);
  }

  @Test
  void headOf100LinesIsReadAndOneMoreIsTooMany() {
    assertThat(read(REQUEST + "X: x\r\n".repeat(99) + "\r\n")).isEqualTo(Progress.WHOLE);
    assertThat(read(REQUEST + "X: x\r\n".repeat(100) + "\r\n")).isEqualTo(Progress.TOO_LARGE);
  }

  @Test
  void headIsTooLargeAsSoonAsItIsThoughNoLineEnds() {
    assertThat(read("x".repeat(16 << 10))).isEqualTo(Progress.UNFINISHED);
    assertThat(read("x".repeat((16 << 10) + 1))).isEqualTo(Progress.TOO_LARGE);
  }
}
