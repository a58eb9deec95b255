package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.Decision.Accepted;
import im.xpro.xnest.Decision.Refused;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("joins: 100 in a second, 500 at once, for each room")
class JoinRateTest {
  private static final Refused TOO_MANY = new Refused(429, "too many join the room at once");

  final Reports reports = new Reports();
  final RoomKit kit = kit(Limits.defaults());

  RoomKit kit(Limits limits) {
    return RoomKit.create(setup -> setup.limits(limits).listener(reports));
  }

  static List<Guest> enter(RoomKit kit, int guests) {
    List<Guest> all = new ArrayList<>();
    for (int i = 0; i < guests; i++) {
      all.add(kit.enter("lobby", "guest " + i));
    }
    return all;
  }

  static long welcomed(List<Guest> guests) {
    return guests.stream().filter(guest -> !guest.hearsAll().isEmpty()).count();
  }

  CompletableFuture<Decision> admit(String room) {
    return kit.xnest().admit(Entry.of(new RoomId(room), "Lin")).toCompletableFuture();
  }

  void after(long millis) {
    kit.clock().turn(Duration.ofMillis(millis));
  }

  // ---- at the door ----

  @Test
  void fiveHundredAreAdmittedAtOnceAndOneMoreWaitsForItsTurn() {
    kit.enter("lobby", "小明");
    for (int i = 0; i < 499; i++) {
      assertThat(admit("lobby")).isCompletedWithValueMatching(Accepted.class::isInstance);
    }

    CompletableFuture<Decision> one = admit("lobby");
    CompletableFuture<Decision> another = admit("lobby");

    assertThat(admit("garden")).isDone();
    after(9);
    assertThat(one).isNotDone();
    after(1);
    assertThat(one).isCompletedWithValueMatching(Accepted.class::isInstance);
    assertThat(another).isNotDone();
    after(10);
    assertThat(another).isDone();
  }

  @Test
  void whoWouldHaveToWaitLongerThanTenSecondsIsRefusedWith429() {
    kit.enter("lobby", "小明");
    List<CompletableFuture<Decision>> waiting = new ArrayList<>();
    for (int i = 0; i < 499 + 1_000; i++) {
      waiting.add(admit("lobby"));
    }

    assertThat(admit("lobby")).isCompletedWithValue(TOO_MANY);
    after(10_000);
    assertThat(waiting)
        .allSatisfy(a -> assertThat(a).isCompletedWithValueMatching(Accepted.class::isInstance));
  }

  @Test
  void whoHasWaitedAtTheDoorDoesNotWaitAgain() {
    enter(kit, 500);
    CompletableFuture<Decision> lin = admit("lobby");
    after(10);
    assertThat(lin).isDone();

    Guest guest = kit.enter("lobby", "Lin");

    assertThat(guest.hears().event()).isEqualTo(new Event.You());
  }

  @Test
  void roomThatIsFullByThenRefuses() {
    RoomKit small = kit(Limits.builder().joinBurst(2).roomMembers(3).build());
    enter(small, 2);
    CompletableFuture<Decision> lin =
        small.xnest().admit(Entry.of(new RoomId("lobby"), "Lin")).toCompletableFuture();
    assertThat(lin).isNotDone();
    small.enter("lobby", "Wei");

    small.clock().turn(Duration.ofMillis(10));

    assertThat(lin).isCompletedWithValue(new Refused(429, "the room is full"));
  }

  @Test
  void whoWaitsWhenTheHouseClosesIsRefused() {
    enter(kit, 500);
    CompletableFuture<Decision> lin = admit("lobby");

    kit.xnest().close();
    after(10);

    assertThat(lin).isCompletedWithValue(new Refused(503, "the server is going away"));
  }

  // ---- without having asked ----

  @Test
  void fiveHundredEnterAtOnceAndTheOthersAtTheRate() {
    List<Guest> guests = enter(kit, 700);

    assertThat(welcomed(guests)).isEqualTo(500);
    guests.subList(0, 500).clear();
    after(10);
    assertThat(welcomed(guests)).isEqualTo(1);
    guests.remove(0);
    after(1_990);
    assertThat(welcomed(guests)).isEqualTo(199);
  }

  @Test
  void whoWouldHaveToWaitTooLongIsClosedWith1013() {
    List<Guest> guests = enter(kit, 1_500);
    Guest oneMore = kit.enter("lobby", "Lin");

    assertThat(guests).allMatch(guest -> guest.closeCode() == null);
    assertThat(oneMore.closeCode()).isEqualTo(1013);
    assertThat(oneMore.closeReason()).isEqualTo("too many join the room at once");
    assertThat(kit.enter("garden", "Lin").hearsAll()).isNotEmpty();
  }

  @Test
  void whoLeavesWhileItWaitsIsNeverHeardOf() {
    List<Guest> guests = enter(kit, 501);
    welcomed(guests);

    guests.get(500).leaves();
    after(1_000);

    assertThat(welcomed(guests)).isZero();
    guests.subList(0, 500).forEach(Guest::leaves);
    assertThat(reports.events).endsWith("closed lobby");
    assertThat(kit.xnest().rooms.size()).isZero();
  }

  @Test
  void lastWordsOfWhoLeavesWhileItWaitsAreHeard() {
    List<Guest> guests = enter(kit, 501);
    welcomed(guests);

    guests.get(500).types("hello and good bye");
    guests.get(500).leaves();
    after(1_000);

    assertThat(Heard.by(guests.get(0)))
        .containsExactly("join m501", "m501: hello and good bye", "leave m501");
  }

  @Test
  void whoWaitsWhenTheHouseClosesIsLetGo() {
    List<Guest> guests = enter(kit, 502);

    kit.xnest().close();

    assertThat(guests).allMatch(guest -> guest.closeCode() == 1001);
    assertThat(reports.failures).isEmpty();
    assertThat(kit.xnest().rooms.size()).isZero();
  }

  @Test
  void withoutARateAllEnterAtOnce() {
    List<Guest> guests = enter(kit(Limits.builder().withoutRates().build()), 1_000);

    assertThat(welcomed(guests)).isEqualTo(1_000);
  }

  // ---- rooms ----

  @Test
  void whoOpensOneRoomTooManyIsClosedWith1013() {
    RoomKit two = kit(Limits.builder().rooms(2).build());
    two.enter("lobby", "小明");
    Guest lin = two.enter("garden", "Lin");

    Guest wei = two.enter("roof", "Wei");
    wei.types("hello?");

    assertThat(wei.closeCode()).isEqualTo(1013);
    assertThat(wei.closeReason()).isEqualTo("there are too many rooms");
    wei.hearsNothing();
    assertThat(two.enter("garden", "Wei").closeCode()).isNull();
    assertThat(two.xnest().rooms.size()).isEqualTo(2);
    lin.leaves();
    assertThat(reports.events).doesNotContain("opened roof");
  }
}
