package im.xpro.xnest.examples;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of TLS, and what they make. */
final class Tls {
  /** Which are spoken. */
  static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private static final String PASSWORD = "XNEST_TLS_PASSWORD";
  private static final int KEYTOOL_SECONDS = 60;
  private static final int DAYS = 30;

  @ArgGroup private @Nullable Certificate certificate;

  @Option(
      names = "--tls-password-file",
      paramLabel = "FILE",
      description = "Has the password of the keystore; else it is in " + PASSWORD + ".")
  private @Nullable Path passwordFile;

  /** One or the other. */
  private static final class Certificate {
    @Option(
        names = "--tls-keystore",
        paramLabel = "FILE",
        description =
            "Speak https and wss, and nothing else, with the key and the certificate in this "
                + "PKCS #12 file.")
    private @Nullable Path keystore;

    @Option(
        names = "--tls-self-signed",
        description =
            "The same, for a first try, with a certificate made at each start: the browser warns, "
                + "and its details must show the fingerprint that is printed.")
    private boolean selfSigned;
  }

  boolean isOn() {
    return certificate != null;
  }

  /** Keys that are loaded. */
  record Loaded(SSLContext context, @Nullable String fingerprint) {
    /** For the JDK's server. */
    HttpsConfigurator configurator() {
      return new HttpsConfigurator(context) {
        @Override
        public void configure(HttpsParameters parameters) {
          parameters.setProtocols(PROTOCOLS);
        }
      };
    }
  }

  /**
   * Loads or makes a key and a certificate.
   *
   * @param hosts that a certificate made here is for, names and addresses
   * @throws IOException if that cannot be done, in words for whoever started the server
   */
  Loaded load(Map<String, String> environment, List<String> hosts) throws IOException {
    Certificate chosen = certificate;
    if (chosen != null && chosen.keystore != null) {
      return new Loaded(context(chosen.keystore, password(environment)), null);
    }
    return selfSigned(hosts);
  }

  private char[] password(Map<String, String> environment) throws IOException {
    Path file = passwordFile;
    if (file != null) {
      try {
        return Files.readString(file, StandardCharsets.UTF_8).stripTrailing().toCharArray();
      } catch (IOException failure) {
        throw new IOException("--tls-password-file " + file + " cannot be read", failure);
      }
    }
    String password = environment.get(PASSWORD);
    if (password == null) {
      throw new IOException("--tls-keystore needs --tls-password-file or " + PASSWORD);
    }
    return password.toCharArray();
  }

  private static SSLContext context(Path keystore, char[] password) throws IOException {
    try {
      return context(keys(keystore, password), password);
    } catch (IOException | GeneralSecurityException failure) {
      throw new IOException(
          "the keystore " + keystore + " cannot be used: " + failure.getMessage(), failure);
    }
  }

  private static KeyStore keys(Path keystore, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keystore)) {
      keys.load(in, password);
    }
    for (String alias : Collections.list(keys.aliases())) {
      if (keys.isKeyEntry(alias)) {
        return keys;
      }
    }
    throw new GeneralSecurityException("it has no key");
  }

  private static SSLContext context(KeyStore keys, char[] password)
      throws GeneralSecurityException {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /** The JDK makes certificates with a program of its own, and has no interface for it. */
  private static Loaded selfSigned(List<String> hosts) throws IOException {
    Path folder = Files.createTempDirectory("xnest-tls");
    Path file = folder.resolve("self-signed.p12");
    try {
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      String password = HexFormat.of().formatHex(random);
      keytool(file, password, hosts);
      KeyStore keys = keys(file, password.toCharArray());
      byte[] certificate = keys.getCertificate("xnest").getEncoded();
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate);
      String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(hash);
      return new Loaded(context(keys, password.toCharArray()), fingerprint);
    } catch (GeneralSecurityException failure) {
      throw new IOException("--tls-self-signed: " + failure.getMessage(), failure);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private static void keytool(Path file, String password, List<String> hosts) throws IOException {
    StringBuilder names = new StringBuilder("san=dns:localhost");
    for (String host : hosts) {
      boolean isAddress = host.contains(":") || host.matches("[0-9.]+");
      names.append(isAddress ? ",ip:" : ",dns:").append(host);
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-keystore",
            file.toString(),
            "-storetype",
            "PKCS12",
            "-storepass:env",
            PASSWORD,
            "-alias",
            "xnest",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            Integer.toString(DAYS),
            "-dname",
            "CN=localhost",
            "-ext",
            names.toString());
    builder.environment().put(PASSWORD, password);
    Process keytool = builder.redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IOException("--tls-self-signed: keytool failed: " + said.strip());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("--tls-self-signed: interrupted", interrupted);
    } finally {
      keytool.destroyForcibly();
    }
  }
}
