package im.xpro.xnest.examples;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who is logged in to the application: a browser sends the cookie of its session with the
 * handshake, as with any request to the same host. It does so from pages of other sites too, so
 * those are refused by their origin; who sends none is no browser.
 */
public final class SessionAdmission implements Admission {
  /** Somebody who is logged in. */
  public record User(String id, String name, boolean isModerator) {}

  private final String cookie;
  private final Function<String, @Nullable User> sessions;
  private final Set<String> origins;

  /**
   * @param cookie the name of the session's cookie
   * @param sessions who is logged in with this value of the cookie, null if nobody is: {@code
   *     map::get} of a concurrent map. Called on a server's thread, so it must not block
   * @param origins those of the application's own pages, such as {@code https://www.example.com}
   */
  public SessionAdmission(
      String cookie, Function<String, @Nullable User> sessions, Set<String> origins) {
    this.cookie = cookie;
    this.sessions = sessions;
    this.origins = Set.copyOf(origins);
  }

  @Override
  public CompletionStage<Decision> decide(Entry entry) {
    return CompletableFuture.completedStage(judge(entry));
  }

  private Decision judge(Entry entry) {
    String origin = entry.origin();
    if (origin != null && !origins.contains(origin)) {
      return Decision.refuse(403, "this page may not open the chat");
    }
    String session = entry.cookie(cookie);
    User user = session == null ? null : sessions.apply(session);
    return user == null
        ? Decision.refuse(401, "log in first")
        : Decision.accept(entry.withNickname(user.name()).with(grant(user)));
  }

  private static Grant grant(User user) {
    Grant known = Grant.plain().withIdentity(user.id()).withMayRename(false);
    return user.isModerator()
        ? known.withAttribute("role", "moderator").withEvenIfFull(true)
        : known;
  }
}
