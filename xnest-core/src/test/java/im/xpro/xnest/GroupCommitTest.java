package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  static final Duration PAUSE = Duration.ofMillis(100);

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(reports));
  final Guest ming = kit.enter("a", "小明");
  final Guest lin = kit.enter("b", "Lin");
  final Guest wei = kit.enter("c", "Wei");

  GroupCommitTest() {
    kit.forgetWhatWasHeard();
  }

  void allType() {
    kit.storage().hold();
    ming.types("in a");
    lin.types("in b");
    wei.types("in c");
    kit.storage().letGo();
  }

  @Test
  void whatComesWhileAnAppendRunsBecomesOneBatch() {
    store.next.add(
        (kept, batch) -> {
          lin.types("one");
          wei.types("two");
          lin.types("three");
          ming.types("four");
          kept.append(batch);
        });

    kit.storage().hold();
    ming.types("first");
    kit.storage().letGo();

    // one batch of a room is on its way at a time, so the third message waits for its first
    assertThat(store.appendedTexts())
        .containsExactly(List.of("first"), List.of("one", "two", "four"), List.of("three"));
    assertThat(Heard.by(lin)).containsExactly("m2: one", "m2: three");
    assertThat(Heard.by(wei)).containsExactly("m3: two");
    assertThat(Heard.by(ming)).containsExactly("m1: first", "m1: four");
  }

  @Test
  void messagesOfAllRoomsGoIntoOneAppend() {
    allType();

    assertThat(store.appendedTexts()).containsExactly(List.of("in a", "in b", "in c"));
    assertThat(Heard.by(ming)).containsExactly("m1: in a");
    assertThat(Heard.by(lin)).containsExactly("m2: in b");
    assertThat(Heard.by(wei)).containsExactly("m3: in c");
  }

  @Test
  void roomsInWhichMuchIsSaidHoldUpNoOther() {
    String much = "x".repeat(1 << 20);
    kit.storage().hold();
    ming.types(much);
    lin.types(much);
    wei.types("little");
    kit.storage().letGo();

    assertThat(store.appendedTexts()).containsExactly(List.of("little", much), List.of(much));
    assertThat(Heard.by(lin)).containsExactly("m2: " + much);
  }

  @Test
  void lossOfOneRoomStaysThere() throws IOException {
    store.rooms.put(new RoomId("b"), FaultyHistory.NOT_KEPT);

    allType();

    assertThat(store.appendedTexts())
        .containsExactly(
            List.of("in a", "in b", "in c"), List.of("in a"), List.of("in b"), List.of("in c"));
    assertThat(Heard.by(ming)).containsExactly("m1: in a");
    assertThat(Heard.by(lin)).containsExactly("error " + Keeper.LOST);
    assertThat(Heard.by(wei)).containsExactly("m3: in c");
    assertThat(store.keptIn("b")).isEmpty();
  }

  @Test
  void collisionOfOneRoomStaysThere() {
    store.rooms.put(new RoomId("b"), FaultyHistory.CONFLICT);

    allType();
    allType();

    assertThat(Heard.by(ming)).containsExactly("m1: in a", "m1: in a");
    assertThat(Heard.by(lin)).containsExactly("error " + Keeper.LOST, "error " + Keeper.LOST);
    assertThat(Heard.by(wei)).containsExactly("m3: in c", "m3: in c");
  }

  @Test
  void roomOfUnknownOutcomeDoesNotHoldUpTheOthers() throws IOException {
    store.rooms.put(new RoomId("b"), FaultyHistory.UNKNOWN_BUT_KEPT);

    allType();
    ming.types("more in a");

    assertThat(Heard.by(ming)).containsExactly("m1: in a", "m1: more in a");
    assertThat(Heard.by(wei)).containsExactly("m3: in c");
    lin.hearsNothing();
    store.rooms.clear();
    kit.clock().turn(PAUSE);
    assertThat(Heard.by(lin)).containsExactly("m2: in b");
    assertThat(store.keptIn("b")).containsExactly("1:in b");
  }

  @Test
  void outageOfTheWholeStoreIsOverForEverybodyAndNothingIsKeptTwice() throws IOException {
    store.rooms.put(new RoomId("a"), FaultyHistory.UNKNOWN_BUT_KEPT);
    store.rooms.put(new RoomId("b"), FaultyHistory.UNKNOWN_NOT_KEPT);
    store.rooms.put(new RoomId("c"), FaultyHistory.ERROR);
    allType();
    kit.clock().turn(PAUSE.multipliedBy(20));
    kit.expectNothingUnread();

    store.rooms.clear();
    kit.clock().turn(PAUSE.multipliedBy(64));

    assertThat(Heard.by(ming)).containsExactly("m1: in a");
    assertThat(Heard.by(lin)).containsExactly("m2: in b");
    assertThat(Heard.by(wei)).containsExactly("m3: in c");
    assertThat(store.keptIn("a")).containsExactly("1:in a");
    assertThat(store.keptIn("b")).containsExactly("1:in b");
    assertThat(store.keptIn("c")).containsExactly("1:in c");
    assertThat(reports.failures).contains("appending messages of 3 rooms");
  }

  @Test
  void storeThatIsNotReachedCostsOneWaitNotOneForEachRoom() {
    List<Guest> guests = new ArrayList<>();
    for (int room = 0; room < 100; room++) {
      Guest guest = kit.enter("room " + room, "Guest");
      store.rooms.put(
          new RoomId("room " + room),
          (kept, batch) -> {
            kit.clock().turn(Duration.ofSeconds(5));
            FaultyHistory.UNREACHABLE.strike(kept, batch);
          });
      guests.add(guest);
    }
    kit.forgetWhatWasHeard();

    kit.storage().hold();
    guests.forEach(guest -> guest.types("into the void"));
    kit.storage().letGo();

    assertThat(store.appends).hasSize(1);
    assertThat(guests)
        .allSatisfy(guest -> assertThat(Heard.by(guest)).containsExactly("error " + Keeper.LOST));
    store.rooms.clear();
    Guest last = guests.get(99);
    last.types("again");
    assertThat(Heard.by(last)).containsExactly(last.id() + ": again");
  }

  @Test
  void storeThatIsNotReachedAnyMoreEndsTheWayRoomByRoom() {
    store.next.add(FaultyHistory.NOT_KEPT);
    store.next.add(FaultyHistory.UNREACHABLE);

    allType();

    assertThat(store.appendedTexts())
        .containsExactly(List.of("in a", "in b", "in c"), List.of("in a"));
    for (Guest guest : List.of(ming, lin, wei)) {
      assertThat(Heard.by(guest)).containsExactly("error " + Keeper.LOST);
    }
  }

  @Test
  void whatIsPerhapsKeptIsNotLostWhileTheStoreIsNotReached() throws IOException {
    store.next.add(FaultyHistory.UNKNOWN_BUT_KEPT);
    for (String room : List.of("a", "b", "c")) {
      store.rooms.put(new RoomId(room), FaultyHistory.UNREACHABLE);
    }

    allType();
    assertThat(store.appends).as("one together and one alone").hasSize(2);
    kit.clock().turn(PAUSE);
    kit.expectNothingUnread();
    store.rooms.clear();
    kit.clock().turn(PAUSE.multipliedBy(2));

    assertThat(Heard.by(ming)).containsExactly("m1: in a");
    assertThat(Heard.by(lin)).containsExactly("m2: in b");
    assertThat(Heard.by(wei)).containsExactly("m3: in c");
    assertThat(store.keptIn("c")).containsExactly("1:in c");
  }

  @Test
  void appendTakesNoMoreThanItsShareUnlessOneRoomHasMore() {
    List<Guest> guests = new ArrayList<>();
    for (int room = 0; room < 5; room++) {
      guests.add(kit.enter("room " + room, "Guest"));
    }
    kit.storage().hold();
    for (Guest guest : guests) {
      guest.types("on its way");
    }
    for (Guest guest : guests) {
      for (int i = 0; i < 900; i++) {
        guest.types("m");
      }
    }
    kit.storage().letGo();

    assertThat(store.appends).extracting(List::size).containsExactly(5, 2_700, 1_800);
    guests.forEach(guest -> assertThat(guest.closeCode()).isNull());
  }
}
