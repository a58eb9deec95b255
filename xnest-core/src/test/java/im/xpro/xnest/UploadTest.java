package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§2 an upload holds back its member's later frames")
class UploadTest {
  static final RoomId LOBBY = new RoomId("lobby");

  /** In memory; fails as it is told. */
  static final class FaultyBlobs implements BlobStore {
    final BlobStore kept = BlobStore.inMemory();
    final List<String> removed = new ArrayList<>();
    @Nullable Throwable fault;

    @Override
    public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
        throws IOException {
      strike();
      kept.put(room, id, kind, isKept, content);
    }

    @Override
    public @Nullable Blob get(RoomId room, String id) throws IOException {
      return kept.get(room, id);
    }

    @Override
    public void remove(RoomId room, String id) throws IOException {
      removed.add(id);
      strike();
      kept.remove(room, id);
    }

    private void strike() throws IOException {
      if (fault instanceof IOException failure) {
        throw failure;
      } else if (fault instanceof Error error) {
        throw error;
      }
    }
  }

  final FaultyHistory store = new FaultyHistory();
  final FaultyBlobs blobs = new FaultyBlobs();
  final Reports reports = new Reports();
  final RoomKit kit =
      RoomKit.create(builder -> builder.history(store).blobs(blobs).listener(reports));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  UploadTest() {
    kit.forgetWhatWasHeard();
  }

  @Test
  void isStoredBeforeItIsAnnounced() throws IOException {
    kit.storage().hold();

    ming.sends((byte) 2, (byte) 7);
    kit.expectNothingUnread();
    assertThat(blobs.get(LOBBY, "b1")).isNull();
    kit.storage().runNext();
    assertThat(blobs.get(LOBBY, "b1")).isNotNull();
    kit.expectNothingUnread();
    kit.storage().runNext();

    assertThat(Heard.by(ming)).containsExactly("m1: b1");
    assertThat(Heard.by(lin)).containsExactly("m1: b1");
    assertThat(store.keptIn("lobby")).containsExactly("1:b1");
  }

