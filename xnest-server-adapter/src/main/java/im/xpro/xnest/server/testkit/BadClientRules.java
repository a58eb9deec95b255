package im.xpro.xnest.server.testkit;

import static im.xpro.xnest.server.testkit.RawClient.BINARY;
import static im.xpro.xnest.server.testkit.RawClient.CLOSE;
import static im.xpro.xnest.server.testkit.RawClient.PING;
import static im.xpro.xnest.server.testkit.RawClient.TEXT;
import static im.xpro.xnest.server.testkit.RawClient.close;
import static im.xpro.xnest.server.testkit.RawClient.frame;
import static im.xpro.xnest.server.testkit.RawClient.text;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.MemberId;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** Nobody suffers from a bad client but itself. */
final class BadClientRules {
  private static final byte[] NOTHING = new byte[0];

  private BadClientRules() {}

  static void addTo(Map<String, Trial.Rule> rules) {
    rules.put("unmaskedFrameIs1002", closed(1002, new byte[] {(byte) TEXT, 1, 'a'}));
    rules.put("reservedBitIs1002", closed(1002, frame(0xC1, new byte[1])));
    rules.put("unknownOpcodeIs1002", closed(1002, frame(0x83, new byte[1])));
    rules.put("largePingIs1002", closed(1002, frame(PING, new byte[126])));
    rules.put("loneContinuationIs1002", closed(1002, frame(0x80, new byte[1])));
    rules.put("textWithinATextIs1002", closed(1002, frame(0x01, new byte[1]), text("x")));
    rules.put("badCloseCodeIs1002", closed(1002, frame(CLOSE, new byte[] {3, (byte) 237})));
    rules.put("closeOfOneByteIs1002", closed(1002, frame(CLOSE, new byte[1])));
    rules.put("badUtf8Is1007", closed(1007, frame(TEXT, new byte[] {(byte) 0xFF})));
    rules.put("unfinishedUtf8Is1007", closed(1007, frame(TEXT, new byte[] {(byte) 0xE4})));
    rules.put("largerTextIs1009", closed(1009, text("x".repeat((1 << 20) + 1))));
    rules.put("textLargerInUtf8Is1009", closed(1009, text("中".repeat((1 << 20) / 3 + 1))));
    rules.put("largerBinaryIs1009", closed(1009, frame(BINARY, new byte[(8 << 20) + 1])));
    rules.put(
        "largeFragmentsAre1009",
        closed(1009, frame(1, new byte[600_000]), frame(0, new byte[600_000])));
    rules.put("endlessFragmentsAre1009", BadClientRules::endlessFragmentsAre1009);
    rules.put("messageThatDripsIs1008", BadClientRules::messageThatDripsIs1008);
    rules.put("newestPingIsAnswered", BadClientRules::newestPingIsAnswered);
    rules.put("endlessPingsAre1008", BadClientRules::endlessPingsAre1008);
    rules.put("whoHoldsTooMuchMakesRoom", BadClientRules::whoHoldsTooMuchMakesRoom);
    rules.put("slowReadersMakeRoom", BadClientRules::slowReadersMakeRoom);
    rules.put("failureToEnterIs1011", BadClientRules::failureToEnterIs1011);
    rules.put("memberWhoDoesNotReadIsLetGo", BadClientRules::memberWhoDoesNotReadIsLetGo);
    rules.put("memberWhoTakesNothingIsCut", BadClientRules::memberWhoTakesNothingIsCut);
    rules.put("memberWhoReadsSlowlyHearsAll", BadClientRules::memberWhoReadsSlowlyHearsAll);
    rules.put("memberOverItsRateIsSlowedDown", BadClientRules::memberOverItsRateIsSlowedDown);
  }

  /** What comes before a violation is heard, what comes after it is not. */
  private static Trial.Rule closed(int code, byte[]... wrong) {
    return trial -> {
      Served house = trial.serve();
      RawClient lin = house.enter("lobby", "Lin");
      RawClient bad = house.enter("lobby", "Bad");
      lin.hears("join", "Bad");
      bad.write(text("before"));
      bad.hears("normal", "before");
      bad.writeUntilCut(wrong);
      bad.writeUntilCut(text("after"));

      int told = told(trial, bad, code);
      if (code != 1002 || !trial.deviates(Deviation.OWN_CLOSE_CODES)) {
        Expect.equal("the code", code, told);
      }
      bad.writeUntilCut(close(code));
      bad.hearsEnd();
      Expect.contains("what is heard", "before", lin.hears("normal"));
      RawClient.Frame next = lin.read();
      Expect.contains(
          "the next frame", "\"type\":\"leave\"", next == null ? "the end" : next.text());
    };
  }

