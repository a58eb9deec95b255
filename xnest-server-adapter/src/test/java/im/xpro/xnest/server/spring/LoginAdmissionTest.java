package im.xpro.xnest.server.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import im.xpro.xnest.protocol.RoomId;
import java.security.Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

class LoginAdmissionTest {
  private static final Entry ASKED = Entry.of(new RoomId("lobby"), "whoever");

  @AfterEach
  void forget() {
    RequestContextHolder.resetRequestAttributes();
  }

  private static void request(Principal user) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setUserPrincipal(user);
    RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
  }

  private static Decision answer(LoginAdmission to) {
    return to.decide(ASKED).toCompletableFuture().join();
  }

  @Test
  void userIsNamedAndKnownByTheLogin() {
    request(() -> "Lin");

    Grant known = Grant.plain().withIdentity("Lin").withMayRename(false);
    assertThat(answer(LoginAdmission.byName()))
        .isEqualTo(Decision.accept(ASKED.withNickname("Lin").with(known)));
  }

  @Test
  void ruleOfTheApplicationDecidesAboutAUser() {
    request(() -> "Lin");

    assertThat(
            answer(LoginAdmission.of((entry, user) -> Decision.refuse(403, user.getName() + "?"))))
        .isEqualTo(Decision.refuse(403, "Lin?"));
  }

  @Test
  void whoIsNotLoggedInIsRefused() {
    request(null);

    assertThat(answer(LoginAdmission.byName())).isEqualTo(Decision.refuse(401, "log in first"));
  }

  @Test
  void onAnotherThreadItFails() {
    assertThatThrownBy(() -> LoginAdmission.byName().decide(ASKED))
        .isInstanceOf(IllegalStateException.class);
  }
}
