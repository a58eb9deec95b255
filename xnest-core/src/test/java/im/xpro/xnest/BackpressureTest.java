package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackpressureTest {
  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();

  RoomKit kit(Consumer<Limits.Builder> limits) {
    Limits.Builder builder = Limits.builder().withoutRates();
    limits.accept(builder);
    return RoomKit.create(setup -> setup.history(store).listener(reports).limits(builder.build()));
  }

  @Test
  void crowdThatSpeaksAtOnceIsHeardIfTheStoreKeepsUp() {
    Queue<Runnable> turns = new ArrayDeque<>();
    RoomKit kit =
        RoomKit.create(
            setup ->
                setup
                    .history(HistoryStore.inMemory(10_000))
                    .limits(Limits.builder().withoutRates().build())
                    .executor(turns::add));
    List<Guest> crowd = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      crowd.add(kit.enter("lobby", "guest " + i));
    }
    for (int i = 0; i < 100; i++) {
      crowd.forEach(guest -> guest.types("hello"));
    }

    while (!turns.isEmpty()) {
      turns.remove().run();
    }

    List<Frame> heard = crowd.get(0).hearsAll();
    assertThat(heard).noneMatch(frame -> frame.event() instanceof Event.Failed);
    assertThat(heard).filteredOn(frame -> frame.event() instanceof Event.Said).hasSize(5_000);
  }

  // ---- one member's way in ----

  @Test
  void readingPausesAtASixteenthOfTheMessagesAndGoesOnAtAThirtySecond() {
    RoomKit kit = kit(limits -> limits.inletMessages(64));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    List<Boolean> paused = new ArrayList<>();

    for (int i = 0; i < 4; i++) {
      ming.types("@changename:" + i);
      ming.types("m" + i);
      paused.add(ming.isPaused());
    }
    List<Boolean> stillPaused = new ArrayList<>();
    while (kit.storage().runNext()) {
      stillPaused.add(ming.isPaused());
    }

    // 1, 3, 5, 7 wait, then 5, 3, 1, 0: pauses at 4, goes on below 2
    assertThat(paused).containsExactly(false, false, true, true);
    assertThat(stillPaused).containsExactly(true, true, false, false);
  }

  @Test
  void readingPausesAtASixteenthOfTheBytes() {
    RoomKit kit = kit(limits -> limits.inletBytes(1_600));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();

    ming.types("x".repeat(99));
    boolean before = ming.isPaused();
    ming.types("x");
    boolean at = ming.isPaused();
    kit.storage().letGo();

    assertThat(before).isFalse();
    assertThat(at).isTrue();
    assertThat(ming.isPaused()).isFalse();
  }

  @Test
  void bytesAreThoseOfUtf8() {
    RoomKit kit = kit(limits -> limits.inletBytes(100).waitingBytes(99));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    lin.types("好".repeat(33));
    lin.types("x");
    ming.types("好".repeat(33) + "y");
    assertThat(ming.closeCode()).isNull();
    ming.types("好".repeat(33) + "yy");

    assertThat(Heard.by(lin)).startsWith("error " + Keeper.TOO_MUCH);
    assertThat(ming.closeCode()).isEqualTo(1008);
  }

  @Test
  void memberWhoGoesOnInSpiteOfThePauseIsLetGo() {
    RoomKit kit = kit(limits -> limits.inletMessages(32));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    for (int i = 0; i < 32; i++) {
      ming.types("m");
    }
    assertThat(ming.closeCode()).isNull();

    ming.types("one too many");

    assertThat(ming.closeCode()).isEqualTo(1008);
    kit.storage().letGo();
    assertThat(Heard.by(lin)).hasSize(33).endsWith("m1: m", "leave m1").doesNotContain("one too");
  }

  @Test
  void memberWithTooManyBytesIsLetGo() {
    RoomKit kit = kit(limits -> limits.inletBytes(100));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();

    ming.types("x".repeat(100));
    assertThat(ming.closeCode()).isNull();
    ming.types("x");

    assertThat(ming.closeCode()).isEqualTo(1008);
  }

  @Test
  void allMembersTogetherAreBounded() {
    RoomKit kit = kit(limits -> limits.allInletBytes(2_000).connections(10));
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("x".repeat(1_000 - 128));
    ming.types("y".repeat(500 - 128));
    wei.types("z".repeat(500 - 128));
    kit.expectNothingUnread();
    wei.types("one more");
    kit.storage().letGo();

    assertThat(Heard.by(wei))
        .hasSize(2)
        .endsWith("error too much is waiting here: the message was not taken");
    assertThat(Heard.by(ming)).hasSize(2);
    wei.types("taken again");
    assertThat(Heard.by(wei)).containsExactly("m2: taken again");
  }

  @Test
  void smallShareIsEverybodysThoughOthersHaveTakenAll() {
    RoomKit kit = kit(limits -> limits.allInletBytes(2_000).connections(10));
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    ming.types("x".repeat(2_000 - 128));

    wei.types("z".repeat(200 - 128));
    kit.expectNothingUnread();
    wei.types("");
    kit.storage().letGo();

    assertThat(Heard.by(wei)).hasSize(2).last().asString().startsWith("error too much");
  }

  @Test
  void lastQuarterOfWhatMayWaitOfAllIsForThoseOfWhomLittleWaits() {
    RoomKit kit = kit(limits -> limits.allInletBytes(200_000).connections(1_000));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("hall", "Lin");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("x".repeat(150_000 - 128));
    lin.types("y".repeat(Inlet.LITTLE + 1 - 128));
    wei.types("z".repeat(Inlet.LITTLE - 128));
    kit.storage().letGo();

    assertThat(Heard.by(lin)).hasSize(1).first().asString().startsWith("error too much");
    assertThat(Heard.by(wei)).hasSize(1).first().asString().startsWith("m3: zzz");
    assertThat(Heard.by(ming)).hasSize(1).first().asString().startsWith("m1: xxx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"taken", "refused", "a bot's", "too much"})
  void whatCountedAmongAllIsGivenBack(String what) {
    Bot bot =
        voice ->
            frame -> {
              for (int i = 0; i < 40 && voice.room().value().equals("lobby"); i++) {
                voice.say("x");
              }
            };
    RoomKit kit =
        RoomKit.create(
            setup -> {
              Limits.Builder limits = Limits.builder().withoutRates().connections(1_000_000);
              setup.limits(limits.allInletBytes(2_000).inletMessages(32).build()).history(store);
              if (what.equals("a bot's")) {
                setup.bot("bot", bot);
              }
            });
    kit.storage().hold();
    Guest ming = kit.enter("lobby", "小明");
    switch (what) {
      case "taken" -> ming.types("x".repeat(1_000));
      case "refused" -> {
        ming.types("x".repeat(1_000));
        ming.types("x".repeat(1_000));
        ming.sends(new byte[1_000]);
      }
      case "too much" -> Pasts.count(ming, 1, 50);
      default -> {}
    }
    kit.storage().letGo();
    ming.leaves();

    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    wei.types("x".repeat(2_000 - 128));
    assertThat(Heard.by(wei)).hasSize(1).first().asString().startsWith("m").contains("xxx");
    wei.types("x".repeat(2_000 - 127));
    assertThat(Heard.by(wei)).hasSize(1).first().asString().startsWith("error too much");
  }

  @Test
  void everyKindOfCommandIsGivenBack() {
    RoomKit kit = kit(limits -> limits.inletMessages(32));
    Guest ming = kit.enter("lobby", "小明");
    store.next.add(FaultyHistory.NOT_KEPT);

    for (int i = 0; i < 100; i++) {
      ming.types("said");
      ming.types("@to:" + ming.id() + "|whispered");
      ming.types("@to:nobody|whispered");
      ming.types("@to:");
      ming.types("@changename:" + i);
      ming.types("@changename:");
      ming.types("@history:0");
      ming.types("@history:3");
      store.unreadable = i % 2 == 0;
      ming.types("@history:1");
      store.unreadable = false;
      ming.sends((byte) 1, (byte) 2);
      ming.sends((byte) 1);
      ming.sends();
    }

    assertThat(ming.closeCode()).isNull();
    assertThat(ming.isPaused()).isFalse();
    assertThat(Heard.by(ming))
        .contains("m1: said", "m1: b1", "error the history cannot be read now");
  }

  @Test
  void uploadThatFailsIsGivenBack() {
    BlobStore full =
        new BlobStore() {
          @Override
          public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
              throws IOException {
            throw new IOException("disk full");
          }

          @Override
          public @Nullable Blob get(RoomId room, String id) {
            return null;
          }

          @Override
          public void remove(RoomId room, String id) {}
        };
    Limits limits = Limits.builder().withoutRates().inletMessages(32).waitingBytes(2).build();
    RoomKit kit = RoomKit.create(setup -> setup.blobs(full).limits(limits));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    for (int i = 0; i < 100; i++) {
      ming.sends((byte) 1, (byte) 2);
    }

    assertThat(ming.closeCode()).isNull();
    assertThat(Heard.by(ming)).hasSize(100).containsOnly("error the media could not be stored");
  }

  // ---- pausing itself ----

  /** Hands in more as soon as it may, on the very thread that says so, as some transports do. */
  static class Eager extends Ear {
    final Queue<String> unread = new ArrayDeque<>();
    Inlet inlet;
    boolean paused;
    int depth;
    int deepest;
    List<String> calls = new ArrayList<>();

    @Override
    public void pause() {
      paused = true;
      calls.add("pause");
    }

    @Override
    public void resume() {
      paused = false;
      calls.add("resume");
      read();
    }

    void read() {
      deepest = Math.max(deepest, ++depth);
      while (!paused && !unread.isEmpty()) {
        inlet.text(unread.remove());
      }
      depth--;
    }
  }

  @Test
  void transportMayReadOnWithinResume() {
    RoomKit kit = kit(limits -> limits.inletMessages(32));
    Eager ear = new Eager();
    ear.inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Eager"), ear);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      texts.add("m" + i);
    }
    ear.unread.addAll(texts);

    kit.storage().hold();
    ear.read();
    kit.storage().letGo();

    assertThat(Heard.messages(ear.frames())).isEqualTo(texts);
    assertThat(ear.deepest).isLessThan(3);
    assertThat(ear.calls).startsWith("pause", "resume", "pause").endsWith("resume");
    assertThat(ear.closeCode()).isZero();
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void messageAtHandIsNotOvertakenByOnesThatAreReadWithinResume() {
    RoomKit kit = kit(limits -> limits.inletMessages(64));
    Eager ear =
        new Eager() {
          @Override
          public void pause() {
            super.pause();
            runAll(kit);
          }
        };
    ear.inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Eager"), ear);
    List<String> texts = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    ear.unread.addAll(texts);
    kit.storage().hold();

    ear.read();
    runAll(kit);

    assertThat(Heard.messages(ear.frames())).isEqualTo(texts);
    assertThat(ear.calls).contains("pause", "resume");
  }

  static void runAll(RoomKit kit) {
    while (kit.storage().runNext()) {
      // each may bring another
    }
  }

  @Test
  void threadThatReadsNeverWaitsForOneThatPauses() throws InterruptedException {
    RoomKit kit = kit(limits -> limits.inletMessages(64));
    CountDownLatch pausing = new CountDownLatch(1);
    CountDownLatch mayReturn = new CountDownLatch(1);
    Ear ear =
        new Ear() {
          @Override
          public void pause() {
            pausing.countDown();
            try {
              mayReturn.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
              throw new IllegalStateException(interrupted);
            }
          }
        };
    Inlet inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Wei"), ear);
    kit.storage().hold();
    Thread reader = new Thread(() -> List.of("a", "b", "c", "d").forEach(inlet::text));
    reader.start();
    assertThat(pausing.await(30, TimeUnit.SECONDS)).isTrue();

    Thread another = new Thread(() -> inlet.text("e"));
    another.start();
    another.join(30_000);
    boolean waits = another.isAlive();
    mayReturn.countDown();
    reader.join(20_000);

    assertThat(waits).isFalse();
  }

  @Test
  void memberWhoseTransportCannotPauseIsLetGoAndHeardToTheEnd() {
    RoomKit kit = kit(limits -> limits.inletMessages(32));
    Guest lin = kit.enter("lobby", "Lin");
    Ear ear =
        new Ear() {
          @Override
          public void pause() {
            throw new IllegalStateException("closed already");
          }
        };
    Inlet inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Wei"), ear);
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    inlet.text("a");
    inlet.text("b");
    inlet.text("ignored");
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m2: a", "m2: b", "leave m2");
    assertThat(ear.closeCode()).isEqualTo(1013);
    assertThat(reports.failures).containsExactly("pausing or resuming member m2");
  }

  @Test
  void whatResumeThrowsDoesNotKeepOthersFromBeingHeard() {
    RoomKit kit = kit(limits -> limits.inletMessages(32));
    Guest lin = kit.enter("lobby", "Lin");
    Ear ear =
        new Ear() {
          @Override
          public void resume() {
            throw new AssertionError("a bug in the transport");
          }
        };
    Inlet inlet = kit.xnest().enter(Entry.of(new RoomId("lobby"), "Wei"), ear);
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    lin.types("on its way");

    inlet.text("a");
    inlet.text("b");
    lin.types("c");
    kit.storage().letGo();

    assertThat(Heard.by(lin))
        .containsExactly("m1: on its way", "m2: a", "m2: b", "m1: c", "leave m2");
  }

  // ---- what waits for the store ----

  @Test
  void roomWithTooManyWaitingMessagesRefusesTheNext() {
    RoomKit kit = kit(limits -> limits.roomWaitingMessages(2));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("on its way");
    ming.types("a");
    lin.types("b");
    lin.types("one too many");
    wei.types("in another room");

    assertThat(lin.hears()).isEqualTo(lin.failed(Keeper.TOO_MUCH));
    kit.expectNothingUnread();
    kit.storage().letGo();
    assertThat(Heard.by(lin)).containsExactly("m1: on its way", "m1: a", "m2: b");
    assertThat(Heard.by(wei)).containsExactly("m3: in another room");
  }

  @Test
  void roomWithTooManyWaitingBytesRefusesTheNextButTakesOneOfAnySize() {
    RoomKit kit = kit(limits -> limits.roomWaitingBytes(10));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    ming.types("on its way");

    ming.types("larger than all that may wait");
    ming.types("x");

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.TOO_MUCH);
    kit.storage().letGo();
    assertThat(Heard.by(ming))
        .containsExactly("m1: on its way", "m1: larger than all that may wait");
  }

  @Test
  void roomTakesMessagesAgainOnceTheStoreHasCaughtUp() {
    RoomKit kit = kit(limits -> limits.roomWaitingMessages(1).roomWaitingBytes(1).waitingBytes(1));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    for (int i = 0; i < 3; i++) {
      kit.storage().hold();
      ming.types("long");
      ming.types("refused");
      kit.storage().letGo();
    }

    assertThat(Heard.by(ming))
        .containsExactly(
            "error " + Keeper.TOO_MUCH,
            "m1: long",
            "error " + Keeper.TOO_MUCH,
            "m1: long",
            "error " + Keeper.TOO_MUCH,
            "m1: long");
  }

  @Test
  void shortTextsCountForWhatTheyTakeInMemory() {
    RoomKit kit = kit(limits -> limits.waitingBytes(1_000));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    for (int i = 0; i < 10; i++) {
      ming.types("x");
    }

    assertThat(Heard.by(ming)).hasSize(6).containsOnly("error " + Keeper.TOO_MUCH);
  }

  @Test
  void allRoomsTogetherAreBounded() {
    RoomKit kit = kit(limits -> limits.waitingBytes(2 * Storage.MESSAGE_BYTES + 10));
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("1234567");
    wei.types("1234");
    wei.types("123");

    assertThat(Heard.by(wei)).containsExactly("error " + Keeper.TOO_MUCH);
    kit.storage().letGo();
    assertThat(Heard.by(wei)).containsExactly("m2: 123");
    assertThat(Heard.by(ming)).containsExactly("m1: 1234567");
  }

  @Test
  void lastQuarterOfWhatMayWaitForTheStoresIsForSmallMessages() {
    RoomKit kit = kit(limits -> limits.waitingBytes(200_000).roomWaitingMessages(1));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("hall", "Lin");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.types("x".repeat(150_000 - Storage.MESSAGE_BYTES));
    lin.types("y".repeat(Inlet.LITTLE + 1));
    wei.types("z".repeat(Inlet.LITTLE));

    assertThat(Heard.by(lin)).containsExactly("error " + Keeper.TOO_MUCH);
    kit.storage().letGo();
    assertThat(Heard.by(wei)).hasSize(1).first().asString().startsWith("m3: zzz");
    assertThat(Heard.by(ming)).hasSize(1).first().asString().startsWith("m1: xxx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"kept", "lost", "collides", "perhaps", "refused"})
  void whatWaitedIsGivenBackWhateverBecameOfIt(String what) {
    RoomKit kit =
        kit(limits -> limits.waitingBytes(3 * Storage.MESSAGE_BYTES + 30).roomWaitingMessages(2));
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("elsewhere", "Wei");
    switch (what) {
      case "lost" -> store.next.add(FaultyHistory.NOT_KEPT);
      case "collides" -> store.next.add(FaultyHistory.CONFLICT);
      default -> {}
    }

    kit.storage().hold();
    ming.types("1234567");
    ming.types("1234567");
    ming.types("1234567");
    if (what.equals("refused")) {
      ming.types("1234567");
    } else if (what.equals("perhaps")) {
      kit.clock().turn(Limits.defaults().storeTime());
    }
    kit.storage().letGo();
    kit.forgetWhatWasHeard();

    // one may always be larger, so two tell whether nothing of the others is left
    kit.storage().hold();
    String half = "x".repeat(Storage.MESSAGE_BYTES / 2 + 15);
    wei.types(half);
    wei.types(half);
    assertThat(Heard.by(wei)).isEmpty();
    wei.types("x");
    assertThat(Heard.by(wei)).containsExactly("error " + Keeper.TOO_MUCH);
    kit.storage().letGo();
    assertThat(Heard.by(wei)).hasSize(2);
  }

  @Test
  void uploadsCountAmongAllThatWaits() {
    RoomKit kit = kit(limits -> limits.waitingBytes(2 * Storage.MESSAGE_BYTES + 10));
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("elsewhere", "Wei");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.sends((byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6, (byte) 7, (byte) 8);
    wei.sends((byte) 1, (byte) 2, (byte) 3);
    wei.types("abc");

    assertThat(Heard.by(wei))
        .containsExactly("error " + Keeper.TOO_MUCH, "error " + Keeper.TOO_MUCH);
    kit.storage().letGo();
    assertThat(Heard.by(ming)).containsExactly("m1: b1");
    kit.storage().hold();
    wei.types("12345");
    wei.types("12345");
    assertThat(Heard.by(wei)).isEmpty();
  }

  @Test
  void pauseComesInTimeThoughAResumeIsHeldUp() throws Exception {
    CountDownLatch resuming = new CountDownLatch(1);
    CountDownLatch mayResume = new CountDownLatch(1);
    class Transport extends Ear {
      volatile boolean paused;

      @Override
      public void pause() {
        paused = true;
      }

      @Override
      public void resume() {
        paused = false;
        resuming.countDown();
        try {
          mayResume.await();
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    Transport transport = new Transport();
    try (Xnest xnest = Xnest.builder().limits(Limits.builder().inletMessages(64).build()).build()) {
      Inlet inlet = xnest.enter(Entry.of(new RoomId("lobby"), "Ming"), transport);
      Thread reader =
          new Thread(
              () -> {
                while (transport.closeCode() == 0
                    && (resuming.getCount() > 0 || !transport.paused)) {
                  if (!transport.paused) {
                    inlet.text("word");
                  }
                }
              });
      reader.setDaemon(true);
      reader.start();
      assertThat(resuming.await(30, TimeUnit.SECONDS)).isTrue();
      long end = System.nanoTime() + 30_000_000_000L;
      while (reader.isAlive()
          && reader.getState() != Thread.State.WAITING
          && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      mayResume.countDown();
      reader.join(10_000);
    }
    assertThat(transport.closeCode()).as("by the end of the house alone").isEqualTo(1001);
  }
}
