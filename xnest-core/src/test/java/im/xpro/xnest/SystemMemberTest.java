package im.xpro.xnest;

import static im.xpro.xnest.Answers.failure;
import static im.xpro.xnest.Answers.now;
import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("what the application posts, in its system members' names")
class SystemMemberTest {
  static final Duration STORE_TIME = Limits.defaults().storeTime();

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(reports));
  final ChatRoom lobby = kit.xnest().room("lobby");

  // ---- in an open room ----

  @Test
  void systemMemberJoinsWithItsFirstWordsAndStays() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    assertThat(now(lobby.post("News", "one"))).isEqualTo(1);
    assertThat(now(lobby.post("News", "@changename:two"))).isEqualTo(2);

    assertThat(Heard.by(ming)).containsExactly("join m2", "m2: one", "m2: @changename:two");
    assertThat(lobby.size()).isEqualTo(2);
    assertThat(store.keptIn("lobby")).containsExactly("1:one", "2:@changename:two");
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(Heard.by(lin)).contains("count 3", "members [m1, m2, m3]");
  }

  @Test
  void systemMemberGoesUnheardAfterTheLastOtherAndComesBackAsAnother() {
    Guest ming = kit.enter("lobby", "小明");
    lobby.post("News", "one");

    ming.leaves();

    assertThat(kit.xnest().rooms()).isEmpty();
    assertThat(reports.events).endsWith("left lobby m1", "left lobby m2", "closed lobby");
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(Heard.by(lin)).contains("members [m3]", "history [one]");
    lobby.post("News", "two");
    assertThat(Heard.by(lin)).containsExactly("join m4", "m4: two");
  }

  @Test
  void eachNicknameIsAMemberOfItsOwnAndOneTooManyFails() {
    RoomKit small =
        RoomKit.create(builder -> builder.limits(Limits.builder().systemMembers(2).build()));
    ChatRoom room = small.xnest().room("lobby");
    Guest ming = small.enter("lobby", "小明");
    small.forgetWhatWasHeard();

    now(room.post("News", "a"));
    now(room.post("Weather", "b"));
    now(room.post("News", "c"));

    String full = "the room has 2 system members already";
    assertThat(failure(room.post("Sports", "d")))
        .isInstanceOf(NotPostedException.class)
        .hasMessage(full);
    assertThat(failure(room.whisper("Sports", ming.id(), "e"))).hasMessage(full);
    assertThat(Heard.by(ming)).containsExactly("join m2", "m2: a", "join m3", "m3: b", "m2: c");
  }

  @Test
  void filtersAreNotAsked() {
    RoomKit strict =
        RoomKit.create(
            builder -> builder.filter(Filter.of(draft -> draft.refuse("nobody may speak"))));
    Guest ming = strict.enter("lobby", "小明");
    strict.forgetWhatWasHeard();

    now(strict.xnest().room("lobby").post("News", "hello"));

    assertThat(Heard.by(ming)).containsExactly("join m2", "m2: hello");
  }

  @Test
  void privateWordsReachOneMemberBehindWhatWasPostedBefore() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    lobby.post("News", "to all");
    CompletionStage<Boolean> heard = lobby.whisper("News", lin.id(), "to you");
    assertThat(heard.toCompletableFuture()).isNotDone();
    kit.storage().letGo();

    assertThat(now(heard)).isTrue();
    assertThat(Heard.by(ming)).containsExactly("join m3", "m3: to all");
    assertThat(Heard.by(lin)).containsExactly("join m3", "m3: to all", "m3 whispers to you");
    assertThat(store.keptIn("lobby")).containsExactly("1:to all");
  }

  @Test
  void membersMayWhisperToASystemMemberAndNothingHappens() {
    Guest ming = kit.enter("lobby", "小明");
    lobby.post("News", "hello");
    kit.forgetWhatWasHeard();

    ming.types("@to:m2|thanks");

    ming.hearsNothing();
  }

  @Test
  void failureToKeepIsToldAsAMemberWouldHearIt() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    store.next.add(FaultyHistory.NOT_KEPT);

    assertThat(failure(lobby.post("News", "lost")))
        .isInstanceOf(NotPostedException.class)
        .hasMessage("the message could not be kept");
    assertThat(now(lobby.post("News", "kept"))).isEqualTo(1);

    assertThat(Heard.by(ming)).containsExactly("join m2", "m2: kept");
    assertThat(store.keptIn("lobby")).containsExactly("1:kept");
  }

  @Test
  void slowStoreIsToldAsPerhapsAndWhatIsKeptIsHeardAfterAll() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    CompletionStage<Long> first = lobby.post("News", "first");
    CompletionStage<Long> second = lobby.post("News", "second");

    kit.clock().turn(STORE_TIME);
    assertThat(failure(first)).hasMessage(Keeper.PERHAPS);
    assertThat(failure(second)).hasMessage(Keeper.NO_ANSWER);
    kit.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("join m2", "m2: first");
  }

  // ---- in a room that is not open ----

  @Test
  void postToAnEmptyRoomIsKeptAndOpensNothing() throws IOException {
    assertThat(now(lobby.post("News", "one"))).isEqualTo(1);
    assertThat(now(lobby.post("News", "two"))).isEqualTo(2);

    assertThat(store.keptIn("lobby")).containsExactly("1:one", "2:two");
    assertThat(reports.events).isEmpty();
    assertThat(lobby.isOpen()).isFalse();
    assertThat(kit.xnest().rooms()).isEmpty();
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(Heard.by(lin))
        .containsExactly("self", "count 1", "members [m3]", "history [one, two]", "join m3");
  }

  @Test
  void whoJoinsWhileThePastIsReadFindsTheSystemMemberThere() throws IOException {
    kit.storage().hold();
    CompletionStage<Long> number = lobby.post("News", "hello");
    Guest lin = kit.enter("lobby", "Lin");
    kit.storage().letGo();

    assertThat(now(number)).isEqualTo(1);
    assertThat(Heard.by(lin))
        .containsExactly(
            "self", "count 1", "members [m2]", "history []", "join m2", "join m1", "m1: hello");
    lin.types("hi");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello", "2:hi");
  }

  @Test
  void whoJoinsWhileThePostIsOnItsWayIsToldOfTheSystemMemberFirst() throws IOException {
    kit.storage().hold();
    CompletionStage<Long> number = lobby.post("News", "hello");
    kit.storage().runNext();
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(Heard.by(lin)).endsWith("history []", "join m2");
    lin.types("hi");
    kit.storage().letGo();

    assertThat(now(number)).isEqualTo(1);
    assertThat(Heard.by(lin)).containsExactly("join m1", "m1: hello", "m2: hi");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello", "2:hi");
  }

  @Test
  void whatIsLostInAnEmptyRoomLetsNobodyIn() throws IOException {
    store.next.add(FaultyHistory.NOT_KEPT);
    kit.storage().hold();
    CompletionStage<Long> number = lobby.post("News", "hello");
    kit.storage().runNext();
    Guest lin = kit.enter("lobby", "Lin");
    kit.storage().letGo();

    assertThat(failure(number)).hasMessage(Keeper.LOST);
    assertThat(Heard.by(lin)).endsWith("join m2");
    assertThat(lobby.size()).isEqualTo(1);
  }

  @Test
  void postToAnEmptyRoomFailsIfItsPastCannotBeRead() throws IOException {
    store.unreadable = true;
    CompletionStage<Long> number = lobby.post("News", "hello");
    assertThat(number.toCompletableFuture()).isNotDone();

    kit.clock().turn(STORE_TIME);

    assertThat(failure(number)).hasMessage("the room's history cannot be read now");
    int reads = store.reads;
    kit.clock().turn(STORE_TIME);
    assertThat(store.reads).isEqualTo(reads);
    store.unreadable = false;
    assertThat(now(lobby.post("News", "again"))).isEqualTo(1);
    assertThat(store.keptIn("lobby")).containsExactly("1:again");
  }

  @Test
  void roomIsHeldUntilWhatIsPerhapsKeptIsKnownSoNumbersGoOn() throws IOException {
    store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);
    kit.storage().hold();
    CompletionStage<Long> number = lobby.post("News", "first");
    kit.storage().runNext();
    kit.clock().turn(STORE_TIME);
    assertThat(failure(number)).hasMessage(Keeper.PERHAPS);

    CompletionStage<Long> refused = lobby.post("News", "second");
    assertThat(failure(refused)).hasMessage(Keeper.NO_ANSWER);
    kit.storage().letGo();
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(now(lobby.post("News", "third"))).isEqualTo(2);
    assertThat(store.keptIn("lobby")).containsExactly("1:first", "2:third");
  }

  @Test
  void postWhileTheLastMembersWordsAreKeptGoesOnCounting() throws IOException {
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.types("farewell");
    ming.leaves();
    CompletionStage<Long> number = lobby.post("News", "too late for him");
    kit.storage().letGo();

    assertThat(now(number)).isEqualTo(2);
    assertThat(store.keptIn("lobby")).containsExactly("1:farewell", "2:too late for him");
    assertThat(reports.events).endsWith("left lobby m1", "left lobby m2", "closed lobby");
  }

  @Test
  void roomWithoutHistoryHearsWhatIsPostedAndKeepsNothing() throws IOException {
    RoomKit fleeting =
        RoomKit.create(
            builder ->
                builder
                    .history(store)
                    .policy(room -> RoomOptions.of(Limits.defaults()).withKeepsHistory(false)));
    ChatRoom room = fleeting.xnest().room("lobby");

    assertThat(now(room.post("News", "unheard"))).isZero();
    Guest lin = fleeting.enter("lobby", "Lin");
    lin.hearsAll();
    assertThat(now(room.post("News", "heard"))).isZero();

    assertThat(Heard.by(lin)).containsExactly("join m3", "m3: heard");
    assertThat(store.keptIn("lobby")).isEmpty();
  }

  @Test
  void postFailsWhereThePolicyDoes() {
    RoomKit broken =
        RoomKit.create(
            builder ->
                builder.policy(
                    room -> {
                      throw new IllegalStateException("no policy");
                    }));

    assertThat(failure(broken.xnest().room("lobby").post("News", "x")))
        .hasMessage("the room cannot be opened now");
  }

  @Test
  void whatWaitsForAStoreIsBounded() {
    RoomKit small =
        RoomKit.create(
            builder -> builder.history(store).limits(Limits.builder().waitingBytes(1_700).build()));
    ChatRoom room = small.xnest().room("lobby");
    small.storage().hold();
    String text = "x".repeat(400);

    CompletionStage<Long> first = room.post("News", text);
    CompletionStage<Long> second = room.post("News", text);
    CompletionStage<Long> third = room.post("News", text);

    assertThat(failure(third)).hasMessage(Keeper.TOO_MUCH);
    small.storage().letGo();
    assertThat(List.of(now(first), now(second))).containsExactly(1L, 2L);
    assertThat(now(room.post("News", text))).isEqualTo(3);
  }

  @Test
  void noIdForASystemMemberFailsThePostAndHoldsNothing() {
    RoomKit broken =
        RoomKit.create(
            builder ->
                builder
                    .memberIds(
                        () -> {
                          throw new IllegalStateException("no ids left");
                        })
                    .limits(Limits.builder().rooms(1).build()));

    assertThat(failure(broken.xnest().room("lobby").post("News", "x"))).hasMessage("no ids left");

    Entry garden = Entry.of(new RoomId("garden"), "Lin");
    assertThat(now(broken.xnest().admit(garden))).isEqualTo(new Decision.Accepted(garden));
  }
}
