package im.xpro.xnest.server.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;
import java.security.Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

class LoginAdmissionTest {
  private static final Entry ASKED = Entry.of(new RoomId("lobby"), "whoever");
  private static final Decision NO_NICKNAME =
      Decision.refuse(403, "the name of this login cannot be a nickname");

  @AfterEach
  void forget() {
    RequestContextHolder.resetRequestAttributes();
  }

  private static MockHttpServletRequest request(Principal user) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setUserPrincipal(user);
    RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
    return request;
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

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "Lin ", "Li\nn"})
  void loginWhoseNameWouldHaveToBeCleanedIsRefused(String name) {
    request(() -> name);

    assertThat(answer(LoginAdmission.byName())).isEqualTo(NO_NICKNAME);
  }

  @Test
  void loginWithoutANameIsRefused() {
    request(() -> null);

    assertThat(answer(LoginAdmission.byName())).isEqualTo(NO_NICKNAME);
  }

  @Test
  void loginWithTooLongANameIsRefused() {
    String longest = "𝄞".repeat(64);
    request(() -> longest);
    assertThat(answer(LoginAdmission.byName())).isInstanceOf(Decision.Accepted.class);
    request(() -> longest + "x");
    assertThat(answer(LoginAdmission.byName())).isEqualTo(NO_NICKNAME);
  }

  @Test
  void nameMayBeAsLongAsTheLimitsOfTheHouseSay() {
    Limits limits = Limits.builder().maxNicknameCharacters(300).build();
    request(() -> "x".repeat(200)).setAttribute(LoginAdmission.LIMITS, limits);
    assertThat(answer(LoginAdmission.byName())).isInstanceOf(Decision.Accepted.class);
    request(() -> "x".repeat(201)).setAttribute(LoginAdmission.LIMITS, limits);
    assertThat(answer(LoginAdmission.byName())).isEqualTo(NO_NICKNAME);
  }

  @Test
  void chatHandlerHasTheLimitsOfItsHouseKept() throws Exception {
    MockHttpServletRequest request = request(() -> "Ming");
    request.setMethod("GET");
    request.setRequestURI("/xgate/websocket/lobby");
    request.addHeader("Host", "www.example.com");
    request.addHeader("Upgrade", "websocket");
    request.addHeader("Connection", "Upgrade");
    request.addHeader("Sec-WebSocket-Version", "13");
    request.addHeader("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    MockHttpServletResponse response = new MockHttpServletResponse();
    try (Xnest house =
        Xnest.builder()
            .limits(Limits.builder().maxNicknameCharacters(3).build())
            .nicknames(() -> "any")
            .admission(LoginAdmission.byName())
            .build()) {
      ChatHandler.on(house).handleRequest(request, response);
    }
    assertThat(response.getStatus()).isEqualTo(403);
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
