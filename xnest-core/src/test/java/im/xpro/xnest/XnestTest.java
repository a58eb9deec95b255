package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class XnestTest {
  static final RoomId LOBBY = new RoomId("lobby");

  final Reports reports = new Reports();

  static Limits closeWithin(Duration time) {
    return Limits.builder().closeTime(time).build();
  }

  // ---- closing ----

  @Test
  void closeLetsEverybodyGoAndTellsOfEachLeave() {
    RoomKit kit = RoomKit.create(builder -> builder.listener(reports));
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("elsewhere", "Lin");

    kit.xnest().close();

    assertThat(ming.closeCode()).isEqualTo(1001);
    assertThat(lin.closeCode()).isEqualTo(1001);
    assertThat(reports.events)
        .contains("left lobby m1", "closed lobby", "left elsewhere m2", "closed elsewhere");
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void whoComesAfterTheCloseIsClosedWith1001() {
    Xnest xnest = Xnest.builder().listener(reports).build();
    xnest.close();
    Ear ear = new Ear();

    Inlet inlet = xnest.enter(Entry.of(LOBBY, "Late"), ear);
    inlet.text("ignored");

    assertThat(ear.closeCode()).isEqualTo(1001);
    assertThat(reports.events).contains("closed lobby");
  }

  @Test
  void twoWhoCloseBothReturnOnceAllIsKept() throws InterruptedException {
    Xnest xnest =
        Xnest.builder()
            .listener(reports)
            .limits(closeWithin(Duration.ofMinutes(1)))
            .history(new FaultyHistory())
            .build();
    xnest.enter(Entry.of(LOBBY, "Ming"), new Ear());

    List<Thread> closers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      closers.add(new Thread(xnest::close));
    }
    closers.forEach(Thread::start);

    for (Thread closer : closers) {
      closer.join(20_000);
      assertThat(closer.isAlive()).isFalse();
    }
    assertThat(reports.failures).isEmpty();
  }

  @Test
  void closeWaitsForTheStoreNoLongerThanItsTimeAndReportsIt() {
    FaultyHistory store = new FaultyHistory();
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder.history(store).listener(reports).limits(closeWithin(Duration.ofMillis(1))));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.types("hello");

    kit.xnest().close();

    assertThat(ming.closeCode()).isEqualTo(1001);
    assertThat(reports.failures).containsExactly("closing: 1 rooms still wait for their store");
  }

  RoomKit kitThatClosesAtOnce() {
    return RoomKit.create(
        builder -> builder.history(new FaultyHistory()).limits(closeWithin(Duration.ofMillis(1))));
  }

  @Test
  void erasuresThatWaitForTheStoreFailOnceItIsClosed() {
    RoomKit kit = kitThatClosesAtOnce();
    ChatRoom lobby = kit.xnest().room("lobby");
    kit.enter("garden", "Lin");
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.types("hello");
    List<CompletionStage<Integer>> waiting =
        List.of(
            lobby.eraseAll(),
            kit.xnest().room("garden").eraseAll(),
            kit.xnest().room("nobody's").eraseAll());

    kit.xnest().close();

    assertThat(waiting)
        .allSatisfy(count -> assertThat(count.toCompletableFuture()).isCompletedExceptionally());
    assertThatThrownBy(() -> waiting.get(0).toCompletableFuture().join())
        .hasCauseInstanceOf(IOException.class);
    kit.storage().letGo();
    assertThat(kit.xnest().rooms.all()).isEmpty();
  }

  @Test
  void roomThatIsBeingClosedIsDoneOnceItsHouseIsClosed() {
    RoomKit kit = kitThatClosesAtOnce();
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.types("hello");
    CompletionStage<Void> gone = kit.xnest().room("lobby").close("closing time");
    assertThat(gone.toCompletableFuture()).isNotDone();

    kit.xnest().close();

    assertThat(gone.toCompletableFuture()).isCompleted();
    assertThat(ming.closeCode()).isEqualTo(1001);
  }

  // ---- what the application hands in and is broken ----

  @Test
  void idsThatFailLeaveNoRoomBehind() {
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .memberIds(
                        () -> {
                          throw new IllegalStateException("no ids");
                        }));

    assertThatThrownBy(() -> kit.enter("lobby", "Ming")).hasMessage("no ids");
    kit.xnest().close();

    assertThat(reports.failures).isEmpty();
  }

  @Test
  void admissionThatAnswersNothingIsRefusedAndReported() {
    Xnest xnest = Xnest.builder().listener(reports).admission(entry -> nothing()).build();

    Decision decision = xnest.admit(Entry.of(LOBBY, "Ming")).toCompletableFuture().join();

    assertThat(decision).isEqualTo(new Decision.Refused(500, "the admission rule failed"));
    assertThat(reports.failures).containsExactly("asking the admission rule");
  }

  static CompletableFuture<Decision> nothing() {
    return null;
  }

  @Test
  void timerThatThrowsHoldsBackNothing() {
    Queue<Runnable> turns = new ArrayDeque<>();
    Queue<Runnable> storage = new ArrayDeque<>();
    Xnest xnest =
        Xnest.builder()
            .listener(reports)
            .history(new FaultyHistory())
            .executor(turns::add)
            .storageExecutor(storage::add)
            .timer(
                (delay, task) -> {
                  throw new IllegalStateException("no timer");
                })
            .build();
    Ear ear = new Ear();
    Inlet stored = xnest.enter(Entry.of(LOBBY, "Ming"), ear);
    Inlet unstored = xnest.enter(Entry.of(LOBBY, "Lin").withStoresHistory(false), new Ear());
    turns.remove().run();
    storage.remove().run();
    turns.remove().run();

    unstored.text("unstored");
    stored.text("stored");
    turns.remove().run();

    assertThat(Heard.messages(ear.frames())).containsExactly("unstored");
    storage.remove().run();
    turns.remove().run();
    assertThat(Heard.messages(ear.frames())).containsExactly("unstored", "stored");
  }

  @Test
  void listenerThatThrowsHarmsNobody() {
    XnestListener thrower =
        new XnestListener() {
          @Override
          public void joined(RoomId room, Member member) {
            throw new AssertionError("a bug in the listener");
          }

          @Override
          public void letGo(RoomId room, Member member) {
            throw new AssertionError("a bug in the listener");
          }

          @Override
          public void failed(String doing, Throwable cause) {
            throw new AssertionError("a bug in the listener");
          }
        };
    FaultyHistory store = new FaultyHistory();
    RoomKit kit = RoomKit.create(builder -> builder.history(store).listener(thrower));
    store.unreadable = true;
    Guest ming = kit.enter("lobby", "小明");
    store.unreadable = false;
    kit.clock().turn(Duration.ofSeconds(1));
    Guest lin = kit.enter("lobby", "Lin");
    store.next.add(FaultyHistory.UNKNOWN_NOT_KEPT);
    kit.forgetWhatWasHeard();
    ming.stalls();

    lin.types("hello");
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(Heard.by(lin)).containsExactly("m2: hello", "leave m1");
  }
}
