package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§5 a member who reads too slowly")
class SlowMemberTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(reports));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  SlowMemberTest() {
    kit.forgetWhatWasHeard();
  }

  /** Takes so many offers, then does something else. */
  static class Slow extends Ear {
    private final Consumer<Slow> then;
    int left;
    int offers;
    int closes;

    Slow(int takes, Consumer<Slow> then) {
      this.left = takes;
      this.then = then;
    }

    @Override
    public boolean offer(Outgoing more) {
      offers++;
      if (left-- > 0) {
        return super.offer(more);
      }
      then.accept(this);
      return false;
    }

    @Override
    public void close(int code, String reason) {
      closes++;
      super.close(code, reason);
    }
  }

  static Slow falling(int takes) {
    return new Slow(takes, slow -> {});
  }

  @Test
  void isLetGoAndTheOthersAreTold() {
    ming.stalls();

    lin.types("hello");

    assertThat(ming.closeCode()).isEqualTo(1013);
    assertThat(ming.closeReason()).isEqualTo("reads too slowly");
    assertThat(Heard.by(lin)).containsExactly("m2: hello", "leave m1");
    assertThat(reports.events).endsWith("letGo lobby m1", "left lobby m1");
  }

  @Test
  void isOfferedNothingMoreAndClosedOnce() {
    Slow slow = falling(2);
    kit.xnest().enter(Entry.of(LOBBY, "Slow"), slow);

    lin.types("one");
    lin.types("two");
    ming.types("@to:m3|psst");
    kit.xnest().close();

    // the welcome, its join, and the one that was too much
    assertThat(slow.offers).isEqualTo(3);
    assertThat(slow.closes).isEqualTo(1);
    assertThat(Heard.by(ming)).contains("error no member of this room has that id");
  }

  @Test
  void isOfferedNothingMoreInTheSameTurn() {
    Queue<Runnable> turns = new ArrayDeque<>();
    Xnest xnest = Xnest.builder().executor(turns::add).build();
    Slow slow = falling(Integer.MAX_VALUE);
    Inlet slowly = xnest.enter(Entry.of(LOBBY, "Slow"), slow);
    Inlet unstored = xnest.enter(Entry.of(LOBBY, "Wei").withStoresHistory(false), new Ear());
    turns.remove().run();
    slow.left = 0;
    slow.offers = 0;

    unstored.text("too much");
    unstored.text("@to:" + slowly.id() + "|psst");
    unstored.text("@to:" + slowly.id() + "|psst");
    turns.remove().run();

    assertThat(slow.offers).isEqualTo(1);
  }

  @Test
  void outletThatThrowsIsASlowOne() {
    AssertionError bug = new AssertionError("bug");
    Slow slow =
        new Slow(
            2,
            thrower -> {
              throw bug;
            });
    kit.xnest().enter(Entry.of(LOBBY, "Slow"), slow);
    kit.forgetWhatWasHeard();

    lin.types("hello");

    assertThat(slow.closeCode()).isEqualTo(1013);
    assertThat(Heard.by(ming)).containsExactly("m2: hello", "leave m3");
    assertThat(reports.causes).containsExactly(bug);
  }

  @Test
  void outletThatCannotEvenCloseIsToldOfAsGone() {
    Slow slow =
        new Slow(2, ignored -> {}) {
          @Override
          public void close(int code, String reason) {
            throw new IllegalStateException("closed already");
          }
        };
    kit.xnest().enter(Entry.of(LOBBY, "Slow"), slow);
    kit.forgetWhatWasHeard();

    lin.types("hello");

    assertThat(Heard.by(ming)).containsExactly("m2: hello", "leave m3");
    assertThat(reports.failures).containsExactly("closing the connection of member m3");
  }

  @Test
  void whoFallsBehindInItsWelcomeJoinsAndLeaves() {
    Slow slow = falling(0);

    kit.xnest().enter(Entry.of(LOBBY, "Slow"), slow);

    assertThat(slow.closeCode()).isEqualTo(1013);
    assertThat(Heard.by(lin)).containsExactly("join m3", "leave m3");
  }

  @Test
  void itsLastWordsAreHeardBeforeItsLeave() {
    kit.storage().hold();
    ming.types("farewell");
    ming.stalls();
    lin.types("@changename:Lynn");

    assertThat(ming.closeCode()).isEqualTo(1013);
    assertThat(Heard.by(lin)).containsExactly("m2 is Lynn");
    kit.storage().letGo();
    assertThat(Heard.by(lin)).containsExactly("m1: farewell", "leave m1");
  }

  @Test
  void whatItHandsInAfterwardsIsIgnored() {
    ming.stalls();
    lin.types("hello");
    kit.forgetWhatWasHeard();

    ming.types("ghost");
    ming.leaves();

    kit.expectNothingUnread();
  }

  @Test
  void memberThatLeavesWhileItIsLetGoLeavesOnce() {
    Inlet[] inlet = new Inlet[1];
    Slow slow = new Slow(2, leaver -> inlet[0].leave());
    inlet[0] = kit.xnest().enter(Entry.of(LOBBY, "Slow"), slow);
    kit.forgetWhatWasHeard();

    lin.types("hello");

    assertThat(slow.closes).isZero();
    assertThat(Heard.by(ming)).containsExactly("m2: hello", "leave m3");
  }

  @Test
  void stormOfThemLeavesAllOthersInPeace() {
    RoomKit big = RoomKit.create();
    Guest first = big.enter("lobby", "First");
    List<Slow> storm = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      // some fall behind at the word, the others at the leaves that follow from it
      Slow slow = falling(Integer.MAX_VALUE);
      storm.add(slow);
      big.xnest().enter(Entry.of(LOBBY, "Slow"), slow);
    }
    Guest last = big.enter("lobby", "Last");
    big.forgetWhatWasHeard();
    for (int i = 0; i < storm.size(); i++) {
      storm.get(i).left = i % 3;
    }

    first.types("hello");

    storm.forEach(slow -> assertThat(slow.closeCode()).isEqualTo(1013));
    List<String> heard = Heard.by(last);
    assertThat(heard).hasSize(501).startsWith("m1: hello").doesNotHaveDuplicates();
    assertThat(Heard.by(first)).isEqualTo(heard);
    Guest newcomer = big.enter("lobby", "New");
    assertThat(Heard.by(newcomer)).contains("members [m1, m502, m503]");
  }
}
