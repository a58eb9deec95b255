package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("what filters make of what members send")
class FilterTest {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final String UNCHECKED = "error the message could not be checked";

  final BlobStore blobs = BlobStore.inMemory();
  final Reports reports = new Reports();
  RoomKit kit;
  Guest ming;
  Guest lin;

  private void room(Filter... filters) {
    kit =
        RoomKit.create(
            builder -> {
              builder
                  .blobs(blobs)
                  .listener(reports)
                  .limits(Limits.builder().maxTextBytes(100).maxBinaryBytes(100).build());
              Stream.of(filters).forEach(builder::filter);
            });
    ming = kit.enter("lobby", "小明");
    lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
  }

  private static Filter changing(Function<Command, Command> change) {
    return Filter.of(draft -> new Verdict.Changed(change.apply(draft.command())));
  }

  private static final Filter LOUD = Filter.of(draft -> draft.withText(draft.text() + "!"));

  private static final Filter PASSING = Filter.of(Draft::pass);

  private void sends(Object message) {
    if (message instanceof byte[] bytes) {
      ming.sends(bytes);
    } else {
      ming.types((String) message);
    }
  }

  /** A message, the kind of its draft, and what Lin hears of it. */
  static Stream<Arguments> messages() {
    return Stream.of(
        arguments("hello", Command.Say.class, "m1: hello"),
        arguments("", Command.Say.class, "m1: "),
        arguments("@to:m2|psst", Command.Whisper.class, "m1 whispers psst"),
        arguments("@changename:Bo", Command.Rename.class, "m1 is Bo"),
        arguments(new byte[] {2, 42}, Command.Share.class, "m1: b1"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void whatPassesIsPublishedAsItIs(Object message, Class<?> kind, String heard) {
    List<Draft> drafts = new ArrayList<>();
    room(
        Filter.of(
            draft -> {
              drafts.add(draft);
              return draft.pass();
            }));

    sends(message);

    assertThat(Heard.by(lin)).containsExactly(heard);
    assertThat(drafts).singleElement().extracting(Draft::command).isInstanceOf(kind);
    assertThat(drafts.get(0).room()).isEqualTo(LOBBY);
    assertThat(drafts.get(0).sender().id()).isEqualTo(ming.id());
    assertThat(drafts.get(0).sender().nickname()).isEqualTo("小明");
  }

  @ParameterizedTest
  @MethodSource("messages")
  void whatIsRefusedIsHeardByNobodyAndItsSenderLearnsWhy(Object message) throws IOException {
    room(Filter.of(draft -> draft.refuse("not here")));

    sends(message);

    assertThat(ming.hears()).isEqualTo(ming.failed("not here"));
    kit.expectNothingUnread();
    assertThat(blobs.get(LOBBY, "b1")).isNull();
    assertThat(Heard.by(kit.enter("lobby", "Wei"))).contains("history []");
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void wordsAreHeardAndKeptAsTheyWereChanged() {
    room(LOUD);

    ming.types("hello");

    assertThat(Heard.by(ming)).containsExactly("m1: hello!");
    assertThat(Heard.by(lin)).containsExactly("m1: hello!");
    assertThat(Heard.by(kit.enter("lobby", "Wei"))).contains("history [hello!]");
  }

  @Test
  void privateWordsReachTheSameMemberAsTheyWereChanged() {
    room(LOUD);
    Guest wei = kit.enter("lobby", "Wei");
    kit.forgetWhatWasHeard();

    ming.types("@to:" + lin.id() + "|psst");

    assertThat(lin.hears()).isEqualTo(ming.whispered("psst!"));
    wei.hearsNothing();
    ming.hearsNothing();
  }

  @Test
  void changedNicknameIsCleaned() {
    room(Filter.of(draft -> draft.withText(" Dr. " + draft.text() + "\n")));

    ming.types("@changename:Bo");

    assertThat(lin.hears()).isEqualTo(ming.renamed("Dr. Bo"));
  }

  @Test
  void mediaAreStoredAsTheyWereChanged() throws IOException {
    byte[] other = {7, 8, 9};
    room(changing(command -> new Command.Share(BlobKind.FILE, ByteBuffer.wrap(other))));

    ming.sends((byte) 2, (byte) 42);

    assertThat(lin.hears()).isEqualTo(ming.shared(BlobKind.FILE, "b1"));
    assertThat(stored()).containsExactly(other);
  }

  private byte[] stored() throws IOException {
    Blob blob = blobs.get(LOBBY, "b1");
    try (InputStream content = blob.open(0)) {
      return content.readAllBytes();
    }
  }

  private static byte[] read(Draft draft) {
    ByteBuffer content = ((Command.Share) draft.command()).content();
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  @Test
  void mediaThatAFilterHasReadAreStillWhole() throws IOException {
    List<byte[]> scanned = new ArrayList<>();
    Filter scan =
        Filter.of(
            draft -> {
              scanned.add(read(draft));
              return draft.pass();
            });
    Filter same = changing(command -> new Command.Share(BlobKind.FILE, ByteBuffer.allocate(2)));
    room(scan, scan, same, scan, scan);

    ming.sends((byte) 2, (byte) 42, (byte) 43);

    assertThat(scanned)
        .containsExactly(
            new byte[] {42, 43}, new byte[] {42, 43}, new byte[] {0, 0}, new byte[] {0, 0});
    assertThat(stored()).containsExactly(0, 0);
  }

  @Test
  void mediaCannotBeChangedUnseen() {
    room(
        Filter.of(
            draft -> {
              ((Command.Share) draft.command()).content().put(0, (byte) 7);
              return draft.pass();
            }));

    ming.sends((byte) 2, (byte) 42);

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
  }

  @Test
  void mediaHaveNoTextToChange() {
    Participant sender =
        new Participant(new Member(new MemberId("m1"), "Lin"), Grant.plain(), null, false);
    Draft media =
        new Draft(LOBBY, sender, new Command.Share(BlobKind.FILE, ByteBuffer.wrap(new byte[] {1})));

    assertThat(media.text()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> media.withText("words"))
        .withMessage("media have no text");
  }

  @Test
  void onlyWhatIsToBePublishedIsJudged() {
    room(Filter.of(draft -> draft.refuse("not here")));

    ming.types("@history:0");
    ming.types("@history:x");
    ming.types("@changename:");
    ming.sends();

    assertThat(Heard.by(ming))
        .hasSize(4)
        .startsWith("history []", "error history Cursor error")
        .doesNotContain("error not here");
  }

  @Test
  void whatIsNeverStoredIsJudgedToo() {
    room(LOUD);
    Guest wei = kit.enter(Entry.of(LOBBY, "Wei").withStoresHistory(false));
    kit.forgetWhatWasHeard();

    wei.types("hello");

    assertThat(lin.hears()).isEqualTo(wei.said("hello!"));
  }

  @Test
  void filtersAreAskedInTheirOrderEachOfWhatTheOneBeforeMade() {
    List<String> asked = new ArrayList<>();
    Filter noting =
        Filter.of(
            draft -> {
              asked.add(draft.text());
              return draft.pass();
            });
    Filter question = Filter.of(draft -> draft.withText(draft.text() + "?"));
    room(noting, LOUD, noting, question, noting);

    ming.types("what");

    assertThat(asked).containsExactly("what", "what!", "what!?");
    assertThat(lin.hears()).isEqualTo(ming.said("what!?"));
  }

  @Test
  void nobodyIsAskedBehindTheOneThatRefuses() {
    List<String> asked = new ArrayList<>();
    room(
        LOUD,
        Filter.of(draft -> draft.refuse("no")),
        Filter.of(
            draft -> {
              asked.add(draft.text());
              return draft.pass();
            }));

    ming.types("hello");

    assertThat(Heard.by(ming)).containsExactly("error no");
    assertThat(asked).isEmpty();
  }

  private static Arguments broken(String how, Object message, Filter filter) {
    return arguments(how, message, filter);
  }

  /** A stage that is none. */
  private static final class Hostile extends CompletableFuture<Verdict> {
    @Override
    public CompletableFuture<Verdict> whenComplete(
        BiConsumer<? super Verdict, ? super Throwable> action) {
      throw new UnsupportedOperationException("whenComplete");
    }
  }

  static Stream<Arguments> brokenFilters() {
    byte[] media = {2, 42};
    return Stream.of(
        broken(
            "throws",
            "hello",
            draft -> {
              throw new IllegalStateException("broken");
            }),
        broken(
            "throws an error",
            "hello",
            draft -> {
              throw new StackOverflowError("broken");
            }),
        broken("fails", "hello", draft -> CompletableFuture.failedStage(new IOException("broken"))),
        broken("no stage", "hello", draft -> null),
        broken("no verdict", "hello", Filter.of(draft -> null)),
        broken("no real stage", "hello", draft -> new Hostile()),
        broken("another kind", "hello", changing(command -> new Command.Rename("Bo"))),
        broken("a history request", "hello", changing(command -> new Command.FetchHistory(0))),
        broken("no text", "hello", Filter.of(draft -> draft.withText(null))),
        broken("long text", "hello", Filter.of(draft -> draft.withText("é".repeat(51)))),
        broken("long whisper", "@to:m2|a", Filter.of(draft -> draft.withText("x".repeat(101)))),
        broken("blank name", "@changename:Bo", Filter.of(draft -> draft.withText(" \n"))),
        broken("long name", "@changename:Bo", Filter.of(draft -> draft.withText("x".repeat(65)))),
        broken(
            "long media",
            media,
            changing(any -> new Command.Share(BlobKind.FILE, ByteBuffer.allocate(101)))),
        broken(
            "no media",
            media,
            changing(any -> new Command.Share(BlobKind.FILE, ByteBuffer.allocate(0)))),
        broken(
            "media of no kind",
            media,
            changing(any -> new Command.Share(null, ByteBuffer.allocate(1)))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenFilters")
  void brokenFilterRefusesAndIsReported(String how, Object message, Filter broken) {
    room(PASSING, broken, PASSING);

    sends(message);

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
    kit.expectNothingUnread();
    assertThat(reports.failures).containsExactly("asking a filter of room 'lobby'");
    ming.types("@history:0");
    assertThat(Heard.by(ming)).containsExactly("history []");
  }

  @Test
  void whatWasWrittenStaysOutOfReports() {
    room(changing(command -> new Command.Rename("Bo")));

    ming.types("@to:m2|secret");

    assertThat(reports.causes)
        .singleElement()
        .asString()
        .contains("a filter has made a Rename of a Whisper")
        .doesNotContain("secret");
  }

  @Test
  void changedTextMayBeAsLongAsAnyOther() {
    room(Filter.of(draft -> draft.withText("x".repeat(100))));

    ming.types("hello");

    assertThat(lin.hears()).isEqualTo(ming.said("x".repeat(100)));
  }

  /** Answers when the test does. */
  private static final class Slow implements Filter {
    final Queue<CompletableFuture<Verdict>> open = new ArrayDeque<>();
    final List<String> asked = new ArrayList<>();

    @Override
    public CompletionStage<Verdict> judge(Draft draft) {
      asked.add(draft.text());
      if (!draft.text().startsWith("slow")) {
        return CompletableFuture.completedStage(draft.pass());
      }
      CompletableFuture<Verdict> verdict = new CompletableFuture<>();
      open.add(verdict);
      return verdict;
    }

    void answers(Verdict verdict) {
      open.remove().complete(verdict);
    }
  }

  final Slow slow = new Slow();

  @Test
  void slowFilterHoldsUpItsMemberInOrderAndNobodyElse() {
    room(slow);

    ming.types("slow 1");
    ming.types("2");
    ming.types("@to:" + lin.id() + "|3");
    ming.types("@changename:Bo");
    ming.types("@history:0");
    ming.sends((byte) 2, (byte) 42);
    lin.types("quick");
    assertThat(Heard.by(lin)).containsExactly("m2: quick");
    assertThat(slow.asked).containsExactly("slow 1", "quick");

    slow.answers(Verdict.PASSED);

    assertThat(Heard.by(lin))
        .containsExactly("m1: slow 1", "m1: 2", "m1 whispers 3", "m1 is Bo", "m1: b1");
    assertThat(Heard.by(ming))
        .containsExactly(
            "m2: quick", "m1: slow 1", "m1: 2", "m1 is Bo", "history [quick, slow 1, 2]", "m1: b1");
  }

  @Test
  void slowFiltersOfSeveralMembersAnswerInAnyOrder() {
    room(slow);
    ming.types("slow a");
    lin.types("slow b");

    slow.open.add(slow.open.remove());
    slow.answers(new Verdict.Changed(new Command.Say("b")));
    slow.answers(new Verdict.Refused("no a"));

    assertThat(Heard.by(lin)).containsExactly("m2: b");
    assertThat(Heard.by(ming)).containsExactly("m2: b", "error no a");
  }

  @Test
  void filterThatIsTooLateRefusesAndIsReported() {
    room(slow, LOUD);
    ming.types("slow");
    ming.types("next");
    kit.clock().turn(Duration.ofSeconds(9));
    kit.expectNothingUnread();

    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED, "m1: next!");
    assertThat(Heard.by(lin)).containsExactly("m1: next!");
    assertThat(reports.causes).singleElement().isInstanceOf(TimeoutException.class);

    slow.answers(Verdict.PASSED);
    kit.expectNothingUnread();
  }

  @Test
  void nobodyIsAskedBehindTheOneThatIsTooLate() {
    room(slow, slow, slow);
    ming.types("slow");
    slow.answers(Verdict.PASSED);
    kit.clock().turn(Duration.ofSeconds(10));

    slow.answers(Verdict.PASSED);

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
    assertThat(slow.asked).containsExactly("slow", "slow");
  }

  @Test
  void timeIsForAllFiltersTogether() {
    room(slow, slow);
    ming.types("slow");
    kit.clock().turn(Duration.ofSeconds(6));
    slow.answers(Verdict.PASSED);
    kit.expectNothingUnread();

    kit.clock().turn(Duration.ofSeconds(4));

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
  }

  @Test
  void filterThatAnswersInTimeIsNotReported() {
    room(slow);
    ming.types("slow");
    slow.answers(Verdict.PASSED);

    kit.clock().turn(Duration.ofMinutes(1));

    assertThat(reports.failures).isEmpty();
    assertThat(Heard.by(lin)).containsExactly("m1: slow");
  }

  @Test
  void whatALeaverSaidIsHeardBeforeItsLeave() {
    room(slow);
    ming.types("slow bye");
    ming.types("all");
    ming.leaves();
    lin.hearsNothing();

    slow.answers(Verdict.PASSED);

    assertThat(Heard.by(lin)).containsExactly("m1: slow bye", "m1: all", "leave m1");
  }

  @Test
  void leaverWhoseWordsAreRefusedJustLeaves() {
    room(slow);
    ming.types("slow bye");
    ming.leaves();

    slow.answers(new Verdict.Refused("no"));

    assertThat(Heard.by(lin)).containsExactly("leave m1");
    ming.hearsNothing();
  }

  @Test
  void roomIsGoneOnceTheFilterHasAnswered() {
    room(slow);
    lin.leaves();
    ming.types("slow bye");
    ming.leaves();
    assertThat(reports.events).doesNotContain("closed lobby");

    slow.answers(Verdict.PASSED);

    assertThat(reports.events).endsWith("left lobby m1", "closed lobby");
    assertThat(Heard.by(kit.enter("lobby", "Wei"))).contains("history [slow bye]");
  }

  @Test
  void whoIsMutedWhileAFilterThinksIsNotHeard() {
    room(slow);
    ming.types("slow");
    kit.xnest().room("lobby").mute(ming.id());

    slow.answers(Verdict.PASSED);

    assertThat(Heard.by(ming)).containsExactly("error you are muted");
    lin.hearsNothing();
  }

  @Test
  void whoIsLetGoIsHeardOnceTheFilterHasAnswered() {
    room(slow);
    ming.types("slow");
    ming.stalls();
    lin.types("anybody?");
    assertThat(ming.closeCode()).isEqualTo(1013);

    slow.answers(Verdict.PASSED);

    assertThat(Heard.by(lin)).containsExactly("m2: anybody?", "m1: slow", "leave m1");
  }

  @Test
  void causeIsReportedWithoutTheWrappingsOfStages() {
    IllegalStateException failure = new IllegalStateException("no word list");
    room(
        Filter.blocking(
            draft -> {
              throw failure;
            },
            Runnable::run));

    ming.types("hello");

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
    assertThat(reports.causes).containsExactly(failure);
  }

  @Test
  void executorThatRefusesIsReported() {
    room(
        Filter.blocking(
            Draft::pass,
            task -> {
              throw new RejectedExecutionException("full");
            }));

    ming.types("hello");

    assertThat(Heard.by(ming)).containsExactly(UNCHECKED);
    assertThat(reports.causes).singleElement().asString().contains("full");
  }

  @Test
  void filterBehindASlowOneIsAskedWithinTheRoomsTurn() {
    Queue<Runnable> turns = new ArrayDeque<>();
    List<String> asked = new ArrayList<>();
    Filter noting =
        Filter.of(
            draft -> {
              asked.add(draft.text());
              return draft.pass();
            });
    Ear ear = new Ear();
    Xnest xnest =
        Xnest.builder()
            .executor(turns::add)
            .storageExecutor(Runnable::run)
            .filter(slow)
            .filter(noting)
            .build();
    xnest.enter(Entry.of(LOBBY, "Lin"), ear).text("slow");
    runAll(turns);

    slow.answers(Verdict.PASSED);
    assertThat(asked).isEmpty();
    runAll(turns);

    assertThat(asked).containsExactly("slow");
    assertThat(Heard.messages(ear.frames())).containsExactly("slow");
  }

  private static void runAll(Queue<Runnable> turns) {
    Runnable turn;
    while ((turn = turns.poll()) != null) {
      turn.run();
    }
  }

  @Test
  void filterMayCallBackWithinTheCall() {
    List<Guest> guests = new ArrayList<>();
    room(
        Filter.of(
            draft -> {
              if (draft.text().equals("call")) {
                guests.add(kit.enter("lobby", "Wei"));
                guests.get(0).types("here");
                lin.types("me too");
                kit.enter("garden", "Bo").types("elsewhere");
              }
              return draft.pass();
            }));

    ming.types("call");

    assertThat(Heard.by(lin)).containsExactly("join m3", "m1: call", "m3: here", "m2: me too");
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void filterMayCallBackFromItsOwnThreads() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Xnest> house = new ArrayList<>();
    Ear wei = new Ear();
    Function<Draft, Verdict> calling =
        draft -> {
          if (draft.text().equals("call")) {
            Entry entry = Entry.of(LOBBY, "Wei");
            Decision decision = house.get(0).admit(entry).toCompletableFuture().join();
            house.get(0).enter(((Decision.Accepted) decision).entry(), wei).text("here");
          }
          return draft.pass();
        };
    try (Xnest xnest =
        Xnest.builder()
            .filter(Filter.of(calling))
            .filter(Filter.blocking(calling, threads))
            .build()) {
      house.add(xnest);
      Ear ear = new Ear();

      xnest.enter(Entry.of(LOBBY, "Ming"), ear).text("call");

      ear.await(frames -> Heard.messages(frames).containsAll(List.of("call", "here")));
      wei.await(frames -> Heard.messages(frames).contains("here"));
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void houseClosedByAFilterEndsAfterItsTime() {
    List<Xnest> house = new ArrayList<>();
    Ear ear = new Ear();
    Xnest xnest =
        Xnest.builder()
            .executor(Runnable::run)
            .storageExecutor(Runnable::run)
            .limits(Limits.builder().closeTime(Duration.ofMillis(10)).build())
            .filter(
                Filter.of(
                    draft -> {
                      house.get(0).close();
                      return draft.pass();
                    }))
            .build();
    house.add(xnest);

    xnest.enter(Entry.of(LOBBY, "Lin"), ear).text("close");

    assertThat(ear.closeCode()).isEqualTo(1001);
  }

  @Test
  void blockingFilterHoldsUpItsMemberAndNobodyElse() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    CompletableFuture<String> service = new CompletableFuture<>();
    Filter blocking =
        Filter.blocking(
            draft -> draft.text().equals("slow") ? draft.withText(service.join()) : draft.pass(),
            threads);
    try (Xnest xnest = Xnest.builder().filter(blocking).build()) {
      Ear ear = new Ear();
      Inlet first = xnest.enter(Entry.of(LOBBY, "Ming"), ear);
      Inlet second = xnest.enter(Entry.of(LOBBY, "Lin"), new Ear());
      first.text("slow");
      for (int i = 0; i < 100; i++) {
        first.text("first " + i);
        second.text("second " + i);
      }
      ear.await(frames -> Heard.messages(frames).contains("second 99"));
      assertThat(Heard.messages(ear.frames())).hasSize(100).noneMatch(t -> t.contains("first"));

      service.complete("done");

      ear.await(frames -> Heard.messages(frames).contains("first 99"));
      List<String> heard = Heard.messages(ear.frames());
      assertThat(heard.get(100)).isEqualTo("done");
      for (int i = 0; i < 100; i++) {
        assertThat(heard.get(i)).isEqualTo("second " + i);
        assertThat(heard.get(101 + i)).isEqualTo("first " + i);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
