package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.FakeClock;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§5 who sends too fast")
class PaceTest {
  private static final int MIB = 1 << 20;

  final Reports reports = new Reports();
  final RoomKit kit = kit(Limits.defaults());
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  PaceTest() {
    kit.forgetWhatWasHeard();
  }

  RoomKit kit(Limits limits) {
    return RoomKit.create(setup -> setup.limits(limits).listener(reports));
  }

  static void after(RoomKit kit, long millis) {
    kit.clock().turn(Duration.ofMillis(millis));
  }

  void types(int from, int to) {
    Pasts.count(ming, from, to);
  }

  // ---- messages ----

  @Test
  void twoHundredMessagesAtOnceAreHeardAndOneMoreWaitsWhileReadingIsPaused() {
    types(1, 200);
    assertThat(Heard.messages(lin.hearsAll())).isEqualTo(Pasts.numbers(1, 200));
    assertThat(ming.isPaused()).isFalse();

    types(201, 201);

    lin.hearsNothing();
    assertThat(ming.isPaused()).isTrue();
    after(kit, 50);
    assertThat(Heard.messages(lin.hearsAll())).isEqualTo(Pasts.numbers(201, 201));
    assertThat(ming.isPaused()).isFalse();
    assertThat(ming.closeCode()).isNull();
  }

  @Test
  void aHundredInASecondGoOnForEver() {
    types(1, 200);
    for (int second = 0; second < 120; second++) {
      for (int i = 0; i < 100; i++) {
        after(kit, 10);
        types(i, i);
        assertThat(ming.isPaused()).isFalse();
      }
    }
    assertThat(lin.hearsAll()).hasSize(200 + 12_000);
  }

  @Test
  void whatWasReadAlreadyIsHeardInItsOrderAndAtTheRate() {
    types(1, 1_000);

    assertThat(Heard.messages(lin.hearsAll())).isEqualTo(Pasts.numbers(1, 200));
    after(kit, 1_000);
    assertThat(Heard.messages(lin.hearsAll())).isEqualTo(Pasts.numbers(201, 300));
    after(kit, 7_000);
    assertThat(Heard.messages(lin.hearsAll())).isEqualTo(Pasts.numbers(301, 1_000));
    assertThat(ming.isPaused()).isFalse();
  }

  @Test
  void everyKindOfFrameCounts() {
    for (int i = 0; i < 50; i++) {
      ming.types("@to:" + lin.id() + "|psst");
      ming.types("@changename:" + i);
      ming.types("@to:nobody");
      ming.sends();
    }
    assertThat(ming.isPaused()).isFalse();

    ming.types("one more");

    assertThat(ming.isPaused()).isTrue();
  }

  @Test
  void onlyWhoIsTooFastIsHeldUp() {
    types(1, 1_000);

    lin.types("I am not");

    assertThat(Heard.messages(lin.hearsAll())).hasSize(201).endsWith("I am not");
    assertThat(lin.isPaused()).isFalse();
  }

