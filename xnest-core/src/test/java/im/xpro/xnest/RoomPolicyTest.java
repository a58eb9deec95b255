package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomPolicyTest {
  static final RoomOptions USUAL = RoomOptions.of(Limits.defaults());

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();
  final List<RoomId> asked = new ArrayList<>();

  RoomKit kit(RoomPolicy policy) {
    return RoomKit.create(
        builder ->
            builder
                .history(store)
                .listener(reports)
                .policy(
                    room -> {
                      asked.add(room);
                      return policy.optionsOf(room);
                    }));
  }

  RoomKit kit(RoomOptions lobby) {
    return kit(room -> room.value().equals("lobby") ? lobby : USUAL);
  }

  @Test
  void roomWithoutHistoryStoresNothingAndReadsNothing() throws IOException {
    RoomKit kit = kit(USUAL.withKeepsHistory(false).withRetention(Retention.newest(5)));
    Guest ming = kit.enter("lobby", "小明");
    assertThat(Heard.by(ming))
        .containsExactly("self", "count 1", "members [m1]", "history []", "join m1");
    ming.types("hello");
    ming.sends((byte) 2, (byte) 42);
    kit.forgetWhatWasHeard();

    assertThat(Pasts.page(ming, 0)).isEmpty();
    assertThat(Pasts.page(ming, 1)).isEmpty();
    assertThat(Pasts.page(ming, 7)).isEmpty();
    ming.types("hi");
    assertThat(Heard.by(ming)).containsExactly("m1: hi");
    assertThat(Heard.messages(kit.enter("lobby", "Lin").hearsAll())).isEmpty();
    assertThat(store.reads).isZero();
    assertThat(store.appends).isEmpty();
    assertThat(store.retained).isEmpty();
    kit.enter("garden", "Wei").types("kept");
    assertThat(store.keptIn("garden")).containsExactly("1:kept");
  }

  @Test
  void mediaOfARoomWithoutHistoryPass() {
    List<Boolean> kept = new ArrayList<>();
    BlobStore blobs =
        new BlobStore() {
          @Override
          public void put(
              RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content) {
            kept.add(isKept);
          }

          @Override
          public Blob get(RoomId room, String id) {
            return null;
          }

          @Override
          public void remove(RoomId room, String id) {}
        };
    RoomKit kit =
        RoomKit.create(
            builder -> builder.policy(room -> USUAL.withKeepsHistory(false)).blobs(blobs));

    kit.enter("lobby", "小明").sends((byte) 2, (byte) 42);

    assertThat(kept).containsExactly(false);
  }

  @Test
  void pagesHaveTheLengthOfTheirRoom() {
    RoomKit kit = kit(USUAL.withPageEntries(3));
    Guest ming = kit.enter("lobby", "小明");
    Pasts.count(ming, 1, 8);
    kit.forgetWhatWasHeard();

    assertThat(Heard.messages(kit.enter("lobby", "Lin").hearsAll())).containsExactly("6", "7", "8");
    kit.forgetWhatWasHeard();
    assertThat(Pasts.page(ming, 0)).containsExactly("6", "7", "8");
    assertThat(Pasts.page(ming, 2)).containsExactly("1", "2");
    assertThat(Pasts.page(ming, 1)).containsExactly("3", "4", "5");
  }

  @Test
  void roomHasTheCapacityOfItsOwn() {
    RoomKit kit = kit(USUAL.withCapacity(1));
    kit.enter("lobby", "小明");
    kit.enter("garden", "Wei");

    Entry lobby = Entry.of(new RoomId("lobby"), "Lin");
    assertThat(kit.xnest().admit(lobby).toCompletableFuture())
        .isCompletedWithValue(new Decision.Refused(429, "the room is full"));
    Ear lin = new Ear();
    kit.xnest().enter(lobby, lin);
    assertThat(lin.closeCode()).isEqualTo(Close.TRY_AGAIN_LATER);
    kit.enter("garden", "Bo").types("in");
    kit.enter(lobby.with(Grant.plain().withEvenIfFull(true))).types("in");
  }

  @Test
  void policyIsAskedOnceEachTimeARoomOpens() {
    RoomKit kit = kit(USUAL);
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(asked).hasSize(1);

    ming.leaves();
    lin.leaves();
    kit.enter("lobby", "小明");

    assertThat(asked).hasSize(2);
  }

  @Test
  void whoComesWhileThePolicyFailsIsTurnedAwayAndTheNextIsNot() {
    boolean[] fails = {true};
    RoomKit kit =
        kit(
            room -> {
              if (fails[0]) {
                throw new IllegalStateException("no idea");
              }
              return USUAL;
            });
    Ear ming = new Ear();
    Entry lobby = Entry.of(new RoomId("lobby"), "小明");

    kit.xnest().enter(lobby, ming);

    assertThat(ming.closeCode()).isEqualTo(Close.TRY_AGAIN_LATER);
    assertThat(reports.failures).containsExactly("asking for the options of room 'lobby'");
    assertThat(reports.events).isEmpty();
    assertThat(kit.xnest().rooms.size()).isZero();
    fails[0] = false;
    kit.enter(lobby).types("hello");
    assertThat(reports.events).containsExactly("opened lobby", "joined lobby m2");
  }

  @Test
  void retentionIsToldToTheStoreWhenARoomOpens() {
    RoomKit kit = kit(USUAL.withRetention(Retention.newest(5)));

    kit.enter("lobby", "小明");
    kit.enter("lobby", "Lin");
    kit.enter("garden", "Wei");

    assertThat(store.retained).containsExactly("lobby " + Retention.newest(5), "garden null");
  }

  @Test
  void retentionThatCannotBeSetIsReportedAndTheRoomGoesOn() throws IOException {
    RoomKit kit = kit(USUAL.withRetention(Retention.newest(5)));
    store.unretainable = true;

    kit.enter("lobby", "小明").types("hello");

    assertThat(reports.failures).containsExactly("setting the retention of room 'lobby'");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello");
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> USUAL.withPageEntries(0))
        .withMessage("pageEntries is 0, must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> USUAL.withCapacity(-1))
        .withMessage("capacity is -1, must be 1 or more");
  }
}
