package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The application's calls, from many threads and from within what xnest itself calls. */
class ChatRoomThreadsTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final int PATIENCE_SECONDS = 30;

  static List<Long> seeds() {
    return Seeds.some(2);
  }

  interface Work {
    void run() throws Exception;
  }

  /** Runs all at once, and waits for them. */
  static void together(List<Work> works) throws InterruptedException {
    Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (Work work : works) {
      threads.add(
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (Throwable fault) {
                  faults.add(fault);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(PATIENCE_SECONDS * 1_000L);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(faults).isEmpty();
  }

  static <T> T await(CompletionStage<T> answer) throws Exception {
    return answer.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** The number, or 0 if it was not posted. */
  static long awaitNumber(CompletionStage<Long> number) throws Exception {
    try {
      return await(number);
    } catch (ExecutionException failed) {
      assertThat(failed).hasCauseInstanceOf(NotPostedException.class);
      return 0;
    }
  }

  static List<HistoryEntry> all(HistoryStore store) throws IOException {
    return store.read(LOBBY, Long.MAX_VALUE, 100_000, Long.MAX_VALUE);
  }

  static void assertContiguous(List<HistoryEntry> entries) {
    assertThat(entries.stream().map(HistoryEntry::number))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, entries.size()).boxed().toList());
  }

  /** Nobody heard of somebody it was not told about. */
  static void assertSendersAreKnown(List<Frame> frames) {
    Set<MemberId> known = new HashSet<>();
    for (Frame frame : frames) {
      if (frame.event() instanceof Event.Listed listed) {
        listed.members().forEach(member -> known.add(member.id()));
      } else if (frame.event() instanceof Event.Joined) {
        known.add(frame.from());
      } else if (frame.event() instanceof Event.Message || frame.event() instanceof Event.Left) {
        assertThat(known).contains(frame.from());
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void callsOfManyThreadsLeaveTheMembersOrderIntact(long seed) throws Exception {
    MoodyHistory store = new MoodyHistory(seed, batch -> {});
    Reports reports = new Reports();
    Ear witness = new Ear();
    Ear speaker = new Ear();
    try (Xnest xnest = Xnest.builder().history(store).listener(reports).build()) {
      ChatRoom lobby = xnest.room(LOBBY);
      xnest.enter(Entry.of(LOBBY, "Witness"), witness);
      witness.await(ChatRoomThreadsTest::isWelcome);
      Inlet inlet = xnest.enter(Entry.of(LOBBY, "Speaker").withStoresHistory(false), speaker);
      List<Work> works = new ArrayList<>();
      works.add(() -> IntStream.range(0, 300).forEach(i -> inlet.text("word " + i)));
      for (int thread = 0; thread < 4; thread++) {
        String name = "System " + thread;
        Random random = new Random(seed + thread);
        works.add(() -> meddle(lobby, inlet.id(), name, random));
      }

      together(works);

      List<Frame> heard = witness.await(frames -> by(inlet.id(), frames).size() >= 300);
      assertThat(by(inlet.id(), heard))
          .isEqualTo(IntStream.range(0, 300).mapToObj(i -> "word " + i).toList());
      List<HistoryEntry> kept = all(store.kept);
      assertContiguous(kept);
      heard = witness.await(frames -> notBy(inlet.id(), frames).size() >= kept.size());
      assertThat(notBy(inlet.id(), heard)).isEqualTo(kept.stream().map(Heard::text).toList());
      assertSendersAreKnown(heard);
      await(lobby.close("done"));
      assertThat(xnest.rooms()).isEmpty();
    }
    assertThat(reports.failures).noneMatch(failure -> failure.startsWith("a task of room"));
  }

  static void meddle(ChatRoom lobby, MemberId speaker, String name, Random random)
      throws Exception {
    long last = 0;
    for (int i = 0; i < 40; i++) {
      switch (random.nextInt(6)) {
        case 0 -> assertThat(await(lobby.whisper(name, speaker, "psst"))).isTrue();
        case 1 -> assertThat(await(lobby.rename(speaker, name + i))).isTrue();
        case 2 -> assertThat(await(lobby.participants())).hasSizeBetween(2, 6);
        case 3 -> assertThat(await(lobby.kick(new MemberId("nobody"), "out"))).isFalse();
        case 4 -> lobby.history(Long.MAX_VALUE, 10);
        default -> {
          long number = awaitNumber(lobby.post(name, name + " says " + i));
          if (number > 0) {
            assertThat(number).isGreaterThan(last);
            last = number;
          }
        }
      }
    }
  }

  static List<String> by(MemberId id, List<Frame> frames) {
    return Heard.messages(frames.stream().filter(frame -> frame.from().equals(id)).toList());
  }

  static List<String> notBy(MemberId id, List<Frame> frames) {
    return Heard.messages(
        frames.stream()
            .filter(frame -> !frame.from().equals(id))
            .filter(frame -> frame.event() instanceof Event.Message)
            .toList());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void postsToARoomThatOpensAndClosesAreNumberedWithoutHoles(long seed) throws Exception {
    MoodyHistory store = new MoodyHistory(seed, batch -> {});
    Reports reports = new Reports();
    List<Ear> ears = Collections.synchronizedList(new ArrayList<>());
    Queue<Long> numbers = new ConcurrentLinkedQueue<>();
    try (Xnest xnest = Xnest.builder().history(store).listener(reports).build()) {
      ChatRoom lobby = xnest.room(LOBBY);
      Work guests =
          () -> {
            for (int i = 0; i < 60; i++) {
              Ear ear = new Ear();
              ears.add(ear);
              Inlet inlet = xnest.enter(Entry.of(LOBBY, "Guest"), ear);
              if (i % 3 > 0) {
                ear.await(ChatRoomThreadsTest::isWelcome);
                inlet.text("hi " + i);
              }
              inlet.leave();
            }
          };
      List<Work> works = new ArrayList<>(List.of(guests, guests));
      for (String name : List.of("News", "Weather", "News")) {
        works.add(
            () -> {
              for (int i = 0; i < 60; i++) {
                numbers.add(awaitNumber(lobby.post(name, name + " " + i)));
              }
            });
      }

      together(works);
    }

    List<HistoryEntry> kept = all(store.kept);
    assertContiguous(kept);
    assertThat(numbers.stream().filter(number -> number > 0)).doesNotHaveDuplicates();
    List<String> order = kept.stream().map(Heard::text).toList();
    for (Ear ear : ears) {
      assertSendersAreKnown(ear.frames());
      List<String> heard = Heard.messages(ear.frames());
      assertThat(Collections.indexOfSubList(order, heard)).as("%s", heard).isNotNegative();
    }
    assertThat(reports.failures).noneMatch(failure -> failure.startsWith("a task of room"));
    assertThat(reports.events.stream().filter("opened lobby"::equals))
        .hasSameSizeAs(reports.events.stream().filter("closed lobby"::equals).toList());
  }

  @Test
  void listenersAndFiltersMayCallAnythingAndNothingStandsStill() throws Exception {
    ChatRoom[] lobby = new ChatRoom[1];
    Queue<CompletionStage<?>> answers = new ConcurrentLinkedQueue<>();
    Ear witness = new Ear();
    Xnest.Builder builder =
        Xnest.builder()
            .filter(
                draft -> {
                  MemberId sender = draft.sender().id();
                  answers.add(lobby[0].post("Echo", "heard: " + draft.text()));
                  answers.add(lobby[0].participants());
                  answers.add(lobby[0].mute(sender, Duration.ofHours(1)));
                  answers.add(lobby[0].unmute(sender));
                  return CompletableFuture.completedStage(draft.pass());
                })
            .listener(
                new XnestListener() {
                  @Override
                  public void joined(RoomId room, Member member) {
                    answers.add(lobby[0].whisper("Porter", member.id(), "welcome"));
                    answers.add(lobby[0].history(Long.MAX_VALUE, 5));
                  }

                  @Override
                  public void left(RoomId room, Member member) {
                    answers.add(lobby[0].kick(member.id(), "too late"));
                    answers.add(lobby[0].post("Porter", "goodbye"));
                  }
                });
    try (Xnest xnest = builder.build()) {
      lobby[0] = xnest.room(LOBBY);
      xnest.enter(Entry.of(LOBBY, "Witness"), witness);
      Work guest =
          () -> {
            Ear ear = new Ear();
            Inlet inlet = xnest.enter(Entry.of(LOBBY, "Guest"), ear);
            for (int i = 0; i < 50; i++) {
              inlet.text("word");
            }
            inlet.leave();
          };

      together(List.of(guest, guest, guest, guest));

      witness.await(frames -> leaves(frames) == 4);
      for (CompletionStage<?> answer : answers) {
        await(answer);
      }
    }
  }

  @Test
  void closingFinishesWhatWasPostedAndRefusesTheRest() throws Exception {
    MoodyHistory store = new MoodyHistory(1, batch -> {});
    Xnest xnest = Xnest.builder().history(store).build();
    ChatRoom lobby = xnest.room(LOBBY);
    Queue<CompletionStage<Long>> numbers = new ConcurrentLinkedQueue<>();
    Work posts =
        () -> {
          try {
            for (int i = 0; i < 100_000; i++) {
              CompletionStage<Long> number = lobby.post("News", "x");
              numbers.add(number);
              if (i % 16 == 0) {
                awaitNumber(number);
              }
            }
          } catch (IllegalStateException closed) {
            assertThat(closed).hasMessage("xnest is closed");
          }
        };
    Work close =
        () -> {
          while (numbers.size() < 20) {
            Thread.onSpinWait();
          }
          xnest.close();
        };

    together(List.of(posts, posts, close));

    List<Long> kept = new ArrayList<>();
    for (CompletionStage<Long> number : numbers) {
      kept.add(awaitNumber(number));
    }
    kept.removeIf(number -> number == 0);
    assertContiguous(all(store.kept));
    assertThat(kept).doesNotHaveDuplicates().hasSameSizeAs(all(store.kept));
  }

  private static boolean isWelcome(List<Frame> frames) {
    return frames.size() >= 5;
  }

  private static long leaves(List<Frame> frames) {
    return frames.stream().filter(frame -> frame.event() instanceof Event.Left).count();
  }
}
