package im.xpro.xnest.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class AddressesTest {
  private final Addresses addresses = new Addresses(2);

  private boolean takes(String address) throws UnknownHostException {
    return addresses.take(InetAddress.getByName(address));
  }

  @Test
  void addressHasSoManyAndOthersTheirs() throws Exception {
    assertThat(takes("192.0.2.1") && takes("192.0.2.1")).isTrue();
    assertThat(takes("192.0.2.1")).isFalse();
    assertThat(takes("192.0.2.2")).isTrue();

    addresses.release(InetAddress.getByName("192.0.2.1"));
    assertThat(takes("192.0.2.1")).isTrue();
    assertThat(takes("192.0.2.1")).isFalse();
  }

  @Test
  void allOfANetworkOf64BitsIsOne() throws Exception {
    assertThat(takes("2001:db8:0:1::1") && takes("2001:db8:0:1:ffff::2")).isTrue();
    assertThat(takes("2001:db8:0:1::3")).isFalse();
    assertThat(takes("2001:db8:0:2::1")).isTrue();
  }

  @Test
  void whoHasGoneIsForgotten() throws Exception {
    takes("192.0.2.1");
    takes("2001:db8::1");
    assertThat(addresses.size()).isEqualTo(2);

    addresses.release(InetAddress.getByName("192.0.2.1"));
    addresses.release(InetAddress.getByName("2001:db8::2"));
    assertThat(addresses.size()).isZero();
  }

  @Test
  void byDefaultThereMayBeAnyNumber() throws Exception {
    Addresses any = new Addresses(0);
    for (int i = 0; i < 100; i++) {
      assertThat(any.take(InetAddress.getByName("192.0.2.1"))).isTrue();
    }
    assertThat(any.size()).isZero();
  }
}
