package im.xpro.xnest.server.spring;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import java.security.Principal;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Lets in who is logged in to the application, as Spring Security or the container knows; anybody
 * else is refused with 401. For {@link ChatHandler} alone; of several rules it has to be the first,
 * as it reads the request of the thread that asks it.
 *
 * <pre>{@code
 * Admission byName = LoginAdmission.byName();
 * Admission shouting =
 *     LoginAdmission.of(
 *         (entry, user) -> Decision.accept(entry.withNickname(user.getName().toUpperCase())));
 * }</pre>
 *
 * <p>A browser sends the login's cookie from pages of any site, so the gateway has to restrict
 * origins. Any thread.
 */
public final class LoginAdmission implements Admission {
  private final BiFunction<Entry, Principal, Decision> rule;

  private LoginAdmission(BiFunction<Entry, Principal, Decision> rule) {
    this.rule = rule;
  }

  /** Users are named as they log in, are known by that name, and cannot change it. */
  public static LoginAdmission byName() {
    return of(
        (entry, user) ->
            Decision.accept(
                entry
                    .withNickname(user.getName())
                    .with(Grant.plain().withIdentity(user.getName()).withMayRename(false))));
  }

  /**
   * @param rule decides about a user at once; with Spring Security the user is an {@code
   *     Authentication}
   */
  public static LoginAdmission of(BiFunction<Entry, Principal, Decision> rule) {
    return new LoginAdmission(Objects.requireNonNull(rule, "rule"));
  }

  /** Called by xnest. */
  @Override
  public CompletionStage<Decision> decide(Entry entry) {
    RequestAttributes asked = RequestContextHolder.getRequestAttributes();
    if (!(asked instanceof ServletRequestAttributes request)) {
      throw new IllegalStateException("not asked on the thread of a request of Spring MVC");
    }
    Principal user = request.getRequest().getUserPrincipal();
    return CompletableFuture.completedStage(
        user == null ? Decision.refuse(401, "log in first") : rule.apply(entry, user));
  }
}
