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
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
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

      int told;
      try {
        told = bad.hearsClose();
      } catch (IOException reset) {
        if (!trial.deviates(Deviation.HANGS_UP)) {
          throw reset;
        }
        told = code;
      }
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

  private static void endlessFragmentsAre1009(Trial trial) throws Exception {
    Served house = trial.serve();
    RawClient bad = house.enter("lobby", "Bad");
    byte[][] more = new byte[2_000][];
    Arrays.fill(more, frame(0x00, NOTHING));
    bad.write(frame(0x01, NOTHING));

    bad.writeUntilCut(more);

    if (trial.deviates(Deviation.ANY_FRAGMENTS)) {
      RawClient ming = house.enter("lobby", "Ming");
      ming.say("still here");
      ming.hears("normal", "still here");
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
    Served house = trial.serve(Limits.builder().stall(Duration.ofSeconds(1)));
    String words = "x".repeat(1_000_000);
    RawClient slow = house.connect(4 << 10);
    house.enter(slow, "lobby", "Slow");
    RawClient ming = house.enter("lobby", "Ming");
    for (int i = 0; i < 8; i++) {
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
    Served house = trial.serve(Limits.builder().messageRate(2_000).messageBurst(500));
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
    if (trial.deviates(Deviation.NO_BACK_PRESSURE)) {
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
