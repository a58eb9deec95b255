package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("§5 members whose server goes away")
class GoingAwayTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final RoomKit kit = RoomKit.create(builder -> builder.history(new FaultyHistory()));
  final Guest lin = kit.enter("lobby", "Lin");
  final Ear ming = new Ear();
  final Inlet inlet = kit.xnest().enter(Entry.of(LOBBY, "小明"), ming);

  List<String> lastWords() {
    List<String> all = Heard.words(ming.frames());
    return all.subList(5, all.size());
  }

  @Test
  void memberHearsWhatBecameOfItsWordsBeforeItGoes() {
    kit.storage().hold();
    inlet.text("hello");

    kit.xnest().dismiss(List.of(inlet));
    inlet.text("too late");

    assertThat(ming.closeCode()).isZero();
    kit.storage().letGo();
    assertThat(lastWords()).containsExactly("m2: hello");
    assertThat(ming.closeCode()).isEqualTo(1001);
    assertThat(Heard.by(lin)).endsWith("m2: hello", "leave m2");
    kit.clock().turn(Duration.ofHours(1));
    assertThat(ming.closings()).isEqualTo(1);
  }

  @Test
  void storeThatHangsHoldsAMemberNoLongerThanTheTimeToClose() {
    kit.storage().hold();
    inlet.text("on its way");
    inlet.text("behind it");

    kit.xnest().dismiss(List.of(inlet));
    kit.clock().turn(Limits.defaults().closeTime());

    assertThat(lastWords()).containsExactly("error " + Keeper.PERHAPS, "error " + Keeper.NO_ANSWER);
    assertThat(ming.closeCode()).isEqualTo(1001);
    kit.storage().letGo();
    assertThat(Heard.by(lin)).endsWith("m2: on its way", "leave m2");
    assertThat(ming.closings()).isEqualTo(1);
  }

  @Test
  void othersInTheRoomAreNotToldOfWhoHadToGo() {
    kit.storage().hold();
    inlet.text("on its way");
    lin.types("behind it");

    kit.xnest().dismiss(List.of(inlet));
    kit.clock().turn(Limits.defaults().closeTime());
    lin.types("and more");

    assertThat(Heard.by(lin)).noneMatch(frame -> frame.startsWith("error"));
    kit.storage().letGo();
    assertThat(Heard.by(lin)).containsSubsequence("m1: behind it", "m1: and more");
  }

  @Test
  void whoIsToldAtLastThatItsWordsNeverLeftIsClosedOnce() {
    kit.storage().hold();
    lin.types("on its way");
    inlet.text("behind it");

    kit.xnest().dismiss(List.of(inlet));
    kit.clock().turn(Limits.defaults().closeTime());

    assertThat(lastWords()).containsExactly("error " + Keeper.NO_ANSWER);
    assertThat(Heard.by(lin)).noneMatch(frame -> frame.startsWith("error"));
    assertThat(ming.closeCode()).isEqualTo(1001);
    assertThat(ming.closings()).isEqualTo(1);
  }

  @Test
  void whoHasLeftOrWasLetGoIsNotClosedAgain() {
    inlet.leave();
    kit.xnest().dismiss(List.of(inlet, inlet));

    assertThat(ming.closings()).isZero();
  }

  @Test
  void othersStayAndNewOnesMayCome() {
    kit.xnest().dismiss(List.of(inlet));

    assertThat(ming.closeCode()).isEqualTo(1001);
    assertThat(lin.closeCode()).isNull();
    kit.enter("lobby", "Wei").types("hi");
    assertThat(Heard.by(lin)).endsWith("m3: hi");
  }

  // ---- many at once ----

  /** So many, ten in a room. */
  static List<Inlet> enter(Xnest xnest, int members, List<String> reasons) {
    return IntStream.range(0, members)
        .mapToObj(
            i ->
                xnest.enter(
                    Entry.of(new RoomId("room " + i / 10), "Guest"),
                    new Outlet() {
                      @Override
                      public boolean offer(Outgoing frames) {
                        return true;
                      }

                      @Override
                      public void close(int code, String reason) {
                        reasons.add(reason);
                      }
                    }))
        .toList();
  }

  @Test
  void membersOfABigHouseAreAskedToComeBackOneAfterTheOther() {
    List<String> dismissed = new ArrayList<>();
    List<String> closed = new ArrayList<>();
    Xnest xnest = RoomKit.create().xnest();

    xnest.dismiss(enter(xnest, 1_000, dismissed));
    enter(xnest, 1_000, closed);
    xnest.close();

    for (List<String> reasons : List.of(dismissed, closed)) {
      assertThat(reasons).hasSize(1_000);
      assertThat(new TreeSet<>(reasons))
          .containsExactly(
              "going away, retry in 1 s",
              "going away, retry in 2 s",
              "going away, retry in 3 s",
              "going away, retry in 4 s",
              "going away, retry in 5 s");
    }
  }

  @Test
  void membersOfASmallHouseMayComeBackAtOnce() {
    List<String> reasons = new ArrayList<>();
    Xnest xnest = RoomKit.create().xnest();
    enter(xnest, 500, reasons);

    xnest.close();

    assertThat(reasons).hasSize(500).containsOnly("going away");
  }

  // ---- threads ----

  @Test
  @Timeout(60)
  void houseThatIsClosedHasNoThreadLeft() throws Exception {
    ThreadGroup own = new ThreadGroup("house");
    Thread lives =
        new Thread(
            own,
            () -> {
              Xnest xnest = Xnest.builder().history(new FaultyHistory()).build();
              Ear ear = new Ear();
              Inlet member = xnest.enter(Entry.of(LOBBY, "Lin"), ear);
              member.text("hello");
              member.text("@history:0");
              xnest.close();
            });
    lives.start();
    lives.join();

    Thread[] left = new Thread[own.activeCount() + 1];
    for (int i = own.enumerate(left) - 1; i >= 0; i--) {
      // a pool is terminated a moment before its last thread is
      left[i].join(10_000);
      assertThat(left[i].isAlive()).as("%s", left[i]).isFalse();
    }
  }
}
