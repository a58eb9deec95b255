package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("what an operator wants to count")
class ListenerTest {
  static final RoomId LOBBY = new RoomId("lobby");

  /** Remembers what comes with messages, each as a line. */
  static final class Counts implements XnestListener {
    final List<String> lines = new ArrayList<>();

    @Override
    public void entryRefused(@Nullable RoomId room, Decision.Refused answer) {
      lines.add("entry refused " + room + " " + answer.status() + " " + answer.reason());
    }

    @Override
    public void turnedAway(RoomId room, String reason) {
      lines.add("turned away " + reason);
    }

    @Override
    public void received(RoomId room, MemberId from, long bytes) {
      lines.add("received " + from + " " + bytes);
    }

    @Override
    public void refused(RoomId room, Member member, String why) {
      lines.add("refused " + member.id() + " " + why);
    }

    @Override
    public void delivered(RoomId room, Outgoing frames, int hearers, Duration lag) {
      lines.add(
          "delivered "
              + Heard.words(frames.frames())
              + " to "
              + hearers
              + " after "
              + lag.toMillis());
    }

    @Override
    public void answered(RoomId room, MemberId to, Outgoing frames) {
      lines.add("answered " + to + " " + Heard.words(frames.frames()));
    }

    @Override
    public void appending(int entries) {
      lines.add("appending " + entries);
    }

    @Override
    public void appended(int entries, Duration took, boolean kept) {
      assertThat(took).isGreaterThanOrEqualTo(Duration.ZERO);
      lines.add("appended " + entries + (kept ? "" : " in vain"));
    }
  }

  final Counts counts = new Counts();
  final Reports reports = new Reports();
  final FaultyHistory store = new FaultyHistory();
  final RoomKit kit = kit(Limits.defaults(), Admission.open());
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  ListenerTest() {
    counts.lines.clear();
    reports.events.clear();
  }

  private RoomKit kit(Limits limits, Admission admission) {
    return RoomKit.create(
        builder ->
            builder
                .history(store)
                .limits(limits)
                .admission(admission)
                .listener(counts)
                .listener(reports));
  }

  @Test
  void messageIsReadAppendedAndDeliveredInOneCallForAll() {
    ming.types("大家好");

    assertThat(counts.lines)
        .containsExactly(
            "received m1 9", "appending 1", "appended 1", "delivered [m1: 大家好] to 2 after 0");
  }

  @Test
  void whatWaitsTogetherIsDeliveredInOneCallWithTheLagOfTheOldest() {
    kit.storage().hold();
    ming.types("one");
    kit.clock().turn(Duration.ofMillis(300));
    ming.types("two");
    lin.types("three");
    kit.clock().turn(Duration.ofMillis(200));
    counts.lines.clear();

    kit.storage().letGo();

    assertThat(counts.lines)
        .containsExactly(
            "appending 1",
            "appended 1",
            "delivered [m1: one] to 2 after 500",
            "appending 2",
            "appended 2",
            "delivered [m1: two, m2: three] to 2 after 200");
  }

  @Test
  void lagIsThatOfTheOldestEvenBehindAYoungerOne() {
    Queue<Runnable> turns = new ArrayDeque<>();
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    Filter withinTheTurn =
        Filter.of(
            draft -> {
              meanwhile.get().run();
              return draft.pass();
            });
    RoomKit held =
        RoomKit.create(
            builder ->
                builder.history(store).executor(turns::add).filter(withinTheTurn).listener(counts));
    Guest first = held.enter("lobby", "First");
    Guest second = held.enter("lobby", "Second");
    turns.remove().run();
    held.storage().hold();
    first.types("kept");
    turns.remove().run();
    held.clock().turn(Duration.ofMillis(300));
    second.types("@changename:Lin");
    meanwhile.set(held.storage()::letGo);
    counts.lines.clear();

    turns.remove().run();

    assertThat(counts.lines).endsWith("delivered [m2 is Lin, m1: kept] to 2 after 300");
  }

  @Test
  void appendThatFailsIsToldAsOftenAsItIsTried() {
    store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);