  @Test
  void whoLeavesIsHeardToTheEndAtOnce() {
    types(1, 260);

    ming.leaves();

    assertThat(lin.hearsAll()).hasSize(261).endsWith(ming.left());
    after(kit, 1_000);
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void historyIsNotReadForWhoHasLeft() {
    for (int i = 0; i < 40; i++) {
      ming.types("@history:" + i);
    }
    ming.types("last words");

    ming.leaves();

    assertThat(Heard.by(lin)).containsExactly("m1: last words", "leave m1");
  }

  // ---- for too long ----

  /** Sends a message each 5 ms, which is twice its rate, as long as it is read. */
  static void flood(RoomKit kit, Guest guest, long millis) {
    for (long t = 0; t < millis; t += 5) {
      after(kit, 5);
      if (!guest.isPaused()) {
        guest.types("x");
      }
    }
  }

  @Test
  void whoIsOverItsRateForThirtySecondsIsLetGoWith1008() {
    types(1, 200);
    flood(kit, ming, 29_900);
    assertThat(ming.closeCode()).isNull();

    flood(kit, ming, 200);

    assertThat(ming.closeCode()).isEqualTo(1008);
    assertThat(ming.closeReason()).isEqualTo("sends too fast");
    List<Frame> heard = lin.hearsAll();
    assertThat(heard.size()).isBetween(3_000, 3_230);
    assertThat(heard.get(heard.size() - 1).event()).isEqualTo(new Event.Left());
  }

  @Test
  void whoHasSavedItsBurstAgainMayBeTooFastAgain() {
    for (int i = 0; i < 5; i++) {
      flood(kit, ming, 20_000);
      after(kit, 2_100);
    }
    assertThat(ming.closeCode()).isNull();
  }

  @Test
  void whoHasNeverSavedItsBurstIsNotLetGoWhileNothingWaits() {
    types(1, 199);
    for (int i = 0; i < 6_000; i++) {
      after(kit, 10);
      types(i, i);
    }

    assertThat(ming.closeCode()).isNull();
    assertThat(ming.isPaused()).isFalse();
  }

  // ---- bytes ----

  @Test
  void sixteenMebibytesAtOnceAreHeardAndOneByteMoreWaits() {
    String text = "x".repeat(MIB);
    for (int i = 0; i < 16; i++) {
      ming.types(text);
    }
    assertThat(lin.hearsAll()).hasSize(16);
    assertThat(ming.isPaused()).isFalse();

    ming.types("x");

    lin.hearsNothing();
    assertThat(ming.isPaused()).isTrue();
    after(kit, 50);
    assertThat(Heard.by(lin)).containsExactly("m1: x");
  }

  @Test
  void twoMebibytesInASecondGoOn() {
    String text = "x".repeat(MIB);
    for (int i = 0; i < 18; i++) {
      ming.types(text);
    }
    lin.hearsAll();

    after(kit, 499);
    lin.hearsNothing();
    after(kit, 1);
    assertThat(lin.hearsAll()).hasSize(1);
    after(kit, 500);
    assertThat(lin.hearsAll()).hasSize(1);
  }

  @Test
  void whoSendsTooManyBytesForThirtySecondsIsLetGo() {
    RoomKit narrow = kit(Limits.builder().byteRate(2_000).byteBurst(16_000).build());
    Guest wei = narrow.enter("lobby", "Wei");
    String text = "x".repeat(1_000);
    for (int i = 0; i < 299; i++) {
      while (!wei.isPaused()) {
        wei.types(text);
      }
      after(narrow, 100);
    }
    assertThat(wei.closeCode()).isNull();

    for (int i = 0; i < 10 && wei.closeCode() == null; i++) {
      wei.types(text);
      after(narrow, 100);
    }

    assertThat(wei.closeCode()).isEqualTo(1008);
  }

  @Test
  void albumIsTakenHoweverLongItWaits() {
    for (int i = 0; i < 20; i++) {
      ming.sends(new byte[8 * MIB]);
      while (ming.isPaused()) {
        after(kit, 100);
      }
    }

    assertThat(lin.hearsAll()).hasSize(20);
    assertThat(ming.closeCode()).isNull();
  }

  // ---- history ----

  @Test
  void twentyPagesAreAnsweredAtOnceAndOneMoreWaits() {
    for (int i = 0; i < 20; i++) {
      ming.types("@history:0");
    }
    assertThat(ming.hearsAll()).hasSize(20);
    assertThat(ming.isPaused()).isFalse();

    ming.types("@history:0");
    ming.types("behind it");

    ming.hearsNothing();
    assertThat(ming.isPaused()).isTrue();
    after(kit, 199);
    kit.expectNothingUnread();
    after(kit, 1);
    assertThat(ming.hears().event()).isInstanceOf(Event.Past.class);
    assertThat(Heard.by(ming)).containsExactly("m1: behind it");
  }

  @Test
  void whoReadsAllOfTheHistoryIsNeverLetGo() {
    int pages = 0;
    for (int second = 0; second < 60; second++) {
      while (!ming.isPaused()) {
        ming.types("@history:0");
      }
      after(kit, 1_000);
      pages += ming.hearsAll().size();
    }

    assertThat(pages).isBetween(300, 330);
    assertThat(ming.closeCode()).isNull();
  }

  // ---- media ----

  @Test
  void twentyMediaInAMinuteAreTakenAndOneMoreIsAnError() {
    for (int i = 0; i < 20; i++) {
      ming.sends((byte) 2, (byte) i);
    }
    assertThat(lin.hearsAll()).hasSize(20).allMatch(frame -> frame.event() instanceof Event.Shared);
    ming.hearsAll();

    ming.sends((byte) 2, (byte) 21);

    assertThat(ming.hears()).isEqualTo(ming.failed("you may send 20 media in a minute"));
    lin.hearsNothing();
    after(kit, 2_999);
    ming.sends((byte) 2, (byte) 22);
    assertThat(ming.hears()).isEqualTo(ming.failed("you may send 20 media in a minute"));
    after(kit, 1);
    ming.sends((byte) 2, (byte) 23);
    assertThat(lin.hears()).isEqualTo(ming.shared(BlobKind.PICTURE, "b21"));
  }

  // ---- who is not bounded ----

  @Test
  void withoutRatesNobodyIsHeldUp() {
    RoomKit free = kit(Limits.builder().withoutRates().build());
    Guest wei = free.enter("lobby", "Wei");

    Pasts.count(wei, 1, 10_000);
    for (int i = 0; i < 100; i++) {
      wei.sends((byte) 2, (byte) 1);
      wei.types("@history:0");
    }

    assertThat(wei.hearsAll()).hasSize(5 + 10_000 + 200);
    assertThat(wei.isPaused()).isFalse();
  }

  @Test
  void botHasOnlyItsOwnRate() {
    Limits limits =
        Limits.builder().messageRate(1).messageBurst(1).uploadRate(1).botMessages(40).build();
    Bot bot =
        voice -> {
          for (int i = 0; i < 20; i++) {
            voice.say("beep");
            voice.share(BlobKind.FILE, ByteBuffer.wrap(new byte[1]));
          }
          return frame -> {};
        };
    RoomKit own = RoomKit.create(setup -> setup.limits(limits).bot("bot", bot));

    Guest wei = own.enter("lobby", "Wei");

    assertThat(Heard.messages(wei.hearsAll())).filteredOn("beep"::equals).hasSize(20);
    assertThat(own.enter("lobby", "Bo").closeCode()).isNull();
  }

  // ---- clocks ----

  @Test
  void clockThatIsSetBackFreezesNobodyAndLetsNobodyGo() {
    FakeClock timer = FakeClock.at(Instant.EPOCH);
    Duration[] setBack = {Duration.ofDays(2)};
    InstantSource clock = () -> timer.instant().plus(setBack[0]);
    RoomKit own =
        RoomKit.create(
            setup -> setup.limits(Limits.defaults()).clock(clock).timer(timer).listener(reports));
    Guest wei = own.enter("lobby", "Wei");
    Pasts.count(wei, 1, 250);
    assertThat(wei.isPaused()).isTrue();

    setBack[0] = Duration.ZERO;
    timer.turn(Duration.ofMillis(700));

    assertThat(wei.isPaused()).isFalse();
    assertThat(Heard.messages(wei.hearsAll())).isEqualTo(Pasts.numbers(1, 250));
    assertThat(wei.closeCode()).isNull();
  }

  // ---- a transport that cannot pause ----

  @Test
  void whoGoesOnInSpiteOfThePauseIsLetGoWhenTooMuchWaits() {
    Ear deaf = new Ear();
    Inlet inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Wei"), deaf);

    for (int i = 0; i < 1_200; i++) {
      inlet.text("x");
    }
    assertThat(deaf.closeCode()).isZero();
    inlet.text("x");

    assertThat(deaf.closeCode()).isEqualTo(1008);
  }

  // ---- fairness ----

  @Test
  void floodersDoNotHoldUpTheOthersOfTheirRoom() {
    List<Guest> flooders = List.of(ming, kit.enter("lobby", "a"), kit.enter("lobby", "b"));
    kit.forgetWhatWasHeard();
    for (int second = 0; second < 20; second++) {
      for (Guest flooder : flooders) {
        for (int i = 0; i < 1_000 && !flooder.isPaused(); i++) {
          flooder.types("x");
        }
      }
      lin.types("word " + second);
      assertThat(Heard.messages(lin.hearsAll())).endsWith("word " + second);
      after(kit, 1_000);
    }
  }
}
