package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§2 welcome: self, member_count, members, history, join")
class WelcomeTest {
  final RoomKit kit = RoomKit.create();

  @Test
  void newcomerHearsFiveFramesInTheirOrder() {
    Guest ming = kit.enter("lobby", "小明");

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(lin.hearsAll().stream().map(Frame::event))
        .containsExactly(
            new Event.You(),
            new Event.Counted(2),
            new Event.Listed(List.of(new Member(ming.id(), "小明"), new Member(lin.id(), "Lin"))),
            new Event.Past(List.of()),
            new Event.Joined("Lin"));
  }

  @Test
  void whoeverCannotBeWelcomedHasNeverBeenThere() {
    boolean[] fails = {false};
    InstantSource clock =
        () -> {
          if (fails[0] && new Throwable().getStackTrace()[2].getMethodName().equals("welcome")) {
            throw new OutOfMemoryError("a welcome that is too large");
          }
          return Instant.EPOCH;
        };
    List<String> closed = new ArrayList<>();
    XnestListener listener =
        new XnestListener() {
          @Override
          public void roomClosed(RoomId room) {
            closed.add(room.value());
          }
        };
    RoomKit kit = RoomKit.create(setup -> setup.clock(clock).listener(listener));
    Guest ming = kit.enter("lobby", "小明");
    ming.hearsAll();

    fails[0] = true;
    kit.enter("hall", "Lin");
    assertThat(closed).containsExactly("hall");
    Guest lin = kit.enter("lobby", "Lin");
    fails[0] = false;
    Guest wei = kit.enter("lobby", "Wei");

    assertThat(lin.closeCode()).isEqualTo(Close.TRY_AGAIN_LATER);
    assertThat(lin.hearsAll()).isEmpty();
    assertThat(ming.hearsAll()).hasSize(1);
    assertThat(wei.hearsAll().get(1).event()).isEqualTo(new Event.Counted(2));
    lin.leaves();
    assertThat(ming.hearsAll()).isEmpty();
  }

  @Test
  void everyFrameOfTheWelcomeIsFromItsReceiver() {
    kit.enter("lobby", "小明");

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(lin.hearsAll()).hasSize(5).allMatch(frame -> frame.from().equals(lin.id()));
  }

  @Test
  void selfBearsTheReceiversOwnId() {
    Guest ming = kit.enter("lobby", "小明");

    JsonObject self = json(ming);

    assertThat(self.get("type").getAsString()).isEqualTo("self");
    assertThat(self.get("payload").getAsString()).isEqualTo(ming.id().value());
  }

  @Test
  void memberCountIsANumberAndTheLengthOfMembers() {
    kit.enter("lobby", "小明");
    kit.enter("lobby", "Wei");
    Guest lin = kit.enter("lobby", "Lin");
    lin.hears();

    JsonObject count = json(lin);
    JsonObject members = json(lin);

    assertThat(count.get("payload").getAsJsonPrimitive().isNumber()).isTrue();
    assertThat(count.get("payload").getAsInt()).isEqualTo(3);
    assertThat(members.get("payload").getAsJsonArray()).hasSize(3);
  }

  @Test
  void membersStandInTheOrderOfTheirJoiningUnderTheirPresentNames() {
    Guest ming = kit.enter("lobby", "小明");
    Guest wei = kit.enter("lobby", "Wei");
    Guest bo = kit.enter("lobby", "Bo");
    ming.types("@changename:大明");
    wei.leaves();

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(lin.hearsAll().get(2).event())
        .isEqualTo(
            new Event.Listed(
                List.of(
                    new Member(ming.id(), "大明"),
                    new Member(bo.id(), "Bo"),
                    new Member(lin.id(), "Lin"))));
  }

  @Test
  void historyOfAFreshRoomIsAnEmptyArray() {
    Guest ming = kit.enter("lobby", "小明");
    ming.hears();
    ming.hears();
    ming.hears();

    JsonObject history = json(ming);

    assertThat(history.get("type").getAsString()).isEqualTo("history");
    assertThat(history.get("payload").getAsJsonArray()).isEmpty();
  }

  @Test
  void historyHoldsTheNewestFiftyOldestFirst() {
    Pasts.count(kit.enter("lobby", "小明"), 1, 60);

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(Pasts.texts(lin.hearsAll().get(3))).isEqualTo(Pasts.numbers(11, 60));
  }

  @Test
  void everyFrameHasItsFiveKeysInTheirOrder() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    lin.types("hi");
    lin.types("@to:m1|psst");
    lin.types("@to:nobody|psst");
    lin.types("@changename:林");
    lin.sends((byte) 2, (byte) 1);
    lin.leaves();

    List<String> types = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      JsonObject frame = json(ming);
      types.add(frame.get("type").getAsString());
      assertThat(frame.keySet()).containsExactly("from", "xnest", "type", "payload", "send_time");
      assertThat(frame.get("payload").isJsonNull()).isFalse();
    }
    assertThat(types)
        .containsExactly(
            "self",
            "member_count",
            "members",
            "history",
            "join",
            "join",
            "normal",
            "private",
            "changename",
            "picture",
            "leave");
    ming.hearsNothing();
  }

  private static JsonObject json(Guest guest) {
    return JsonParser.parseString(guest.hearsJson()).getAsJsonObject();
  }
}