  @Test
  void nothingOfItsMemberOvertakesIt() {
    kit.storage().hold();

    ming.types("before");
    ming.sends((byte) 1, (byte) 7);
    ming.types("after");
    ming.types("@to:" + lin.id() + "|psst");
    ming.types("@changename:Tiger");
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin))
        .containsExactly("m1: before", "m1: b1", "m1: after", "m1 whispers psst", "m1 is Tiger");
  }

  @Test
  void storeThatDoesNotAnswerInTimeHoldsItsMemberUpNoLonger() throws IOException {
    kit.storage().hold();
    ming.sends((byte) 1, (byte) 7);
    ming.types("@to:" + lin.id() + "|psst");
    kit.expectNothingUnread();

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(ming.hears()).isEqualTo(ming.failed("the media could not be stored"));
    assertThat(Heard.by(lin)).containsExactly("m1 whispers psst");
    kit.storage().letGo();
    kit.expectNothingUnread();
    assertThat(blobs.removed).containsExactly("b1");
    assertThat(blobs.get(LOBBY, "b1")).isNull();
  }

  @Test
  void unstoredMembersUploadHoldsItBackToo() {
    Guest wei = kit.enter(Entry.of(LOBBY, "Wei").withStoresHistory(false));
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    wei.sends((byte) 1, (byte) 7);
    wei.types("after");
    wei.leaves();
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m3: b1", "m3: after", "leave m3");
    assertThat(store.appends).isEmpty();
  }

  @Test
  void othersAreHeardMeanwhile() {
    Guest wei = kit.enter(Entry.of(LOBBY, "Wei").withStoresHistory(false));
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    ming.sends((byte) 1, (byte) 7);

    wei.types("unstored");
    lin.types("@changename:Lynn");
    kit.enter("lobby", "An");

    assertThat(Heard.by(lin)).containsExactly("m3: unstored", "m2 is Lynn", "join m4");
    kit.storage().letGo();
    assertThat(Heard.by(lin)).containsExactly("m1: b1");
  }

  @Test
  void laterMessageOfAnotherMayBeKeptFirst() throws IOException {
    kit.storage().hold();
    ming.sends((byte) 1, (byte) 7);
    lin.types("hello");
    ming.types("after");

    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m2: hello", "m1: b1", "m1: after");
    assertThat(store.keptIn("lobby")).containsExactly("1:hello", "2:b1", "3:after");
  }

  @Test
  void uploadsOfOneMemberAreStoredOneByOne() {
    kit.storage().hold();

    ming.sends((byte) 1, (byte) 7);
    ming.sends((byte) 1, (byte) 8);
    ming.sends((byte) 1, (byte) 9);
    assertThat(kit.storage().waiting()).isEqualTo(1);
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: b1", "m1: b2", "m1: b3");
  }

  @Test
  void whoIsMutedMeanwhileIsNotHeardAndItsBlobIsRemoved() throws IOException {
    kit.storage().hold();
    ming.sends((byte) 2, (byte) 7);
    kit.xnest().room(LOBBY).mute(ming.id());

    kit.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("error you are muted");
    kit.expectNothingUnread();
    assertThat(blobs.get(LOBBY, "b1")).isNull();
    assertThat(store.keptIn("lobby")).isEmpty();
  }

  @Test
  void leaveWaitsForIt() {
    kit.storage().hold();

    ming.sends((byte) 1, (byte) 7);
    ming.leaves();
    kit.expectNothingUnread();
    kit.storage().letGo();

    assertThat(Heard.by(lin)).containsExactly("m1: b1", "leave m1");
  }

  @Test
  void blobThatCannotBeStoredIsAnErrorForItsMemberAlone() {
    blobs.fault = new IOException("disk full");

    ming.sends((byte) 1, (byte) 7);
    ming.types("after");

    assertThat(Heard.by(ming)).containsExactly("error the media could not be stored", "m1: after");
    assertThat(Heard.by(lin)).containsExactly("m1: after");
    assertThat(reports.failures).containsExactly("storing media of room 'lobby'");
  }

  @Test
  void errorThrownByABlobStoreIsAnErrorForItsMemberAlone() {
    blobs.fault = new AssertionError("bug");

    ming.sends((byte) 1, (byte) 7);
    ming.types("after");

    assertThat(Heard.by(ming)).containsExactly("error the media could not be stored", "m1: after");
    assertThat(reports.causes).containsExactly(blobs.fault);
  }

  @Test
  void blobOfALostMessageIsRemoved() throws IOException {
    store.next.add(FaultyHistory.NOT_KEPT);

    ming.sends((byte) 1, (byte) 7);

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.LOST);
    kit.expectNothingUnread();
    assertThat(blobs.get(LOBBY, "b1")).isNull();
    assertThat(blobs.removed).containsExactly("b1");
  }

  @Test
  void blobOfARefusedMessageIsRemoved() {
    store.next.add(FaultyHistory.CONFLICT);
    lin.types("collides");
    kit.forgetWhatWasHeard();

    ming.sends((byte) 1, (byte) 7);

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.LOST);
    assertThat(blobs.removed).containsExactly("b1");
  }

  @Test
  void blobOfAMessageThatIsPerhapsKeptStays() throws IOException {
    store.rooms.put(LOBBY, FaultyHistory.UNKNOWN_BUT_KEPT);
    ming.sends((byte) 1, (byte) 7);

    kit.clock().turn(Limits.defaults().storeTime());
    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.PERHAPS);
    assertThat(blobs.get(LOBBY, "b1")).isNotNull();
    store.rooms.clear();
    kit.clock().turn(Limits.defaults().storeTime());

    assertThat(Heard.by(lin)).containsExactly("m1: b1");
    assertThat(blobs.removed).isEmpty();
  }

  @Test
  void blobThatCannotBeRemovedIsReported() {
    store.next.add(FaultyHistory.NOT_KEPT);
    kit.storage().hold();
    ming.sends((byte) 1, (byte) 7);
    kit.storage().runNext();
    blobs.fault = new IOException("disk gone");

    kit.storage().letGo();

    assertThat(Heard.by(ming)).containsExactly("error " + Keeper.LOST);
    assertThat(reports.failures).contains("removing media of room 'lobby'");
  }

  @Test
  void memberWhoseUploadGetsNoIdGoesOnAndLeaves() {
    boolean[] failing = {true};
    RoomKit other =
        RoomKit.create(
            builder ->
                builder
                    .listener(reports)
                    .blobIds(
                        () -> {
                          if (failing[0]) {
                            throw new IllegalStateException("no ids");
                          }
                          return "blob";
                        }));
    Guest wei = other.enter("lobby", "Wei");
    Guest an = other.enter("lobby", "An");
    other.forgetWhatWasHeard();

    wei.sends((byte) 1, (byte) 7);
    failing[0] = false;
    wei.sends((byte) 1, (byte) 8);
    wei.types("after");
    wei.leaves();

    assertThat(Heard.by(an)).containsExactly("m1: blob", "m1: after", "leave m1");
    assertThat(reports.failures).containsExactly("a task of room 'lobby'");
  }

  @Test
  void contentIsWhatFollowsTheFirstByteOfTheMessage() throws IOException {
    ByteBuffer message = ByteBuffer.wrap(new byte[] {0, 0, 2, 7, 8, 9, 0}).position(2).limit(6);

    kit.xnest().enter(Entry.of(LOBBY, "Wei"), new Ear()).binary(message);

    Blob blob = blobs.get(LOBBY, "b1");
    assertThat(blob).isNotNull();
    assertThat(blob.open(0).readAllBytes()).containsExactly(7, 8, 9);
    assertThat(blob.kind()).isEqualTo(BlobKind.PICTURE);
  }
}
