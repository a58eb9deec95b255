package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.ChatRoom;
import im.xpro.xnest.Participant;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.server.testkit.RawClient;
import im.xpro.xnest.server.testkit.RawClient.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§1, §5 kicked by the application, over sockets")
class KickedClientTest {
  private static MemberId idOf(ChatRoom room, String nickname) throws Exception {
    return room.participants().toCompletableFuture().get(30, TimeUnit.SECONDS).stream()
        .filter(one -> one.nickname().equals(nickname))
        .map(Participant::id)
        .findFirst()
        .orElseThrow();
  }

  private static String reason(Frame close) {
    return new String(close.payload(), 2, close.payload().length - 2, UTF_8);
  }

  private static Frame readClose(RawClient client) throws IOException {
    Frame frame = client.read();
    while (frame != null && frame.opcode() != 8) {
      frame = client.read();
    }
    assertThat(frame).isNotNull();
    return frame;
  }

  @Test
  void kickedClientReadsWhyAndIsRefusedWith403WhenItReturns() throws Exception {
    try (Served house = Served.with(Xnest.builder());
        RawClient ming = house.enter("lobby", "Ming");
        RawClient back = RawClient.connect(house.port());
        RawClient elsewhere = RawClient.connect(house.port())) {
      ChatRoom lobby = house.xnest.room("lobby");

      lobby.kick(idOf(lobby, "Ming"), "不要打广告", Duration.ofHours(1));

      Frame close = readClose(ming);
      assertThat(close.closeCode()).isEqualTo(1008);
      assertThat(reason(close)).isEqualTo("不要打广告");
      back.write(request("/xgate/websocket/lobby?nickname=Ming"));
      assertThat(back.readHead()).startsWith("HTTP/1.1 403 ");
      assertThat(back.readToEnd()).isEqualTo("不要打广告\n");
      elsewhere.write(request("/xgate/websocket/garden?nickname=Ming"));
      assertThat(elsewhere.readHead()).startsWith("HTTP/1.1 101 ");
    }
  }

  @Test
  void closedRoomEndsItsConnectionsWith1001AndOpensAgainForWhoComes() throws Exception {
    try (Served house = Served.with(Xnest.builder());
        RawClient ming = house.enter("lobby", "Ming")) {
      ChatRoom lobby = house.xnest.room("lobby");

      lobby.close("closing time").toCompletableFuture().get(30, TimeUnit.SECONDS);

      Frame close = readClose(ming);
      assertThat(close.closeCode()).isEqualTo(1001);
      assertThat(reason(close)).isEqualTo("closing time");
      house.enter("lobby", "Ming").close();
    }
  }
}
