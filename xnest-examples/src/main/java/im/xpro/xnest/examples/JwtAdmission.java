package im.xpro.xnest.examples;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import java.security.Key;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwt.GeneralJwtException;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who brings a token that the application has signed (RFC 7519), in the header {@code
 * Authorization: Bearer} or, as pages cannot set headers of a WebSocket, in the parameter {@code
 * token}. Give pages tokens that last for a minute: URLs end up in logs.
 *
 * <p>Of its claims {@code sub} is who comes, {@code name} its nickname, which it may then not
 * change, {@code role} an attribute, and {@code room} the only room that the token is for. {@code
 * sub} and {@code exp} must be there. A member may stay when its token expires.
 */
public final class JwtAdmission implements Admission {
  private static final String BEARER = "Bearer ";

  private final JwtConsumer tokens;

  /**
   * @param key the application's secret, or its public key
   * @param algorithm the only one that is taken, such as {@code HS256} or {@code ES256}: what a
   *     token says of itself is no proof
   * @param audience what tokens for this chat name as {@code aud}
   */
  public JwtAdmission(Key key, String algorithm, String audience) {
    tokens =
        new JwtConsumerBuilder()
            .setVerificationKey(key)
            .setJwsAlgorithmConstraints(ConstraintType.PERMIT, algorithm)
            .setExpectedAudience(audience)
            .setRequireExpirationTime()
            .setRequireSubject()
            .build();
  }

  @Override
  public CompletionStage<Decision> decide(Entry entry) {
    return CompletableFuture.completedStage(judge(entry));
  }

  private Decision judge(Entry entry) {
    String token = token(entry);
    if (token == null) {
      return Decision.refuse(401, "bring a token");
    }
    try {
      JwtClaims claims = tokens.processToClaims(token);
      String room = claims.getStringClaimValue("room");
      return room == null || room.equals(entry.room().value())
          ? Decision.accept(as(claims, entry))
          : Decision.refuse(403, "the token is for another room");
    } catch (InvalidJwtException bad) {
      return Decision.refuse(401, reason(bad));
    } catch (GeneralJwtException bad) {
      return Decision.refuse(401, "the token cannot be used");
    }
  }

  private static @Nullable String token(Entry entry) {
    String header = entry.header("authorization");
    return header != null && header.startsWith(BEARER)
        ? header.substring(BEARER.length())
        : entry.parameter("token");
  }

  private static Entry as(JwtClaims claims, Entry entry) throws GeneralJwtException {
    Grant grant = Grant.plain().withIdentity(claims.getSubject());
    String role = claims.getStringClaimValue("role");
    String name = claims.getStringClaimValue("name");
    if (role != null) {
      grant = grant.withAttribute("role", role);
    }
    return name == null
        ? entry.with(grant)
        : entry.withNickname(name).with(grant.withMayRename(false));
  }

  private static String reason(InvalidJwtException bad) {
    if (bad.hasExpired()) {
      return "the token has expired";
    }
    return bad.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)
        ? "the token's signature is wrong"
        : "the token cannot be used";
  }
}
