package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Grant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Consumer;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtAdmissionTest {
  private static final SecretKeySpec KEY = key("a secret of at least 32 bytes, as HS256 asks for");
  private static final String HS256 = AlgorithmIdentifiers.HMAC_SHA256;

  private Door door;

  private static SecretKeySpec key(String secret) {
    return new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  @BeforeEach
  void open() throws IOException {
    door = new Door(new JwtAdmission(KEY, HS256, "chat"));
  }

  @AfterEach
  void close() {
    door.close();
  }

  private static JwtClaims claims() {
    JwtClaims claims = new JwtClaims();
    claims.setAudience("chat");
    claims.setSubject("user:42");
    claims.setExpirationTimeMinutesInTheFuture(1);
    claims.setStringClaim("name", "林");
    claims.setStringClaim("role", "moderator");
    return claims;
  }

  private static String signed(JwtClaims claims, String algorithm, SecretKeySpec key)
      throws JoseException {
    JsonWebSignature signature = new JsonWebSignature();
    signature.setPayload(claims.toJson());
    signature.setAlgorithmHeaderValue(algorithm);
    signature.setKey(key);
    return signature.getCompactSerialization();
  }

  private static String token(Consumer<JwtClaims> change) throws JoseException {
    JwtClaims claims = claims();
    change.accept(claims);
    return signed(claims, HS256, KEY);
  }

  @Test
  void tokenInTheHeaderSaysWhoComes() throws Exception {
    String token = token(same -> {});
    try (SocketGuest lin = door.enter("lobby?nickname=me", "Authorization", "Bearer " + token)) {
      assertThat(lin.nickname()).isEqualTo("林");
      assertThat(door.seen(lin).grant())
          .isEqualTo(
              Grant.plain()
                  .withIdentity("user:42")
                  .withAttribute("role", "moderator")
                  .withMayRename(false));
      assertThat(lin.asksToBe("Bo", "error")).isEqualTo("you may not change your name here");
    }
  }

  @Test
  void tokenInTheQueryCountsToo() throws Exception {
    String token = token(claims -> claims.unsetClaim("name"));
    try (SocketGuest lin = door.enter("lobby?nickname=Lin&token=" + token)) {
      assertThat(lin.nickname()).isEqualTo("Lin");
      assertThat(door.seen(lin).grant().identity()).isEqualTo("user:42");
      assertThat(lin.asksToBe("Bo", "changename")).isEqualTo("Bo");
    }
  }

  @Test
  void tokenMayBeForOneRoom() throws Exception {
    String token = token(claims -> claims.setStringClaim("room", "garden"));
    try (SocketGuest lin = door.enter("garden?token=" + token)) {
      assertThat(lin.nickname()).isEqualTo("林");
    }

    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("403 the token is for another room");
  }

  @Test
  void whoBringsNoTokenIsRefused() throws IOException {
    assertThat(door.refusal("lobby?nickname=Lin")).isEqualTo("401 bring a token");
    assertThat(door.refusal("lobby", "Authorization", "Basic bWU6bWU="))
        .isEqualTo("401 bring a token");
  }

  @Test
  void expiredTokenIsRefused() throws Exception {
    String token =
        token(claims -> claims.setExpirationTime(NumericDate.fromSeconds(1_500_000_000)));

    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("401 the token has expired");
  }

  @Test
  void wrongSignatureIsRefused() throws Exception {
    String token = signed(claims(), HS256, key("another secret of at least 32 bytes, unknown"));

    assertThat(door.refusal("lobby?token=" + token))
        .isEqualTo("401 the token's signature is wrong");
  }

  @Test
  void changedClaimsAreRefused() throws Exception {
    String[] parts = token(same -> {}).split("\\.");
    parts[1] = token(claims -> claims.setSubject("user:1")).split("\\.")[1];

    assertThat(door.refusal("lobby?token=" + String.join(".", parts)))
        .isEqualTo("401 the token's signature is wrong");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE"})
  void tokenWithoutASignatureIsRefused(String algorithm) throws IOException {
    String token =
        encoded("{\"alg\":\"" + algorithm + "\"}") + "." + encoded(claims().toJson()) + ".";

    assertThat(door.refusal("lobby", "Authorization", "Bearer " + token))
        .isEqualTo("401 the token cannot be used");
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void otherAlgorithmIsRefusedHoweverRightTheKey() throws Exception {
    SecretKeySpec longer = key("x".repeat(64));
    String token = signed(claims(), AlgorithmIdentifiers.HMAC_SHA512, longer);
    try (Door ours = new Door(new JwtAdmission(longer, HS256, "chat"))) {
      assertThat(ours.refusal("lobby?token=" + token)).isEqualTo("401 the token cannot be used");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub", "exp", "aud"})
  void tokenThatLacksAClaimIsRefused(String claim) throws Exception {
    String token = token(claims -> claims.unsetClaim(claim));

    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("401 the token cannot be used");
  }

  @Test
  void tokenForAnotherServiceIsRefused() throws Exception {
    String token = token(claims -> claims.setAudience("mail"));

    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("401 the token cannot be used");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "a.b.c", "....", "%00"})
  void whatIsNoTokenIsRefused(String token) throws IOException {
    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("401 the token cannot be used");
  }

  @Test
  void claimOfAWrongTypeIsRefused() throws Exception {
    String token = token(claims -> claims.setClaim("name", 7));

    assertThat(door.refusal("lobby?token=" + token)).isEqualTo("401 the token cannot be used");
  }
}
