package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("what an admission rule grants a member")
class GrantTest {
  private static final RoomId LOBBY = new RoomId("lobby");

  final BlobStore blobs = BlobStore.inMemory();
  final List<Participant> senders = new ArrayList<>();
  final RoomKit kit =
      RoomKit.create(
          builder ->
              builder
                  .blobs(blobs)
                  .limits(Limits.builder().roomMembers(2).build())
                  .filter(
                      Filter.of(
                          draft -> {
                            senders.add(draft.sender());
                            return draft.pass();
                          })));
  final Guest ming = kit.enter("lobby", "小明");

  private Guest enters(Grant grant) {
    Guest guest = kit.enter(Entry.of(LOBBY, "Lin").with(grant));
    kit.forgetWhatWasHeard();
    return guest;
  }

  @Test
  void whoseNameIsFixedMayNotRename() {
    Guest lin = enters(Grant.plain().withMayRename(false));

    lin.types("@changename:Bo");

    assertThat(lin.hears()).isEqualTo(lin.failed("you may not change your name here"));
    kit.expectNothingUnread();
    assertThat(Heard.by(kit.enter(Entry.of(LOBBY, "Wei").with(full())))).contains("count 3");
  }

  @Test
  void whoseNameIsFixedMaySend() {
    Guest lin = enters(Grant.plain().withMayRename(false));

    lin.types("hello");

    assertThat(ming.hears()).isEqualTo(lin.said("hello"));
  }

  @Test
  void whoMayOnlyListenSendsNothingToAnybody() {
    Guest lin = enters(Grant.plain().withMaySend(false));

    lin.types("hello");
    lin.types("@to:" + ming.id() + "|psst");
    lin.sends((byte) 2, (byte) 42);

    assertThat(lin.hearsAll()).hasSize(3).containsOnly(lin.failed("you may not send here"));
    kit.expectNothingUnread();
    assertThat(senders).isEmpty();
  }

  @Test
  void mediaOfWhoMayOnlyListenAreNotStored() throws IOException {
    Guest lin = enters(Grant.plain().withMaySend(false));

    lin.sends((byte) 2, (byte) 42);

    assertThat(blobs.get(LOBBY, "b1")).isNull();
  }

  @Test
  void whoMayOnlyListenHearsPagesAndRenames() {
    Guest lin = enters(Grant.plain().withMaySend(false));
    ming.types("hello");

    lin.types("@history:0");
    lin.types("@changename:Bo");

    assertThat(Heard.by(lin)).containsExactly("m1: hello", "history [hello]", "m2 is Bo");
  }

  @Test
  void privateWordsReachWhoMayOnlyListen() {
    Guest lin = enters(Grant.plain().withMaySend(false));

    ming.types("@to:" + lin.id() + "|psst");

    assertThat(lin.hears()).isEqualTo(ming.whispered("psst"));
  }

  private static Grant full() {
    return Grant.plain().withEvenIfFull(true);
  }

  @Test
  void fullRoomTakesWhoMayEnterEvenThen() {
    enters(Grant.plain());

    Decision plain = admit(Grant.plain());
    Decision granted = admit(full());
    Guest wei = kit.enter(Entry.of(LOBBY, "Wei").with(full()));
    Guest bo = kit.enter(Entry.of(LOBBY, "Bo"));

    assertThat(plain).isEqualTo(Decision.refuse(429, "the room is full"));
    assertThat(granted).isInstanceOf(Decision.Accepted.class);
    assertThat(Heard.by(wei)).contains("count 3");
    assertThat(bo.closeCode()).isEqualTo(1013);
  }

  private Decision admit(Grant grant) {
    Entry entry = Entry.of(LOBBY, "Wei").with(grant);
    return kit.xnest().admit(entry).toCompletableFuture().getNow(null);
  }

  @Test
  void filtersSeeWhoSomebodyIsAndWhatItWasGiven() {
    Grant moderator = Grant.plain().withIdentity("user:42").withAttribute("role", "moderator");
    Guest lin = enters(moderator);
    lin.types("@changename:Bo");

    lin.types("hello");

    assertThat(senders).extracting(Participant::grant).containsOnly(moderator);
    assertThat(senders).extracting(Participant::nickname).containsExactly("Lin", "Bo");
    assertThat(senders).extracting(Participant::id).containsOnly(lin.id());
  }

  @Test
  void attributesAreAddedAndReplaced() {
    Grant grant =
        Grant.plain()
            .withAttribute("role", "guest")
            .withAttribute("team", "red")
            .withAttribute("role", "host");

    assertThat(grant.attributes()).isEqualTo(Map.of("role", "host", "team", "red"));
    assertThat(Grant.plain().attributes()).isEmpty();
  }

  @Test
  void variedGrantKeepsTheRest() {
    Grant grant =
        Grant.plain()
            .withEvenIfFull(true)
            .withMaySend(false)
            .withMayRename(false)
            .withAttribute("a", "b")
            .withIdentity("user:42");

    assertThat(grant).isEqualTo(new Grant("user:42", Map.of("a", "b"), false, false, true));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 201})
  void identityHasOneTo200Characters(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Grant.plain().withIdentity("x".repeat(length)))
        .withMessage("identity has " + length + " characters, must have 1 to 200");
  }

  @Test
  void nullIsRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> Grant.plain().withAttribute(null, "b"))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> Grant.plain().withAttribute("a", null))
        .withMessage("value");
    assertThatNullPointerException()
        .isThrownBy(() -> new Grant(null, null, true, true, false))
        .withMessage("attributes");
  }
}
