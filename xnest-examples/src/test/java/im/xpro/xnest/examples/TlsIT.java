package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.examples.ServerJar.Running;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chat server with TLS, and clients that check whom they speak to. */
@Timeout(120)
class TlsIT {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0};

  @TempDir Path folder;
  final ServerJar jar = new ServerJar();

  @AfterEach
  void endProcesses() {
    jar.close();
  }

  /** Believes in the certificate with this SHA-256 alone. */
  private record Pinned(String fingerprint) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("only servers are asked");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
        if (!HexFormat.ofDelimiter(":").withUpperCase().formatHex(hash).equals(fingerprint)) {
          throw new CertificateException("not the one that was printed");
        }
      } catch (NoSuchAlgorithmException impossible) {
        throw new CertificateException(impossible);
      }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static HttpClient trusting(TrustManager... managers) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers, null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static void serves(HttpClient client, Running server) throws Exception {
    assertThat(server.page()).hasScheme("https");
    assertThat(server.sockets()).hasScheme("wss");
    assertThat(get(client, server.page().resolve("config.json")).body())
        .isEqualTo("{\"socket\":\"" + server.sockets() + "\"}");
    assertThat(get(client, server.page()).headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy -> assertThat(policy).contains("connect-src 'self' wss://"));
    URI room = URI.create(server.sockets() + "lobby?nickname=Lin");
    try (SocketGuest lin = new SocketGuest(client, room)) {
      lin.says("sealed");
      URI picture = lin.sends(2, PNG, "picture");
      assertThat(picture).hasScheme("https");
      assertThat(get(client, picture).statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> get(HttpClient client, URI url) throws Exception {
    return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"java-websocket", "netty"})
  void selfSignedCertificateIsTheOneThatIsPrinted(String engine) throws Exception {
    Running server = jar.start("--in-memory", "--tls-self-signed", "--server", engine);
    String line = server.furtherOutput().readLine();
    assertThat(line).matches("The certificate is self-signed; its SHA-256 is ([0-9A-F:]{95})");

    serves(trusting(new Pinned(line.substring(line.length() - 95))), server);
  }

  @Test
  void keystoreIsOpenedWithThePasswordOfAFileOrOfTheEnvironment() throws Exception {
    Path keystore = folder.resolve("chat.p12");
    Path password = Files.writeString(folder.resolve("password"), "changeit\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "wrong");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                keystore.toString(),
                "-storepass",
                "changeit",
                "-alias",
                "chat",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=chat",
                "-ext",
                "san=ip:127.0.0.1")
            .redirectErrorStream(true)
            .start();
    assertThat(ServerJar.output(keytool)).doesNotContain("error");
    KeyStore trusted = KeyStore.getInstance(keystore.toFile(), "changeit".toCharArray());
    trusted.setCertificateEntry("trusted", trusted.getCertificate("chat"));
    trusted.deleteEntry("chat");
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    HttpClient client = trusting(trust.getTrustManagers());
    List<String> options = List.of("--in-memory", "--tls-keystore", keystore.toString());

    serves(client, jar.start(with(options, "--tls-password-file", password.toString())));
    assertThat(jar.fails(1, with(options)))
        .isEqualTo("xnest-server: --tls-keystore needs --tls-password-file or XNEST_TLS_PASSWORD");
    assertThat(jar.fails(1, with(options, "--tls-password-file", wrong.toString())))
        .contains("the keystore " + keystore + " cannot be used: ", "password")
        .hasLineCount(1);
    jar.environment.put("XNEST_TLS_PASSWORD", "changeit");
    serves(client, jar.start(with(options)));
  }

  private static String[] with(List<String> options, String... more) {
    return Stream.concat(options.stream(), Arrays.stream(more)).toArray(String[]::new);
  }
}
