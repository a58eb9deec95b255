package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
  private static final int ALERT = 21;

  /** Sends byte by byte, and remembers all that comes as it goes over the wire. */
  private static final class Tapped extends Socket {
    final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    static Tapped connect(Served house) throws IOException {
      Tapped socket = new Tapped();
      socket.setSoTimeout(30_000);
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), house.port()));
      return socket;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
          int size = super.read(to, offset, length);
          seen.write(to, offset, Math.max(0, size));
          return size;
        }
      };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream());
    }

    /** The types of all records so far. */
    List<Integer> records() throws IOException {
      List<Integer> types = new ArrayList<>();
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(seen.toByteArray()));
      while (in.available() > 0) {
        types.add(in.readUnsignedByte());
        in.skipNBytes(2);
        in.skipNBytes(in.readUnsignedShort());
      }
      return types;
    }

    SSLSocket secured(Served house, String protocol) throws IOException {
      SSLSocket socket =
          (SSLSocket)
              house.tls.getSocketFactory().createSocket(this, "localhost", house.port(), true);
      socket.setEnabledProtocols(new String[] {protocol});
      socket.startHandshake();
      socket.getOutputStream().write(request("/xgate/websocket/lobby?nickname=Lin"));
      return socket;
    }
  }

  private static Served serve(Limits.Builder limits) throws IOException {
    return Served.securely(Xnest.builder().limits(limits.build()));
  }

  /** Whether others are served as before. */
  private static void isWell(Served house) throws IOException {
    try (RawClient ming = house.enter("other", "Ming")) {
      ming.say("still here");
      ming.hears("normal", "still here");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void modernProtocolsAreSpokenAndEndWithACloseNotify(String protocol) throws Exception {
    try (Served house = serve(Limits.builder());
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, protocol)) {
      StringBuilder welcome = new StringBuilder();
      while (welcome.indexOf("\"type\":\"join\"") < 0) {
        int next = lin.getInputStream().read();
        assertThat(next).isNotNegative();
        welcome.append((char) next);
      }
      lin.getOutputStream().write(RawClient.close(1000));
      byte[] rest = lin.getInputStream().readAllBytes();

      assertThat(welcome).startsWith("HTTP/1.1 101 ").contains("\"type\":\"self\"");
      assertThat(rest).endsWith((byte) 0x88, (byte) 2, (byte) 3, (byte) 0xE8);
      // TLS 1.3 hides what its records are
      List<Integer> records = wire.records();
      if (protocol.equals("TLSv1.2")) {
        assertThat(records.get(records.size() - 1)).isEqualTo(ALERT);
      }
      assertThat(lin.getSession().getProtocol()).isEqualTo(protocol);
    }
  }

  @Test
  void oldProtocolsAreRefused() throws Exception {
    try (Served house = serve(Limits.builder());
        Tapped wire = Tapped.connect(house)) {
      byte[] hello = new byte[47];
      new Random(7).nextBytes(hello);
      // a ClientHello that offers TLS 1.0 and one cipher suite
      byte[] head = {22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 1};
      System.arraycopy(head, 5, hello, 0, 6);
      hello[38] = 0;
      System.arraycopy(new byte[] {0, 2, (byte) 0xC0, 0x13, 1, 0, 0, 0}, 0, hello, 39, 8);
      wire.getOutputStream().write(head, 0, 5);
      wire.getOutputStream().write(hello);

      assertThat(wire.getInputStream().readAllBytes()).startsWith(ALERT, 3);
      isWell(house);
    }
  }

  @Test
  void ruleSeesThatItIsSecure() throws Exception {
    CompletableFuture<Boolean> secure = new CompletableFuture<>();
    Xnest.Builder asks =
        Xnest.builder()
            .admission(
                Admission.of(
                    entry -> {
                      secure.complete(entry.isSecure());
                      return Decision.accept(entry);
                    }));
    try (Served house = Served.securely(asks);
        RawClient lin = house.enter("lobby", "Lin")) {
      assertThat(secure.get(30, TimeUnit.SECONDS)).isTrue();
      lin.say("hello");
      lin.hears("normal", "hello");
    }
  }

  @Test
  void whoNeverStartsTlsIsCutAndCostsNothing() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Tapped> idle = new ArrayList<>();
    try (Served house = serve(Limits.builder().handshakeTime(Duration.ofSeconds(5)))) {
      isWell(house);
      long before = selectorNanos(threads);
      for (int i = 0; i < 20; i++) {
        idle.add(Tapped.connect(house));
        if (i % 2 == 0) {
          idle.get(i).getOutputStream().write(new byte[] {22, 3, 1, 64, 0, 1, 0, 63, (byte) 250});
        }
      }
      for (Tapped one : idle) {
        assertThat(one.getInputStream().read()).isEqualTo(-1);
        one.close();
      }

      long used = selectorNanos(threads) - before;
      assertThat(Duration.ofNanos(used)).isLessThan(Duration.ofSeconds(1));
      isWell(house);
    }
  }

  static long selectorNanos(ThreadMXBean threads) {
    long nanos = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("xnest-selector")) {
        nanos += Math.max(0, threads.getThreadCpuTime(thread.getId()));
      }
    }
    return nanos;
  }

  @Test
  void whoHasNotFinishedTlsCountsAsPending() throws Exception {
    try (Served house = serve(Limits.builder().pendingHandshakes(2));
        Tapped first = Tapped.connect(house);
        Tapped second = Tapped.connect(house);
        Tapped third = Tapped.connect(house)) {
      second.getOutputStream().write(22);

      assertThat(third.getInputStream().read()).isEqualTo(-1);
      first.shutdownOutput();
      Served.await("a place is free", () -> enters(house));
    }
  }

  private static boolean enters(Served house) {
    try {
      house.enter("lobby", "Next").close();
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void whatIsNoTlsIsEndedAtOnce() throws Exception {
    try (Served house = serve(Limits.builder().handshakeTime(Duration.ofMinutes(5)))) {
      byte[] noise = new byte[20_000];
      new SecureRandom().nextBytes(noise);
      noise[0] = 'x';
      for (byte[] wrong : new byte[][] {request("/xgate/websocket/lobby"), noise}) {
        try (RawClient plain = RawClient.connect(house.port())) {
          plain.write(wrong);
          plain.hearsEnd();
        }
      }
      isWell(house);
    }
  }

  @Test
  void whoAsksForNewKeysAgainAndAgainIsCut() throws Exception {
    try (Served house = serve(Limits.builder());
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, "TLSv1.3")) {
      assertThat(lin.getInputStream().read()).isEqualTo('H');
      Thread asks =
          new Thread(
              () -> {
                try {
                  while (true) {
                    // in TLS 1.3 a request for an update of keys (RFC 8446 section 4.6.3)
                    lin.startHandshake();
                  }
                } catch (IOException cut) {
                  return;
                }
              });
      asks.start();

      isWell(house);
      Served.await("the leave", () -> house.left.contains("Lin"));
      asks.join();
      isWell(house);
    }
  }

  @Test
  void memberMayNotNegotiateAgain() throws Exception {
    try (Served house = serve(Limits.builder());
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, "TLSv1.2")) {
      assertThat(lin.getInputStream().read()).isEqualTo('H');

      assertThatIOException()
          .isThrownBy(
              () -> {
                lin.startHandshake();
                lin.getInputStream().readAllBytes();
              });
      Served.await("the leave", () -> house.left.contains("Lin"));
      isWell(house);
    }
  }

  @Test
  void endInTheMiddleOfARecordIsAnEndAndWhatCameBeforeItCounts() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming");
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, "TLSv1.3")) {
      ming.hears("join", "Lin");
      lin.getOutputStream().write(RawClient.text("last words"));
      wire.getOutputStream().write(new byte[] {23, 3, 3, 1, 0, 7, 7, 7});
      wire.shutdownOutput();

      ming.hears("normal", "last words");
      ming.hears("leave");
    }
  }

  @Test
  void forgedRecordIsAnEndAndWhatCameBeforeItCounts() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming");
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, "TLSv1.3")) {
      ming.hears("join", "Lin");
      lin.getOutputStream().write(RawClient.text("last words"));
      byte[] forged = new byte[5 + 256];
      System.arraycopy(new byte[] {23, 3, 3, 1, 0}, 0, forged, 0, 5);
      wire.getOutputStream().write(forged);

      ming.hears("normal", "last words");
      ming.hears("leave");
    }
  }

  @Test
  void recordsMayDripAndBeSmall() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient ming = house.enter("lobby", "Ming");
        Tapped wire = Tapped.connect(house);
        SSLSocket lin = wire.secured(house, "TLSv1.3")) {
      lin.getOutputStream().write(RawClient.text("1".repeat(40_000)));
      for (byte one : RawClient.text("drip")) {
        lin.getOutputStream().write(one);
      }

      ming.hears("normal", "\"" + "1".repeat(40_000) + "\"");
      ming.hears("normal", "drip");
    }
  }

  @Test
  void membersAreToldWhenTheServerGoesAway() throws Exception {
    Served house = serve(Limits.builder());
    try (RawClient lin = house.enter("lobby", "Lin");
        Tapped silent = Tapped.connect(house)) {
      Served.await("both are here", () -> house.server.connections().all().count() == 2);
      CompletableFuture<Void> closed = CompletableFuture.runAsync(house::close);

      assertThat(lin.hearsClose()).isEqualTo(1001);
      lin.hearsEnd();
      lin.disconnect();
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      closed.get(30, TimeUnit.SECONDS);
      Served.await(
          "no thread is left",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().startsWith("xnest-tls")));
    }
  }
}