  /** The code of the close frame; {@code expected} where that may be lost, and is. */
  private static int told(Trial trial, RawClient bad, int expected) throws IOException {
    try {
      return bad.hearsClose();
    } catch (IOException reset) {
      if (!trial.deviates(Deviation.HANGS_UP)) {
        throw reset;
      }
      return expected;
    }
  }

  private static void endlessFragmentsAre1009(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient bad = house.enter("lobby", "Bad");
    byte[][] more = new byte[2_000][];
    Arrays.fill(more, frame(0x00, NOTHING));
    bad.write(frame(0x01, NOTHING));

    bad.writeUntilCut(more);

    if (trial.deviates(Deviation.ANY_FRAGMENTS)) {
      isServed(house);
    } else {
      Expect.equal("the code", 1009, bad.hearsClose());
    }
  }

  private static void messageThatDripsIs1008(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().messageTime(Duration.ofMillis(500)));
    RawClient bad = house.enter("lobby", "Bad");

    bad.write(frame(0x01, new byte[10]), frame(0x00, new byte[10]));

    Expect.equal("the code", 1008, bad.hearsClose());
    house.awaitLeave("Bad");
  }

  private static void isServed(Served house) throws IOException {
    RawClient wei = house.enter("lobby", "Wei");
    wei.say("still here");
    wei.hears("normal", "still here");
  }

  private static void newestPingIsAnswered(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().pingRate(1).pingBurst(2));
    RawClient bad = house.enter("lobby", "Bad");
    byte[][] pings = new byte[100][];
    Arrays.setAll(pings, i -> frame(PING, new byte[] {(byte) i}));

    bad.write(pings);

    int pongs = 0;
    RawClient.Frame next;
    do {
      next = bad.read();
      if (next == null) {
        throw new EOFException("ended before the newest ping was answered");
      }
      pongs += next.opcode() == 10 ? 1 : 0;
    } while (next.opcode() != 10 || next.payload()[0] != 99);
    if (trial.deviates(Deviation.ANY_PINGS)) {
      Expect.equal("how many of 100 pings are answered", 100, pongs);
    } else {
      Expect.that(pongs <= 50, "of 100 pings at once a few should be answered, not " + pongs);
    }
  }

  private static void endlessPingsAre1008(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().pingRate(1));
    RawClient bad = house.enter("lobby", "Bad");
    byte[][] pings = new byte[2_000][];
    Arrays.fill(pings, frame(PING, NOTHING));

    bad.writeUntilCut(pings);

    if (!trial.deviates(Deviation.ANY_PINGS)) {
      Expect.equal("the code", 1008, bad.hearsClose());
    }
    isServed(house);
  }

  private static void whoHoldsTooMuchMakesRoom(Trial trial) throws Exception {
    int large = 1 << 20;
    Served house = trial.serve(Limits.builder().maxBinaryBytes(large).unfinishedBytes(large));
    Map<String, RawClient> hogs = new LinkedHashMap<>();
    for (String name : List.of("A", "B", "C", "D")) {
      hogs.put(name, house.enter(name, name));
    }
    for (RawClient hog : hogs.values()) {
      hog.writeUntilCut(frame(BINARY, large, new byte[large - 1]));
    }

    if (!trial.deviates(Deviation.ANY_UPLOADS)) {
      Expect.soon("somebody makes room", () -> !house.left.isEmpty());
      RawClient gone = Objects.requireNonNull(hogs.get(house.left.element()));
      Expect.equal("the code", 1013, told(trial, gone, 1013));
    }
    for (RawClient hog : hogs.values()) {
      hog.disconnect();
    }
    Expect.soon("all are gone", () -> house.left.size() == 4);
    isServed(house);
  }

  private static void slowReadersMakeRoom(Trial trial) throws Exception {
    Served house =
        trial.serve(
            Limits.builder()
                .outboxBytes(64 << 20)
                .allOutboxBytes(2 << 20)
                .stall(Duration.ofMinutes(1)));
    String words = "x".repeat(100_000);
    RawClient slow = house.connect(4 << 10);
    house.enter(slow, "lobby", "Slow");
    RawClient ming = house.enter("lobby", "Ming");
    for (int said = 0; said < 150 && house.left.isEmpty(); said++) {
      ming.say(words);
      ming.hears("normal", words);
    }

    if (!trial.deviates(Deviation.ANY_BACKLOG)) {
      house.awaitLeave("Slow");
    }
    isServed(house);
  }

  private static void failureToEnterIs1011(Trial trial) throws Exception {
    AtomicInteger entered = new AtomicInteger();
    Served house =
        trial.serve(
            Xnest.builder()
                .memberIds(
                    () -> {
                      int number = entered.incrementAndGet();
                      if (number <= 2) {
                        throw new IllegalStateException("on purpose");
                      }
                      return new MemberId("m" + number);
                    }));
    for (int i = 0; i < 2; i++) {
      RawClient unlucky = house.connect();
      unlucky.shakeHands("lobby");
      Expect.equal("the code", 1011, unlucky.hearsClose());
    }
    RawClient ming = house.enter("lobby", "Ming");
    ming.say("still here");
    ming.hears("normal", "still here");
  }

  private static void memberWhoDoesNotReadIsLetGo(Trial trial) throws Exception {
    Served house =
        trial.serve(Limits.builder().outboxBytes(1 << 20).closeTime(Duration.ofSeconds(1)));
    String words = "x".repeat(100_000);
    RawClient slow = house.connect(4 << 10);
    house.enter(slow, "lobby", "Slow");
    RawClient ming = house.enter("lobby", "Ming");
    for (int said = 0; !house.letGo.contains("Slow"); said++) {
      Expect.that(said < 300, "30 MB should be more than what waits for one who does not read");
      ming.say(words);
      ming.hears("normal", words);
    }

    house.awaitLeave("Slow");
    ming.hears("leave");
    ming.say("still here");
    ming.hears("normal", "still here");
    slow.hearsEnd();
  }

  private static void memberWhoTakesNothingIsCut(Trial trial) throws Exception {
    Served house = trial.serve(Limits.builder().stall(Duration.ofSeconds(3)));
    String words = "x".repeat(100_000); // such as the kernel takes at once for who reads
    RawClient slow = house.connect(4 << 10);
    house.enter(slow, "lobby", "Slow");
    RawClient ming = house.enter("lobby", "Ming");
    for (int i = 0; i < 80; i++) {
      ming.say(words);
      ming.hears("normal");
    }

    house.awaitLeave("Slow");
  }

  private static void memberWhoReadsSlowlyHearsAll(Trial trial) throws Exception {
    Served house = trial.serve();
    String words = "x".repeat(300_000);
    RawClient slow = house.connect(4 << 10);
    house.enter(slow, "lobby", "Slow");
    RawClient ming = house.enter("lobby", "Ming");
    for (int i = 0; i < 20; i++) {
      ming.say(i + words);
      ming.hears("normal", words);
    }

    for (int i = 0; i < 20; i++) {
      slow.hears("normal", "\"" + i + words);
    }
    ming.say("last");
    slow.hears("normal", "last");
  }

  private static void memberOverItsRateIsSlowedDown(Trial trial) throws Exception {
    int count = 3_000;
    boolean isCut = trial.deviates(Deviation.NO_BACK_PRESSURE);
    Served house = trial.serve(Limits.builder().messageRate(isCut ? 400 : 2_000).messageBurst(500));
    byte[][] flood = new byte[count][];
    Arrays.setAll(flood, i -> text("x".repeat(100) + i));
    RawClient lin = house.enter("lobby", "Lin");
    RawClient ming = house.enter("lobby", "Ming");
    Thread hears =
        new Thread(
            () -> {
              try {
                ming.hearsEnd();
              } catch (IOException ended) {
                return;
              }
            });
    if (isCut) {
      ming.writeUntilCut(flood);
      Expect.equal("the code", 1008, ming.hearsClose());
      lin.hears("leave");
      lin.say("still here");
      lin.hears("normal", "still here");
      return;
    }
    hears.start();
    long began = System.nanoTime();
    ming.write(flood);
    for (int i = 0; i < count; i++) {
      Expect.contains("word " + i, "x" + i + "\"", lin.hears("normal"));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    Expect.that(took.toSeconds() >= 1, "it should be slowed down, but took only " + took);
    ming.disconnect();
    hears.join();
  }
}
