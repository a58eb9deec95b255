package im.xpro.xnest.server;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers the handshakes of a {@link Xnest}, for any server (PROTOCOL section 1, RFC 6455 section
 * 4.2). Any thread; never blocks.
 *
 * <pre>{@code
 * void connect(Xnest xnest, Gateway gateway, Handshake handshake, Outlet outlet) {
 *   gateway.answer(handshake).thenAccept(answer -> {
 *     if (answer instanceof Answer.Accepted accepted) {
 *       Inlet inlet = xnest.enter(accepted.entry(), outlet);
 *     }
 *   });
 * }
 * }</pre>
 */
public final class Gateway {
  private static final String NICKNAME = "nickname";
  private static final String STORES_HISTORY = "is_store_history";

  private final Xnest xnest;
  private final NicknameCookie cookie;
  private final Origins origins;
  private final TrustedProxies proxies;

  private Gateway(Builder from) {
    xnest = from.xnest;
    origins = from.origins;
    proxies = from.proxies;
    cookie = new NicknameCookie(from.crossSiteCookie, xnest.limits().maxNicknameCharacters());
  }

  /** Answers for {@code xnest}, with the defaults. */
  public static Gateway of(Xnest xnest) {
    return builder(xnest).build();
  }

  /** Starts from the defaults. */
  public static Builder builder(Xnest xnest) {
    return new Builder(xnest);
  }

  /**
   * Whether the path of {@code target}, a request's raw target, is for {@link #answer}: {@code
   * /xgate/websocket} and all below, however bad.
   */
  public boolean serves(String target) {
    return RequestTarget.parse(target).isRoom();
  }

  /**
   * Decides on {@code handshake}, perhaps later, on any thread.
   *
   * @return never fails; what goes wrong is a {@link Answer.Refused}
   */
  public CompletionStage<Answer> answer(Handshake handshake) {
    CompletionStage<Answer> answer;
    try {
      answer = decide(proxies.original(handshake));
    } catch (Throwable failure) {
      answer = CompletableFuture.failedStage(failure);
    }
    return answer.exceptionally(
        failure -> {
          xnest.listener().failed("answering a handshake", failure);
          return told(refused(500, "the server failed"));
        });
  }

  private CompletionStage<Answer> decide(Handshake handshake) {
    RequestTarget target = RequestTarget.parse(handshake.target());
    String room = target.room();
    if (room == null) {
      return CompletableFuture.completedStage(told(refused(404, "there is no such path")));
    }
    Answer.Refused refused = Upgrade.refusal(handshake);
    refused = refused == null ? origins.refusal(handshake) : refused;
    if (refused != null) {
      return CompletableFuture.completedStage(told(refused));
    }
    Entry entry;
    try {
      entry = entry(room, target.parameters(NICKNAME), handshake);
    } catch (IllegalArgumentException bad) {
      return CompletableFuture.completedStage(told(refused(400, bad.getMessage())));
    }
    return xnest.admit(entry).thenApply(decision -> answer(handshake, decision));
  }

  /**
   * @throws IllegalArgumentException naming what is wrong with the room
   */
  private Entry entry(String room, Map<String, List<String>> query, Handshake handshake) {
    String id = PercentEncoding.decode(room);
    if (id == null) {
      throw new IllegalArgumentException("room id has a bad percent-encoding");
    }
    Entry entry =
        new Entry(
            new RoomId(id),
            first(query, NICKNAME),
            !first(query, STORES_HISTORY).equalsIgnoreCase("false"),
            query,
            handshake.headers(),
            handshake.remote(),
            handshake.isSecure(),
            Grant.plain());
    return entry.nickname() == null ? entry.withNickname(cookie.read(entry)) : entry;
  }

  private static String first(Map<String, List<String>> query, String name) {
    List<String> values = query.get(name);
    return values == null ? "" : values.get(0);
  }

  private Answer answer(Handshake handshake, Decision decision) {
    if (decision instanceof Decision.Refused refused) {
      return refused(refused.status(), refused.reason());
    }
    Entry entry = ((Decision.Accepted) decision).entry();
    String nickname = Objects.requireNonNull(entry.nickname());
    return new Answer.Accepted(entry, Upgrade.accept(handshake), cookie.write(nickname));
  }

  /** What is refused here, before xnest was asked. */
  private Answer.Refused told(Answer.Refused refused) {
    Decision.Refused answer = new Decision.Refused(refused.status(), refused.reason());
    xnest.listener().entryRefused(null, answer);
    return refused;
  }

  private static Answer.Refused refused(int status, @Nullable String reason) {
    return new Answer.Refused(status, Objects.requireNonNull(reason), List.of());
  }

  /** Collects what a {@link Gateway} is made of. One thread at a time. */
  public static final class Builder {
    private final Xnest xnest;
    private boolean crossSiteCookie;
    private Origins origins = Origins.any();
    private TrustedProxies proxies = TrustedProxies.none();

    private Builder(Xnest xnest) {
      this.xnest = Objects.requireNonNull(xnest, "xnest");
    }

    /**
     * Whether the cookie goes to widgets in pages of other sites too: {@code SameSite=None;
     * Secure}, which needs {@code wss}. Default: no, {@code SameSite=Lax}.
     */
    public Builder crossSiteCookie(boolean crossSite) {
      crossSiteCookie = crossSite;
      return this;
    }

    /**
     * Pages of which sites may connect; those of others are refused with 403. Default: {@link
     * Origins#any}, an open chat. Where an {@link im.xpro.xnest.Admission} trusts a cookie it must
     * be another.
     */
    public Builder origins(Origins allowed) {
      origins = Objects.requireNonNull(allowed, "origins");
      return this;
    }

    /**
     * Who is believed about address, scheme and host of a client: {@link Entry#remote}, {@link
     * Entry#isSecure} and the header {@code host}. Default: {@link TrustedProxies#none}.
     */
    public Builder trustedProxies(TrustedProxies trusted) {
      proxies = Objects.requireNonNull(trusted, "trustedProxies");
      return this;
    }

    /** The gateway; never fails. */
    public Gateway build() {
      return new Gateway(this);
    }
  }
}
