package im.xpro.xnest.server.javawebsocket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionsTest {
  @ParameterizedTest
  @CsvSource({"64, 16", "180, 45", "182, 45", "190, 52", "1024, 719", "12625, 10000"})
  void connectionsLeaveDescriptorsForTheRestOfTheProcess(long descriptors, long connections) {
    assertThat(Connections.connectionsWith(descriptors)).isEqualTo(connections);
  }
}
