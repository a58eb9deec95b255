package im.xpro.xnest;

import static im.xpro.xnest.Answers.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("a room, from the application's own code")
class ChatRoomTest {
  static final RoomId LOBBY = new RoomId("lobby");
  static final MemberId NOBODY = new MemberId("nobody");

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(reports));
  final ChatRoom lobby = kit.xnest().room("lobby");

  Guest enter(String nickname, String identity, String address) {
    InetSocketAddress remote = address == null ? null : new InetSocketAddress(address, 4_711);
    return kit.enter(
        new Entry(
            LOBBY,
            nickname,
            true,
            Map.of(),
            Map.of(),
            remote,
            false,
            Grant.plain().withIdentity(identity)));
  }

  static Decision admit(RoomKit kit, String identity, String address) {
    Entry entry =
        new Entry(
            LOBBY,
            "Lin",
            true,
            Map.of(),
            Map.of(),
            new InetSocketAddress(address, 4_711),
            false,
            Grant.plain().withIdentity(identity));
    return now(kit.xnest().admit(entry));
  }

  // ---- who is there ----

  @Test
  void roomThatNobodyIsInIsNotOpen() {
    assertThat(kit.xnest().rooms()).isEmpty();
    assertThat(lobby.isOpen()).isFalse();
    assertThat(lobby.size()).isZero();
    assertThat(now(lobby.participants())).isEmpty();
    assertThat(lobby.id()).isEqualTo(LOBBY);
  }

  @Test
  void openRoomsAreListedAndTellWhoIsThere() {
    Guest ming = enter("小明", "user:1", "192.0.2.1");
    Guest lin = enter("Lin", null, null);
    kit.enter("garden", "Wei").leaves();

    lin.types("@changename:Lynn");

    assertThat(kit.xnest().rooms()).extracting(ChatRoom::id).containsExactly(LOBBY);
    assertThat(lobby.isOpen()).isTrue();
    assertThat(lobby.size()).isEqualTo(2);
    assertThat(now(lobby.participants()))
        .containsExactly(
            new Participant(
                new Member(ming.id(), "小明"),
                Grant.plain().withIdentity("user:1"),
                new InetSocketAddress("192.0.2.1", 4_711),
                false),
            new Participant(new Member(lin.id(), "Lynn"), Grant.plain(), null, false));
  }

  // ---- rename ----

  @Test
  void renamedMemberIsHeardOfByAll() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    assertThat(now(lobby.rename(ming.id(), " Tiger\n"))).isTrue();

    assertThat(ming.hears()).isEqualTo(ming.renamed("Tiger"));
    assertThat(now(lobby.participants()))
        .extracting(Participant::nickname)
        .containsExactly("Tiger");
  }

  @Test
  void whoIsNotThereIsNeitherRenamedNorKickedNorMutedNorWhisperedTo() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();
    MemberId system = systemMember("News");
    kit.forgetWhatWasHeard();

    for (ChatRoom room : List.of(lobby, kit.xnest().room("garden"))) {
      for (MemberId id : List.of(NOBODY, system)) {
        assertThat(now(room.rename(id, "Tiger"))).isFalse();
        assertThat(now(room.kick(id, "out"))).isFalse();
        assertThat(now(room.kick(id, "out", Duration.ofHours(1)))).isFalse();
        assertThat(now(room.mute(id))).isFalse();
        assertThat(now(room.unmute(id))).isFalse();
      }
      assertThat(now(room.whisper("News", NOBODY, "psst"))).isFalse();
    }
    ming.hearsNothing();
  }

  private MemberId systemMember(String nickname) {
    now(lobby.post(nickname, "here I am"));
    return now(lobby.participants()).stream()
        .filter(one -> one.nickname().equals(nickname))
        .findFirst()
        .orElseThrow()
        .id();
  }

  // ---- kick ----

  @Test
  void kickedMemberIsClosedWith1008AndItsLeaveIsHeard() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    assertThat(now(lobby.kick(ming.id(), "no advertising"))).isTrue();
    ming.types("one more word");

    assertThat(ming.closeCode()).isEqualTo(1008);
    assertThat(ming.closeReason()).isEqualTo("no advertising");
    assertThat(Heard.by(lin)).containsExactly("leave m1");
    assertThat(now(lobby.kick(ming.id(), "again"))).isFalse();
    assertThat(admit(kit, null, "192.0.2.1")).isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void whatWaitsToBeKeptWhenItsSenderIsKickedIsHeardBeforeItsLeave() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    ming.types("one");
    ming.types("two");

    lobby.kick(ming.id(), "out");
    assertThat(ming.closeCode()).isEqualTo(1008);
    lin.hearsNothing();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: one", "m1: two", "leave m1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "明", "😀"})
  void longReasonIsCutBetweenCharacters(String character) {
    Guest ming = kit.enter("lobby", "小明");
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;

    lobby.kick(ming.id(), character.repeat(200));

    assertThat(ming.closeReason()).isEqualTo(character.repeat(123 / bytes));
  }

  @Test
  void kickForATimeEndsAllConnectionsOfThatPersonAndKeepsItOut() {
    Guest ming = enter("小明", "user:1", "192.0.2.1");
    Guest phone = enter("明's phone", "user:1", "192.0.2.7");
    Guest lin = enter("Lin", "user:2", "192.0.2.1");
    kit.forgetWhatWasHeard();

    assertThat(now(lobby.kick(ming.id(), "no advertising", Duration.ofMinutes(10)))).isTrue();

    assertThat(List.of(ming.closeCode(), phone.closeCode())).containsExactly(1008, 1008);
    assertThat(Heard.by(lin)).containsExactly("leave m1", "leave m2");
    assertThat(lin.closeCode()).isNull();
    assertThat(admit(kit, "user:1", "192.0.2.9"))
        .isEqualTo(new Decision.Refused(403, "no advertising"));
    Guest again = enter("小明", "user:1", null);
    assertThat(again.closeCode()).isEqualTo(1008);
    assertThat(again.closeReason()).isEqualTo("no advertising");
    lin.hearsNothing();
    assertThat(admit(kit, "user:2", "192.0.2.1")).isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void banEndsByTheClock() {
    Guest ming = enter("小明", "user:1", null);
    lobby.kick(ming.id(), "out", Duration.ofMinutes(10));

    kit.clock().turn(Duration.ofMinutes(10).minusNanos(1));
    assertThat(admit(kit, "user:1", "192.0.2.1")).isEqualTo(new Decision.Refused(403, "out"));
    kit.clock().turn(Duration.ofNanos(1));

    assertThat(admit(kit, "user:1", "192.0.2.1")).isInstanceOf(Decision.Accepted.class);
    assertThat(enter("小明", "user:1", null).closeCode()).isNull();
  }

  @Test
  void whoHasNoIdentityIsKeptOutByItsAddressFromThisRoomAlone() {
    Guest ming = enter("小明", null, "192.0.2.1");
    lobby.kick(ming.id(), "out", Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(admit(kit, null, "192.0.2.1")).isEqualTo(new Decision.Refused(403, "out"));
    assertThat(admit(kit, null, "192.0.2.2")).isInstanceOf(Decision.Accepted.class);
    assertThat(admit(kit, "192.0.2.1", "192.0.2.2")).isInstanceOf(Decision.Accepted.class);
    assertThat(now(kit.xnest().admit(Entry.of(new RoomId("garden"), "Lin"))))
        .isInstanceOf(Decision.Accepted.class);
  }

  @Test
  void whoIsKeptOutOpensNoRoom() {
    Guest ming = enter("小明", "user:1", null);
    lobby.kick(ming.id(), "out", Duration.ofHours(1));
    reports.events.clear();

    enter("小明", "user:1", null);

    assertThat(reports.events).isEmpty();
    assertThat(kit.xnest().rooms()).isEmpty();
  }

  @Test
  void pardonedMayComeBackAndSendAgain() {
    Guest ming = enter("小明", "user:1", null);
    Guest lin = enter("Lin", null, "192.0.2.1");
    Guest wei = enter("Wei", "user:3", null);
    lobby.kick(ming.id(), "out", Duration.ofHours(1));
    lobby.kick(lin.id(), "out", Duration.ofHours(1));
    lobby.mute(wei.id());

    assertThat(lobby.pardon("user:1")).isTrue();
    assertThat(lobby.pardon("192.0.2.1")).isTrue();
    assertThat(lobby.pardon("user:3")).isTrue();
    assertThat(lobby.pardon("user:1")).isFalse();

    assertThat(admit(kit, "user:1", "192.0.2.9")).isInstanceOf(Decision.Accepted.class);
    assertThat(admit(kit, null, "192.0.2.1")).isInstanceOf(Decision.Accepted.class);
    kit.forgetWhatWasHeard();
    wei.types("thanks");
    assertThat(wei.hears()).isEqualTo(wei.said("thanks"));
  }

  final RoomKit small = RoomKit.create(builder -> builder.limits(Limits.builder().bans(2).build()));

  /** One of the persons {@code user:1}, {@code user:2} and so on enters. */
  Guest entersSmall(int user) {
    return small.enter(Entry.of(LOBBY, "Lin").with(Grant.plain().withIdentity("user:" + user)));
  }

  List<Boolean> keptOutOfSmall(int users) {
    return IntStream.rangeClosed(1, users)
        .mapToObj(user -> admit(small, "user:" + user, "192.0.2.1") instanceof Decision.Refused)
        .toList();
  }

  @Test
  void forOneBanTooManyTheOneBeforeItThatEndsFirstIsLifted() {
    ChatRoom room = small.xnest().room("lobby");
    for (int user = 1; user <= 3; user++) {
      room.kick(entersSmall(user).id(), "out", Duration.ofMinutes(10L * (4 - user)));
    }

    assertThat(keptOutOfSmall(3)).containsExactly(true, false, true);
  }

  @Test
  void mutesTakeNoBansPlaceNorBansAMutes() {
    ChatRoom room = small.xnest().room("lobby");
    List<Guest> guests = IntStream.rangeClosed(1, 4).mapToObj(this::entersSmall).toList();

    room.mute(guests.get(0).id());
    room.mute(guests.get(1).id());
    room.kick(guests.get(2).id(), "out", Duration.ofDays(300));
    room.kick(guests.get(3).id(), "out", Duration.ofDays(300));

    assertThat(keptOutOfSmall(4)).containsExactly(false, false, true, true);
    entersSmall(1);
    entersSmall(2);
    assertThat(now(room.participants())).extracting(Participant::isMuted).containsOnly(true);
  }

  // ---- mute ----

  @Test
  void mutedMemberHearsWhyAndNobodyHearsIt() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    assertThat(now(lobby.mute(ming.id()))).isTrue();
    ming.types("hello");
    ming.types("@to:" + lin.id() + "|psst");
    ming.sends((byte) 2, (byte) 42);

    assertThat(ming.hearsAll()).containsOnly(ming.failed("you are muted")).hasSize(3);
    lin.hearsNothing();
    assertThat(now(lobby.participants()))
        .extracting(Participant::isMuted)
        .containsExactly(true, false);
  }

  @Test
  void muteEndsByTheClockOrWhenItIsLifted() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    lobby.mute(ming.id(), Duration.ofMinutes(1));
    kit.clock().turn(Duration.ofMinutes(1).minusNanos(1));
    ming.types("a");
    kit.clock().turn(Duration.ofNanos(1));
    ming.types("b");
    lobby.mute(ming.id());
    kit.clock().turn(Duration.ofDays(10_000));
    ming.types("c");
    assertThat(now(lobby.unmute(ming.id()))).isTrue();
    assertThat(now(lobby.unmute(ming.id()))).isFalse();
    ming.types("d");

    assertThat(Heard.by(ming))
        .containsExactly("error you are muted", "m1: b", "error you are muted", "m1: d");
  }

  @Test
  void knownPersonStaysMutedAtItsOtherConnectionsAndWhenItReturns() {
    Guest ming = enter("小明", "user:1", null);
    Guest phone = enter("明's phone", "user:1", null);
    lobby.mute(ming.id());
    ming.leaves();
    phone.types("hello");
    phone.leaves();
    assertThat(kit.xnest().rooms()).isEmpty();

    Guest again = enter("小明", "user:1", null);
    kit.forgetWhatWasHeard();
    again.types("hello?");
    assertThat(Heard.by(again)).containsExactly("error you are muted");
    lobby.unmute(again.id());
    again.types("hello!");

    assertThat(Heard.by(again)).containsExactly("m3: hello!");
    assertThat(Heard.messages(phone.hearsAll())).isEmpty();
  }

  @Test
  void whoIsNotKnownIsMutedForThisStayAlone() {
    Guest ming = enter("小明", null, "192.0.2.1");
    Guest neighbour = enter("Lin", null, "192.0.2.1");
    kit.forgetWhatWasHeard();

    lobby.mute(ming.id());
    neighbour.types("hello");
    ming.leaves();
    Guest again = enter("小明", null, "192.0.2.1");
    again.types("me too");

    assertThat(Heard.by(neighbour))
        .containsExactly("m2: hello", "leave m1", "join m3", "m3: me too");
  }

  // ---- close ----

  @Test
  void closeLetsAllGoWith1001AndIsDoneWhenTheyAre() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    now(lobby.post("News", "soon"));
    Guest wei = kit.enter("garden", "Wei");
    kit.storage().hold();
    ming.types("farewell");

    CompletionStage<Void> gone = lobby.close("closing time");
    assertThat(gone.toCompletableFuture()).isNotDone();
    Guest next = kit.enter("lobby", "Next");
    kit.storage().letGo();

    assertThat(gone.toCompletableFuture()).isCompleted();
    assertThat(List.of(ming.closeCode(), lin.closeCode())).containsExactly(1001, 1001);
    assertThat(ming.closeReason()).isEqualTo("closing time");
    assertThat(wei.closeCode()).isNull();
    assertThat(next.closeCode()).isNull();
    now(lobby.close("really"));
    assertThat(kit.xnest().rooms()).extracting(ChatRoom::toString).containsExactly("garden");
    now(lobby.close("nobody there"));
  }

  // ---- history ----

  @Test
  void historyIsReadWhetherTheRoomIsOpenOrNot() {
    Guest ming = kit.enter("lobby", "小明");
    for (String text : List.of("one", "two", "three")) {
      ming.types(text);
    }

    for (int round = 0; round < 2; round++) {
      assertThat(now(lobby.history(Long.MAX_VALUE, 1_000)).stream().map(Heard::text))
          .containsExactly("one", "two", "three");
      assertThat(now(lobby.history(3, 1)).stream().map(Heard::text)).containsExactly("two");
      assertThat(now(lobby.history(1, 1))).isEmpty();
      ming.leaves();
    }
  }

  @Test
  void historyFailsAsTheStoreDoesAndWhenItIsTooSlow() {
    store.unreadable = true;
    assertThat(Answers.failure(lobby.history(Long.MAX_VALUE, 10)))
        .isInstanceOf(IOException.class)
        .hasMessage("the history of room 'lobby'")
        .hasRootCauseMessage("unreadable");
    store.unreadable = false;
    kit.storage().hold();
    CompletionStage<?> slow = lobby.history(Long.MAX_VALUE, 10);
    assertThat(slow.toCompletableFuture()).isNotDone();

    kit.clock().turn(Limits.defaults().storeTime());

    assertThat(Answers.failure(slow)).hasCauseInstanceOf(TimeoutException.class);
  }

  // ---- erase ----

  @Test
  void whatIsErasedIsGoneWhetherTheRoomIsOpenOrNot() {
    Guest ming = enter("小明", "user:1", null);
    Guest lin = enter("Lin", "user:2", null);
    for (int i = 1; i <= 3; i++) {
      ming.types("ming " + i);
      lin.types("lin " + i);
    }

    assertThat(now(lobby.erase(1))).isEqualTo(1);
    assertThat(now(lobby.erase(1))).isZero();
    assertThat(now(lobby.eraseFrom(lin.id()))).isEqualTo(3);
    assertThat(Heard.by(kit.enter("lobby", "Wei"))).contains("history [ming 2, ming 3]");
    now(lobby.close("closing time"));
    assertThat(now(lobby.eraseOf("user:1"))).isEqualTo(2);
    assertThat(now(lobby.history(Long.MAX_VALUE, 10))).isEmpty();

    assertThat(now(lobby.post("News", "afresh"))).isEqualTo(7);
    assertThat(now(lobby.eraseAll())).isEqualTo(1);
    assertThat(kit.xnest().rooms()).isEmpty();
    assertThat(reports.failures).isEmpty();
  }

  // ---- from within ----

  @Test
  void filterMayKickTheSenderAndPostWithinItsCall() {
    ChatRoom[] room = new ChatRoom[1];
    RoomKit strict =
        RoomKit.create(
            builder ->
                builder.filter(
                    draft -> {
                      room[0].post("Guard", "one less");
                      room[0].kick(draft.sender().id(), "such words");
                      return CompletableFuture.completedStage(draft.refuse("such words"));
                    }));
    room[0] = strict.xnest().room("lobby");
    Guest ming = strict.enter("lobby", "小明");
    Guest lin = strict.enter("lobby", "Lin");
    strict.forgetWhatWasHeard();

    ming.types("damn");

    assertThat(ming.closeCode()).isEqualTo(1008);
    assertThat(Heard.by(ming)).containsExactly("error such words");
    assertThat(Heard.by(lin)).containsExactly("join m3", "leave m1", "m3: one less");
  }

  @Test
  void listenerMayGreetWhoeverJoins() {
    ChatRoom[] room = new ChatRoom[1];
    RoomKit polite =
        RoomKit.create(
            builder ->
                builder.listener(
                    new XnestListener() {
                      @Override
                      public void joined(RoomId id, Member member) {
                        if (!member.nickname().equals("Porter")) {
                          room[0].whisper("Porter", member.id(), "welcome, " + member.nickname());
                        }
                      }
                    }));
    room[0] = polite.xnest().room("lobby");

    Guest lin = polite.enter("lobby", "Lin");

    List<Frame> heard = lin.hearsAll();
    assertThat(heard.get(heard.size() - 1).event()).isEqualTo(new Event.Whispered("welcome, Lin"));
  }

  // ---- after close ----

  static Stream<Arguments> allThatIsAsked() {
    RoomKit kit = RoomKit.create();
    ChatRoom room = kit.xnest().room("lobby");
    Guest guest = kit.enter("lobby", "Lin");
    MemberId id = guest.id();
    kit.xnest().close();
    Duration hour = Duration.ofHours(1);
    return Stream.of(
        asked("rooms", () -> kit.xnest().rooms()),
        asked("room", () -> kit.xnest().room("lobby")),
        asked("isOpen", room::isOpen),
        asked("size", room::size),
        asked("participants", room::participants),
        asked("post", () -> room.post("News", "x")),
        asked("whisper", () -> room.whisper("News", id, "x")),
        asked("history", () -> room.history(1, 1)),
        asked("rename", () -> room.rename(id, "x")),
        asked("kick", () -> room.kick(id, "x")),
        asked("kick for a time", () -> room.kick(id, "x", hour)),
        asked("pardon", () -> room.pardon("x")),
        asked("mute", () -> room.mute(id)),
        asked("mute for a time", () -> room.mute(id, hour)),
        asked("unmute", () -> room.unmute(id)),
        asked("erase", () -> room.erase(1)),
        asked("eraseAll", room::eraseAll),
        asked("eraseFrom", () -> room.eraseFrom(id)),
        asked("eraseOf", () -> room.eraseOf("x")),
        asked("close", () -> room.close("x")));
  }

  private static Arguments asked(String name, ThrowingCallable call) {
    return arguments(name, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("allThatIsAsked")
  void nothingIsDoneWhenXnestIsClosed(String name, ThrowingCallable call) {
    assertThatIllegalStateException().isThrownBy(call).withMessage("xnest is closed");
  }
}
