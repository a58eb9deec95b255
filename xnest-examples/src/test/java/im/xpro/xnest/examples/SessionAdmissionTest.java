package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Grant;
import im.xpro.xnest.examples.SessionAdmission.User;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionAdmissionTest {
  private static final String SITE = "https://www.example.com";

  private final Map<String, User> sessions = new ConcurrentHashMap<>();
  private Door door;

  @BeforeEach
  void open() throws IOException {
    sessions.put("s-1", new User("user:1", "小明", false));
    sessions.put("s-2", new User("user:2", "Lin", true));
    door = new Door(new SessionAdmission("SESSION", sessions::get, Set.of(SITE)));
  }

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void whoIsLoggedInEntersUnderTheNameOfTheAccount() throws Exception {
    try (SocketGuest ming =
        door.enter("lobby?nickname=Lin", "Cookie", "a=b; SESSION=s-1", "Origin", SITE)) {
      assertThat(ming.nickname()).isEqualTo("小明");
      assertThat(door.seen(ming).grant())
          .isEqualTo(Grant.plain().withIdentity("user:1").withMayRename(false));
      assertThat(ming.asksToBe("Lin", "error")).isEqualTo("you may not change your name here");
    }
  }

  @Test
  void moderatorIsKnownAsOne() throws Exception {
    try (SocketGuest lin = door.enter("lobby", "Cookie", "SESSION=s-2", "Origin", SITE)) {
      assertThat(door.seen(lin).grant().attributes()).isEqualTo(Map.of("role", "moderator"));
    }
  }

  @Test
  void whoIsNotLoggedInIsRefused() throws IOException {
    assertThat(door.refusal("lobby")).isEqualTo("401 log in first");
    assertThat(door.refusal("lobby", "Cookie", "SESSION=")).isEqualTo("401 log in first");
    assertThat(door.refusal("lobby", "Cookie", "SESSION=s-3")).isEqualTo("401 log in first");
    assertThat(door.refusal("lobby?SESSION=s-1")).isEqualTo("401 log in first");
  }

  @Test
  void whoHasLoggedOutIsRefused() throws Exception {
    door.enter("lobby", "Cookie", "SESSION=s-1").close();

    sessions.remove("s-1");

    assertThat(door.refusal("lobby", "Cookie", "SESSION=s-1")).isEqualTo("401 log in first");
  }

  @Test
  void pagesOfOtherSitesAreRefusedWithTheCookieToo() throws IOException {
    for (String origin : new String[] {"https://evil.example", "null", SITE + ".evil.example"}) {
      assertThat(door.refusal("lobby", "Cookie", "SESSION=s-1", "Origin", origin))
          .isEqualTo("403 this page may not open the chat");
    }
  }
}
