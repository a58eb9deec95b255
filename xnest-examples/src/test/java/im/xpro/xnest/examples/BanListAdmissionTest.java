package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Grant;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BanListAdmissionTest {
  /** Stands for a real login, such as {@link JwtAdmission}. */
  private static final Admission LOGIN =
      Admission.of(
          entry ->
              Decision.accept(
                  entry.with(Grant.plain().withIdentity("user:" + entry.parameter("user")))));

  @TempDir Path folder;

  private BanListAdmission list(String... lines) throws IOException {
    return BanListAdmission.read(
        Files.writeString(folder.resolve("bans"), String.join("\n", lines)));
  }

  @Test
  void bannedIdentityIsRefusedAndOthersEnter() throws Exception {
    try (Door door = new Door(LOGIN.and(list("# spam", "", "identity user:42")));
        SocketGuest ming = door.enter("lobby?nickname=Ming&user=1")) {
      assertThat(door.refusal("lobby?user=42")).isEqualTo("403 you are banned");
      assertThat(door.seen(ming).grant().identity()).isEqualTo("user:1");
    }
  }

  @Test
  void bannedAddressIsRefused() throws Exception {
    try (Door door = new Door(list("address 127.0.0.1"))) {
      assertThat(door.refusal("lobby")).isEqualTo("403 you are banned");
    }
  }

  @Test
  void otherAddressesEnter() throws Exception {
    try (Door door = new Door(list("address 192.0.2.1", "address 2001:db8::1"));
        SocketGuest lin = door.enter("lobby?nickname=Lin")) {
      assertThat(lin.nickname()).isEqualTo("Lin");
    }
  }

  @Test
  void addressMayBeWrittenInAnyWay() throws Exception {
    assertThat(list("address 2001:DB8:0::1", "address ::ffff:192.0.2.1").addresses())
        .containsExactlyInAnyOrder(
            InetAddress.getByName("2001:db8::1"), InetAddress.getByName("192.0.2.1"));
  }

  @Test
  void listMayBeChangedMeanwhile() throws Exception {
    BanListAdmission bans = list();
    try (Door door = new Door(LOGIN.and(bans))) {
      door.enter("lobby?nickname=Lin&user=42").close();

      bans.identities().add("user:42");
      assertThat(door.refusal("lobby?user=42")).isEqualTo("403 you are banned");

      bans.identities().remove("user:42");
      door.enter("lobby?nickname=Lin&user=42").close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"user:42", "address", "address example.com", "identity", "Identity a"})
  void lineThatCannotBeReadIsNamed(String line) {
    assertThatThrownBy(() -> list("identity user:1", line))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bans, line 2: ");
  }
}
