package im.xpro.xnest.server.spring;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import im.xpro.xnest.Limits;
import im.xpro.xnest.protocol.Nicknames;
import java.security.Principal;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
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
  /** The attribute of a request in which are the limits that names have to keep. */
  static final String LIMITS = LoginAdmission.class.getName() + ".limits";

  private static final int MAX_IDENTITY = 200; // of Grant

  private final BiFunction<Entry, Principal, Decision> rule;

  private LoginAdmission(BiFunction<Entry, Principal, Decision> rule) {
    this.rule = rule;
  }

  /**
   * Users are named as they log in, are known by that name, and cannot change it. A login whose
   * name is no nickname as it is (blank, with a blank at an end or a control character, longer than
   * {@link Limits#maxNicknameCharacters} or, in UTF-16, than 200 characters) is refused with 403:
   * cut or cleaned, it might be another's. For such logins say with {@link #of} how to name them.
   */
  public static LoginAdmission byName() {
    return of(
        (entry, user) ->
            isNickname(user.getName())
                ? Decision.accept(
                    entry
                        .withNickname(user.getName())
                        .with(Grant.plain().withIdentity(user.getName()).withMayRename(false)))
                : Decision.refuse(403, "the name of this login cannot be a nickname"));
  }

  private static boolean isNickname(@Nullable String name) {
    return name != null
        && !name.isEmpty()
        && name.equals(Nicknames.clean(name))
        && name.length() <= MAX_IDENTITY
        && Nicknames.characters(name) <= limits().maxNicknameCharacters();
  }

  private static Limits limits() {
    Object limits =
        RequestContextHolder.currentRequestAttributes()
            .getAttribute(LIMITS, RequestAttributes.SCOPE_REQUEST);
    return limits instanceof Limits own ? own : Limits.defaults();
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
