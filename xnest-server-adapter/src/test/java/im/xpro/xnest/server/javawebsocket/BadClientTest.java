package im.xpro.xnest.server.javawebsocket;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.CLOSE;
import static im.xpro.xnest.server.testkit.RawClient.PING;
import static im.xpro.xnest.server.testkit.RawClient.TEXT;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.request;
import static im.xpro.xnest.server.testkit.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.server.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Nobody suffers from a bad client but itself")
class BadClientTest {
  Served serve(Limits.Builder limits) throws IOException {
    return serve(Xnest.builder().limits(limits.build()));
  }

  Served serve(Xnest.Builder house) throws IOException {
    return Served.with(house);
  }

  static Stream<Arguments> violations() {
    byte[] endless = new byte[0];
    return Stream.of(
        Arguments.of("unmasked", new byte[] {(byte) TEXT, 1, 'a'}, 1002),
        Arguments.of("reserved bit", frame(0xC1, new byte[1]), 1002),
        Arguments.of("unknown opcode", frame(0x83, new byte[1]), 1002),
        Arguments.of("large ping", frame(PING, new byte[126]), 1002),
        Arguments.of("lone continuation", frame(0x80, new byte[1]), 1002),
        Arguments.of("bad close code", frame(CLOSE, new byte[] {3, (byte) 237}), 1002),
        Arguments.of("no UTF-8", frame(TEXT, new byte[] {(byte) 0xFF}), 1007),
        Arguments.of("large text, by its header", frame(TEXT, (1 << 20) + 1, endless), 1009),
        Arguments.of("large binary, by its header", frame(BINARY, (8 << 20) + 1, endless), 1009));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("violations")
  @DisplayName("§5 close codes")
  void violationIsAnsweredWithItsCode(String name, byte[] wrong, int code) throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient lin = house.enter("lobby", "Lin");
        RawClient bad = house.enter("lobby", "Bad")) {
      lin.hears("join", "Bad");
      bad.write(text("before"), wrong, text("after"), new byte[100_000]);

      assertThat(bad.hearsClose()).isEqualTo(code);
      bad.hearsEnd();
      assertThat(lin.hears("normal")).contains("before");
      RawClient.Frame next = lin.read();
      assertThat(next).isNotNull();
      assertThat(next.text()).contains("\"type\":\"leave\"");
    }
  }

  @Test
  void endlessFragmentsAreCut() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient bad = house.enter("lobby", "Bad")) {
      bad.write(frame(0x01, new byte[0]));
      byte[][] more = new byte[2_000][];
      Arrays.fill(more, frame(0x00, new byte[0]));
      bad.write(more);

      assertThat(bad.hearsClose()).isEqualTo(1009);
    }
  }

  @Test
  void whoVanishesWhileItsRequestsWaitLeaves() throws Exception {
    Limits.Builder limits =
        Limits.builder()
            .historyRate(1)
            .historyBurst(1)
            .pingEvery(Duration.ofMillis(200))
            .rateTime(Duration.ofSeconds(1));
    byte[][] requests = new byte[2_000][];
    Arrays.fill(requests, text("@history:0"));
    try (Served house = serve(limits);
        RawClient lin = house.enter("lobby", "Lin");
        RawClient bad = house.enter("lobby", "Bad")) {
      bad.write(requests);
      bad.hears("history");
      bad.resetOnClose();
      bad.disconnect();

      lin.hears("leave");
    }
  }

  @Test
  void messageThatDripsIsCut() throws Exception {
    Limits.Builder limits = Limits.builder().messageTime(Duration.ofMillis(500));
    try (Served house = serve(limits);
        RawClient bad = house.enter("lobby", "Bad")) {
      bad.write(frame(TEXT, 100, new byte[10]));

      assertThat(bad.hearsClose()).isEqualTo(1008);
    }
  }

  @Test
  void claimsOfManyDoNotUseMemory() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient lin = house.enter("lobby", "Lin")) {
      RawClient[] bad = new RawClient[300];
      for (int i = 0; i < bad.length; i++) {
        bad[i] = house.enter("other", "Bad");
        bad[i].write(frame(BINARY, 8 << 20, new byte[10]));
      }
      lin.say("still here");

      assertThat(lin.hears("normal")).contains("still here");
      for (RawClient one : bad) {
        one.resetOnClose();
        one.close();
      }
      Served.await("all leave", () -> house.left.size() == bad.length);
    }
  }

  @Test
  void ofPingsOverTheRateTheNewestIsAnswered() throws Exception {
    Limits.Builder limits = Limits.builder().pingRate(1).pingBurst(2);
    try (Served house = serve(limits);
        RawClient ming = house.enter("lobby", "Ming")) {
      byte[][] pings = new byte[100][];
      Arrays.setAll(pings, i -> frame(PING, new byte[] {(byte) i}));
      ming.write(pings);

      int pongs = 0;
      RawClient.Frame frame;
      do {
        frame = ming.read();
        assertThat(frame).isNotNull();
        pongs += frame.opcode() == 10 ? 1 : 0;
      } while (frame.opcode() != 10 || frame.payload()[0] != 99);
      assertThat(pongs).isBetween(3, 50);
    }
  }

  @Test
  void pingsFarOverTheRateCloseWith1008() throws Exception {
    byte[][] pings = new byte[2_000][];
    Arrays.fill(pings, frame(PING, new byte[1]));
    try (Served house = serve(Limits.builder().pingRate(1));
        RawClient bad = house.enter("lobby", "Bad")) {
      bad.write(pings);

      assertThat(bad.hearsClose()).isEqualTo(1008);
    }
  }

  @Test
  void pingsOfOneWhoDoesNotReadAreNotKept() throws Exception {
    Limits.Builder limits = Limits.builder().closeTime(Duration.ofSeconds(1));
    byte[][] pings = new byte[1_000][];
    Arrays.fill(pings, frame(PING, new byte[125]));
    try (Served house = serve(limits);
        RawClient bad = house.connect(4 << 10)) {
      house.enter(bad, "lobby", "Bad");
      Thread floods =
          new Thread(
              () -> {
                try {
                  while (true) {
                    bad.write(pings);
                  }
                } catch (IOException cut) {
                  return;
                }
              });
      floods.start();

      Served.await("the leave", () -> house.left.contains("Bad"));
      floods.join();
    }
  }

  @Test
  void memberWhoDoesNotReadIsLetGoAndOthersGoOn() throws Exception {
    Limits.Builder limits = Limits.builder().outboxBytes(1 << 20).closeTime(Duration.ofSeconds(1));
    String words = "x".repeat(100_000);
    try (Served house = serve(limits);
        RawClient slow = house.connect(4 << 10);
        RawClient ming = house.enter("lobby", "Ming")) {
      house.enter(slow, "lobby", "Slow");
      int said = 0;
      while (!house.letGo.contains("Slow")) {
        ming.say(words);
        ming.hears("normal", words);
        said++;
        assertThat(said).isLessThan(1_000);
      }

      Served.await("the leave", () -> house.left.contains("Slow"));
      ming.say("still here");
      ming.hears("normal", "still here");
      Served.await("it is cut", () -> house.server.connections().all().count() == 1);
    }
  }

  @Test
  void ofThoseWhoDoNotReadTheOneForWhomMostWaitsIsLetGoFirst() throws Exception {
    Duration patience = Duration.ofSeconds(30);
    Limits.Builder limits =
        Limits.builder().withoutRates().allOutboxBytes(4 << 20).stall(patience).closeTime(patience);
    String words = "x".repeat(100_000);
    try (Served house = serve(limits);
        RawClient little = house.connect(64 << 10);
        RawClient much = house.connect(64 << 10);
        RawClient ming = house.enter("little", "Ming");
        RawClient lin = house.enter("much", "Lin")) {
      house.enter(little, "little", "Little");
      house.enter(much, "much", "Much");
      int said = 0;
      while (house.left.isEmpty()) {
        lin.say(words);
        lin.hears("normal", words);
        if (said % 2 == 0) {
          ming.say(said + words);
          ming.hears("normal", said + words);
        }
        said++;
        assertThat(said).isLessThan(1_000);
      }

      assertThat(house.left).containsExactly("Much");
      for (int i = 0; i < said; i += 2) {
        little.hears("normal", "\"" + i + words);
      }
      assertThat(much.hearsClose()).isEqualTo(1013);
    }
  }

  @Test
  void memberWhoTakesNothingIsCut() throws Exception {
    Limits.Builder limits = Limits.builder().stall(Duration.ofSeconds(3));
    String words = "x".repeat(100_000); // such as the kernel takes at once for who reads
    try (Served house = serve(limits);
        RawClient slow = house.connect(4 << 10);
        RawClient ming = house.enter("lobby", "Ming")) {
      house.enter(slow, "lobby", "Slow");
      for (int i = 0; i < 80; i++) {
        ming.say(words);
        ming.hears("normal");
      }

      Served.await("the leave", () -> house.left.contains("Slow"));
      assertThat(house.letGo).isEmpty();
    }
  }

  @Test
  void memberWhoReadsSlowlyHearsAll() throws Exception {
    String words = "x".repeat(300_000);
    try (Served house = serve(Limits.builder());
        RawClient slow = house.connect(4 << 10);
        RawClient ming = house.enter("lobby", "Ming")) {
      house.enter(slow, "lobby", "Slow");
      for (int i = 0; i < 20; i++) {
        ming.say(i + words);
        ming.hears("normal", words);
      }
      slow.write(frame(PING, new byte[] {1}), frame(PING, new byte[] {2}));

      for (int i = 0; i < 20; i++) {
        slow.hears("normal", "\"" + i + words);
      }
      ming.say("last");
      slow.hears("normal", "last");
    }
  }

  @Test
  void memberOverItsRateIsReadMoreSlowlyAndLosesNothing() throws Exception {
    Limits.Builder limits = Limits.builder().messageRate(100).messageBurst(10);
    byte[][] flood = new byte[200][];
    Arrays.setAll(flood, i -> text("word " + i));
    try (Served house = Served.with(limits);
        RawClient lin = house.enter("lobby", "Lin");
        RawClient ming = house.enter("lobby", "Ming")) {
      long began = System.nanoTime();
      ming.write(flood);

      for (int i = 0; i < flood.length; i++) {
        assertThat(lin.hears("normal")).contains("\"word " + i + "\"");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void memberOverItsRateForTooLongIsClosedWith1008AndOthersGoOn() throws Exception {
    Limits.Builder limits =
        Limits.builder().messageRate(100).messageBurst(200).rateTime(Duration.ofSeconds(1));
    byte[][] flood = new byte[2_000][];
    Arrays.fill(flood, text("x"));
    try (Served house = Served.with(limits);
        RawClient lin = house.enter("lobby", "Lin");
        RawClient ming = house.enter("lobby", "Ming")) {
      ming.write(flood);

      assertThat(ming.hearsClose()).isEqualTo(1008);
      lin.hears("leave");
      lin.say("still here");
      lin.hears("normal", "still here");
    }
  }

  @Test
  void floodIsReadAsFastAsItIsHeard() throws Exception {
    Limits.Builder limits = Limits.builder().withoutRates().inletMessages(64);
    byte[][] flood = new byte[5_000][];
    Arrays.setAll(flood, i -> text("word " + i));
    try (Served house = serve(limits);
        RawClient lin = house.enter("lobby", "Lin");
        RawClient ming = house.enter("lobby", "Ming")) {
      Thread drains =
          new Thread(
              () -> {
                try {
                  ming.hears("normal", "word 4999");
                } catch (IOException cut) {
                  return;
                }
              });
      drains.start();
      ming.write(flood);

      for (int i = 0; i < flood.length; i++) {
        assertThat(lin.hears("normal")).contains("\"word " + i + "\"");
      }
      drains.join();
    }
  }

  @Test
  void roughComingsAndGoingsLeaveNoGhosts() throws Exception {
    try (Served house = serve(Limits.builder().withoutRates())) {
      for (int i = 0; i < 100; i++) {
        RawClient rough = house.connect();
        rough.write(request("/xgate/websocket/lobby?nickname=Rough"));
        if (i % 3 > 0) {
          rough.readHead();
        }
        if (i % 2 == 0) {
          rough.resetOnClose();
        }
        rough.disconnect();
      }

      // the last of them may not have come yet
      Served.await("an empty room", () -> findsTheRoomEmpty(house));
    }
  }

  private static boolean findsTheRoomEmpty(Served house) {
    Served.await("all are gone", () -> house.server.connections().all().findAny().isEmpty());
    try (RawClient ming = house.connect()) {
      ming.shakeHands("lobby?nickname=Ming");
      return ming.hears("member_count").contains("\"payload\":1,");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void whoDoesNotEndItsSideIsCut() throws Exception {
    try (Served house = serve(Limits.builder().closeTime(Duration.ofMillis(500)));
        RawClient refused = house.connect();
        RawClient closed = house.enter("lobby", "Closed");
        RawClient closes = house.enter("lobby", "Closes")) {
      refused.write(request("/other"));
      assertThat(refused.readHead()).startsWith("HTTP/1.1 404 ");
      closed.write(frame(0x83, new byte[0]));
      assertThat(closed.hearsClose()).isEqualTo(1002);
      closes.write(RawClient.close(1000));
      assertThat(closes.hearsClose()).isEqualTo(1000);

      Served.await("all are gone", () -> house.server.connections().all().findAny().isEmpty());
      Served.await("both have left", () -> house.left.size() == 2);
      assertThat(house.left).containsExactlyInAnyOrder("Closed", "Closes");
    }
  }

  @Test
  void resetEndsWithALeave() throws Exception {
    try (Served house = serve(Limits.builder());
        RawClient lin = house.enter("lobby", "Lin")) {
      RawClient ming = house.enter("lobby", "Ming");
      lin.hears("join", "Ming");
      ming.say("last words");
      ming.hears("normal");
      ming.resetOnClose();
      ming.close();

      lin.hears("normal", "last words");
      lin.hears("leave");
    }
  }

  @Test
  void errorsOfTheApplicationDoNotStopTheServer() throws Exception {
    Xnest.Builder failing =
        Xnest.builder()
            .admission(
                entry -> {
                  String name = entry.nickname() == null ? "" : entry.nickname();
                  return switch (name) {
                    case "Throws" -> throw new AssertionError("on purpose");
                    case "Overflows" -> throw new StackOverflowError("on purpose");
                    case "Links" -> throw new NoClassDefFoundError("on purpose");
                    case "Fails" -> CompletableFuture.failedStage(new OutOfMemoryError("not so"));
                    default -> CompletableFuture.completedStage(new Decision.Accepted(entry));
                  };
                });
    try (Served house = serve(failing)) {
      for (int i = 0; i < 4; i++) {
        for (String name : new String[] {"Throws", "Overflows", "Links", "Fails"}) {
          try (RawClient bad = house.connect()) {
            bad.write(RawClient.request("/xgate/websocket/lobby?nickname=" + name));
            assertThat(bad.readHead()).startsWith("HTTP/1.1 500 ");
          }
        }
      }

      for (int i = 0; i < 8; i++) {
        try (RawClient ming = house.enter("lobby", "Ming")) {
          ming.say("still here");
          ming.hears("normal", "still here");
        }
      }
    }
  }

  @Test
  void errorWhileEnteringEndsThatConnectionAlone() throws Exception {
    AtomicInteger entered = new AtomicInteger();
    Xnest.Builder failing =
        Xnest.builder()
            .memberIds(
                () -> {
                  int number = entered.incrementAndGet();
                  switch (number) {
                    case 1 -> throw new AssertionError("on purpose");
                    case 2 -> throw new StackOverflowError("on purpose");
                    case 3 -> throw new NoClassDefFoundError("on purpose");
                    case 4 -> throw new IllegalStateException("on purpose");
                    default -> {
                      return new MemberId("m" + number);
                    }
                  }
                });
    try (Served house = serve(failing)) {
      for (int i = 0; i < 4; i++) {
        try (RawClient unlucky = house.connect()) {
          unlucky.shakeHands("lobby");
          assertThat(unlucky.hearsClose()).isEqualTo(1011);
        }
      }

      for (int i = 0; i < 8; i++) {
        try (RawClient ming = house.enter("lobby", "Ming")) {
          ming.say("still here");
          ming.hears("normal", "still here");
        }
      }
    }
  }
}