    ming.types("hello");
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(counts.lines)
        .containsExactly(
            "received m1 5",
            "appending 1",
            "appended 1 in vain",
            "appending 1",
            "appended 1",
            "delivered [m1: hello] to 2 after 100");
  }

  @Test
  void whatIsForOneMemberIsAnAnswer() {
    ming.types("@to:m2|psst");
    ming.types("@to:m9|psst");
    ming.types("@history:0");
    ming.sends();

    assertThat(counts.lines)
        .containsExactly(
            "received m1 11",
            "answered m2 [m1 whispers psst]",
            "received m1 11",
            "answered m1 [error no member of this room has that id]",
            "refused m1 no member of this room has that id",
            "received m1 10",
            "answered m1 [history []]",
            "received m1 0",
            "answered m1 [error the binary frame is empty]",
            "refused m1 the binary frame is empty");
  }

  @Test
  void welcomeIsAnAnswerAndItsJoinIsForAll() {
    kit.enter("lobby", "Wei");

    assertThat(counts.lines)
        .containsExactly(
            "answered m3 [self, count 3, members [m1, m2, m3], history []]",
            "delivered [join m3] to 3 after 0");
  }

  @Test
  void refusedHandshakeIsToldOnceWithItsStatus() {
    Decision.Refused full = new Decision.Refused(403, "not today");
    CompletableFuture<Decision> later = new CompletableFuture<>();
    RoomKit strict =
        kit(
            Limits.builder().maxRoomIdCharacters(5).build(),
            entry ->
                "Late".equals(entry.nickname()) ? later : CompletableFuture.completedStage(full));

    strict.xnest().admit(Entry.of(new RoomId("too long"), "Wei"));
    strict.xnest().admit(Entry.of(LOBBY, "Wei"));
    strict.xnest().admit(Entry.of(LOBBY, "Late"));
    strict.clock().turn(Duration.ofMinutes(1));
    later.complete(full);

    assertThat(counts.lines)
        .containsExactly(
            "entry refused too long 400 the room id has more than 5 characters",
            "entry refused lobby 403 not today",
            "entry refused lobby 503 the admission rule took too long");
  }

  @Test
  void acceptedWhoCannotEnterIsToldOf() {
    RoomKit small = kit(Limits.builder().roomMembers(1).build(), Admission.open());
    small.enter("lobby", "First");
    counts.lines.clear();

    small.enter("lobby", "Second");

    assertThat(counts.lines).containsExactly("turned away the room is full");
  }

  @Test
  void transportTellsAllListenersThroughXnest() {
    kit.xnest().listener().entryRefused(null, new Decision.Refused(404, "there is no such path"));
    kit.xnest().listener().failed("reading", new IllegalStateException("a bug"));

    assertThat(counts.lines).containsExactly("entry refused null 404 there is no such path");
    assertThat(reports.failures).containsExactly("reading");
  }

  @Test
  void bytesAreThoseOfTheFramedText() {
    List<Outgoing> heard = new ArrayList<>();
    RoomKit counted =
        RoomKit.create(
            builder ->
                builder.listener(
                    new XnestListener() {
                      @Override
                      public void delivered(
                          RoomId room, Outgoing frames, int hearers, Duration lag) {
                        heard.add(frames);
                      }
                    }));
    Guest guest = counted.enter("lobby", "小明");
    for (String text : List.of("a", "é", "好", "😀", "x".repeat(200), "好".repeat(30_000))) {
      guest.types(text);
    }

    assertThat(heard).hasSize(7);
    for (Outgoing frames : heard) {
      long before = frames.bytes();
      assertThat(before).isEqualTo(frames.framed().remaining());
      assertThat(frames.bytes()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "aé好😀", "\ud83d", "\ude00x", "\ud83d\ud83d\ude00"})
  void lengthIsThatOfTheEncoder(String text) {
    assertThat(Utf8.length(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
  }

  // ---- listeners that misbehave ----

  /** Does the same in every callback, and remembers which came. */
  static XnestListener inEvery(Set<String> called, Consumer<String> callback) {
    return (XnestListener)
        Proxy.newProxyInstance(
            ListenerTest.class.getClassLoader(),
            new Class<?>[] {XnestListener.class},
            (proxy, method, arguments) -> {
              called.add(method.getName());
              callback.accept(method.getName());
              return null;
            });
  }

  private static Set<String> allCallbacks() {
    Set<String> names = new HashSet<>();
    Arrays.stream(XnestListener.class.getMethods()).map(Method::getName).forEach(names::add);
    return names;
  }

  /** A conversation in which every callback is called. */
  private void playEverything(RoomKit played) {
    store.next.add(FaultyHistory.NOT_KEPT);
    Guest first = played.enter("lobby", "First");
    Guest second = played.enter("lobby", "Second");
    Guest slow = played.enter("lobby", "Slow");
    played.enter("lobby", "One too many");
    played.xnest().admit(Entry.of(LOBBY, "n".repeat(100)));
    first.types("lost");
    played.forgetWhatWasHeard();
    slow.stalls();

    second.types("hello");

    assertThat(Heard.by(first)).contains(second.id() + ": hello", "leave " + slow.id());
    first.leaves();
    assertThat(Heard.by(second)).contains("leave " + first.id());
    second.leaves();
  }

  private RoomKit with(XnestListener listener) {
    return RoomKit.create(
        builder ->
            builder
                .history(store)
                .limits(Limits.builder().roomMembers(3).build())
                .listener(listener)
                .listener(reports));
  }

  @Test
  void whoThrowsEverywhereHarmsNeitherRoomsNorOtherListeners() {
    Set<String> called = new HashSet<>();

    playEverything(
        with(
            inEvery(
                called,
                name -> {
                  throw new AssertionError("a bug in the listener");
                })));

    assertThat(called).isEqualTo(allCallbacks());
    assertThat(reports.events)
        .containsExactly(
            "opened lobby",
            "joined lobby m1",
            "joined lobby m2",
            "joined lobby m3",
            "letGo lobby m3",
            "left lobby m3",
            "left lobby m1",
            "left lobby m2",
            "closed lobby");
  }

  @Test
  void whoCallsBackFromEverywhereHarmsNobody() {
    Set<String> called = new HashSet<>();
    RoomKit[] played = new RoomKit[1];
    Set<String> answered = new HashSet<>();
    played[0] =
        with(
            inEvery(
                called,
                name -> {
                  // once each, or its own talk would never end
                  if (answered.add(name)) {
                    Ear ear = new Ear();
                    Inlet inlet = played[0].xnest().enter(Entry.of(new RoomId("aside"), name), ear);
                    inlet.text("heard " + name);
                    inlet.leave();
                    played[0].xnest().admit(Entry.of(LOBBY, name));
                    played[0].xnest().listener().turnedAway(LOBBY, name);
                  }
                }));

    playEverything(played[0]);

    assertThat(called).isEqualTo(allCallbacks());
    assertThat(reports.events).contains("closed lobby", "closed aside");
    assertThat(told("joined")).isEqualTo(told("left")).isGreaterThan(3);
    assertThat(told("opened")).isEqualTo(told("closed"));
  }

  private long told(String event) {
    return reports.events.stream().filter(line -> line.startsWith(event + " ")).count();
  }
}
