package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import im.xpro.xnest.protocol.RoomId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariedEntryTest {
  private static final Entry LIN = Entry.of(new RoomId("lobby"), "Lin");

  @Test
  void parametersAddUp() {
    Entry entry = LIN.withParameter("t", "1").withParameter("t", "2").withParameter("T", "3");

    assertThat(entry.query()).isEqualTo(Map.of("t", List.of("1", "2"), "T", List.of("3")));
    assertThat(entry.parameter("t")).isEqualTo("1");
    assertThat(LIN.query()).isEmpty();
  }

  @Test
  void headersAddUpInAnyCase() {
    Entry entry = LIN.withHeader("X-Token", "1").withHeader("x-token", "2");

    assertThat(entry.headers()).isEqualTo(Map.of("x-token", List.of("1", "2")));
    assertThat(entry.header("X-TOKEN")).isEqualTo("1");
  }

  @Test
  void addressMayBeSetAndTakenBack() {
    InetSocketAddress address = InetSocketAddress.createUnresolved("192.0.2.1", 4711);

    assertThat(LIN.withRemote(address).remote()).isEqualTo(address);
    assertThat(LIN.withRemote(address).withRemote(null)).isEqualTo(LIN);
  }

  @Test
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> LIN.withParameter("t", null))
        .withMessage("value");
    assertThatNullPointerException()
        .isThrownBy(() -> LIN.withParameter(null, "1"))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> LIN.withHeader(null, "1"))
        .withMessage("name");
  }
}
