package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("bots on threads of their own")
@Timeout(60)
class BotThreadsTest {
  private static final RoomId LOBBY = new RoomId("lobby");

  private final Reports reports = new Reports();

  private static void enterAndTalk(Xnest xnest, RoomId room, int messages)
      throws InterruptedException {
    Ear ear = new Ear();
    Inlet lin = xnest.enter(Entry.of(room, "Lin"), ear);
    IntStream.range(0, messages).forEach(i -> lin.text("say " + i));
    ear.await(frames -> Heard.words(frames).contains(lin.id() + ": say " + (messages - 1)));
  }

  @Test
  void botsThatBlockForEverHoldUpNoRoom() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Bot inFrames =
        voice ->
            frame -> {
              try {
                never.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              }
            };
    Bot asItEnters =
        voice -> {
          inFrames.enter(voice).accept(null);
          return frame -> {};
        };
    Limits limits = Limits.builder().botBacklog(100).build();
    try (Xnest xnest =
        Xnest.builder()
            .listener(reports)
            .limits(limits)
            .bot("a", inFrames)
            .bot("b", asItEnters)
            .build()) {
      for (int room = 0; room < 10; room++) {
        enterAndTalk(xnest, new RoomId("room " + room), 50);
      }
      enterAndTalk(xnest, LOBBY, 200);
      assertThat(reports.failures)
          .contains(
              "handing frames to bot 'a' in room 'lobby'",
              "handing frames to bot 'b' in room 'lobby'");
    } finally {
      never.countDown();
    }
  }

  @Test
  void botHearsOneFrameAtATimeInTheRoomsOrder() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    Queue<Frame> heard = new ConcurrentLinkedQueue<>();
    Queue<String> faults = new ConcurrentLinkedQueue<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    Bot bot =
        voice ->
            frame -> {
              if (inside.incrementAndGet() != 1) {
                faults.add("two at a time");
              }
              heard.add(frame);
              inside.decrementAndGet();
              if (frame.event() instanceof Event.Said said && said.text().equals("say 499")) {
                last.complete(null);
              }
            };
    Ear ear = new Ear();
    try (Xnest xnest = Xnest.builder().listener(reports).bot("bot", bot).build()) {
      Inlet ming = xnest.enter(Entry.of(LOBBY, "小明"), ear);
      enterAndTalk(xnest, LOBBY, 500);
      last.get(30, TimeUnit.SECONDS);
      List<Frame> seen = ear.await(frames -> Heard.words(frames).contains("join " + ming.id()));

      assertThat(faults).isEmpty();
      assertThat(reports.failures).isEmpty();
      List<Frame> live = seen.subList(4, seen.size());
      assertThat(heard).containsExactlyElementsOf(live.subList(0, heard.size()));
    }
  }

  @Test
  void manyThreadsMaySpeakForABotAlsoWhenItsRoomIsGone() throws Exception {
    AtomicReference<Voice> voice = new AtomicReference<>();
    CountDownLatch entered = new CountDownLatch(1);
    Bot bot =
        given -> {
          voice.set(given);
          entered.countDown();
          return frame -> {};
        };
    Limits limits = Limits.builder().botMessages(400).build();
    Ear ear = new Ear();
    try (Xnest xnest = Xnest.builder().listener(reports).limits(limits).bot("bot", bot).build()) {
      Inlet lin = xnest.enter(Entry.of(LOBBY, "Lin"), ear);
      assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
      AtomicInteger taken = new AtomicInteger();
      List<Thread> threads =
          IntStream.range(0, 4).mapToObj(i -> new Thread(() -> say(voice.get(), taken))).toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join(30_000);
      }
      // on a slow machine the 10 s may pass meanwhile
      assertThat(taken.get()).isGreaterThanOrEqualTo(400);
      ear.await(frames -> Heard.messages(frames).size() == taken.get());
      Voice gone = voice.get();
      lin.leave();
      enterAndTalk(xnest, new RoomId("garden"), 1);
      say(gone, new AtomicInteger());
    }
    assertThat(voice.get().say("anybody?")).isFalse();
  }

  private static void say(Voice voice, AtomicInteger taken) {
    for (int i = 0; i < 200; i++) {
      if (voice.say("" + i)) {
        taken.incrementAndGet();
      }
    }
  }

  @Test
  void botMayCloseTheHouseFromWithin() throws Exception {
    AtomicReference<Xnest> house = new AtomicReference<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Bot bot =
        voice ->
            frame -> {
              if (frame.event() instanceof Event.Said) {
                house.get().close();
                closed.complete(null);
              }
            };
    house.set(Xnest.builder().listener(reports).bot("bot", bot).build());
    Ear ear = new Ear();

    house.get().enter(Entry.of(LOBBY, "Lin"), ear).text("go");

    closed.get(30, TimeUnit.SECONDS);
    assertThat(ear.closeCode()).isEqualTo(1001);
    assertThat(reports.failures).isEmpty();
  }
}
