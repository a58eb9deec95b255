package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The lines of the protocol's original description, said and heard by the kit's guests. */
@DisplayName("§2 the original description's own examples")
class GoldenFramesTest {
  private static final String ROOM = "f45c6d7720375d90f660a7b7e3ae11bf";

  private final HistoryStore history = HistoryStore.inMemory(10);

  private RoomKit kitWithIds(String... ids) {
    Iterator<String> next = List.of(ids).iterator();
    return RoomKit.create(
        builder ->
            builder
                .history(history)
                .memberIds(() -> new MemberId(next.next()))
                .blobIds(() -> "1452482123561863"));
  }

  @Test
  void selfMemberCountAndMembers() {
    Guest ming = kitWithIds("<0.31891.2>").enter(ROOM, "小明");

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"self\",\"payload\":\"<0.31891.2>\",\"send_time\":\"2015-4-8 14:2:6\"}");
    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"member_count\",\"payload\":1,\"send_time\":\"2015-4-8 14:2:6\"}");
    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"members\",\"payload\":[{\"pid\":\"<0.31891.2>\",\"nickname\":\"小明\"}],\"send_time\":\"2015-4-8 14:2:6\"}");
  }

  @Test
  void join() {
    RoomKit kit = kitWithIds("<0.31890.2>", "<0.31891.2>");
    Guest ming = kit.enter(ROOM, "小明");
    kit.forgetWhatWasHeard();

    kit.enter(ROOM, "黑旋风李逵");

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"join\",\"payload\":\"黑旋风李逵\",\"send_time\":\"2015-4-8 14:2:6\"}");
  }

  @Test
  void leave() {
    RoomKit kit = kitWithIds("<0.31890.2>", "<0.31916.2>");
    Guest ming = kit.enter(ROOM, "小明");
    Guest lin = kit.enter(ROOM, "Lin");
    kit.forgetWhatWasHeard();
    kit.clock().turn(Duration.ofMinutes(21).plusSeconds(22));

    lin.leaves();

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31916.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"leave\",\"payload\":\"leave\",\"send_time\":\"2015-4-8 14:23:28\"}");
  }

  @Test
  void normal() {
    RoomKit kit = kitWithIds("<0.31891.2>");
    Guest ming = kit.enter(ROOM, "小明");
    kit.forgetWhatWasHeard();
    kit.clock().turn(Duration.ofMinutes(23).plusSeconds(24));

    ming.types("大家好");

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"normal\",\"payload\":\"大家好\",\"send_time\":\"2015-4-8 14:25:30\"}");
  }

  @Test
  void whisper() {
    RoomKit kit = kitWithIds("<0.31890.2>", "<0.31891.2>");
    Guest ming = kit.enter(ROOM, "小明");
    Guest lin = kit.enter(ROOM, "Lin");
    kit.forgetWhatWasHeard();

    ming.types("@to:<0.31891.2>|今天你吃饭了吗?");

    assertThat(lin.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31890.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"private\",\"payload\":\"今天你吃饭了吗?\",\"send_time\":\"2015-4-8 14:2:6\"}");
  }

  /** The original's URL names another room than its frame; ours names the frame's. */
  @Test
  void picture() {
    RoomKit kit = kitWithIds("<0.31890.2>");
    Guest ming = kit.enter(ROOM, "小明");
    kit.forgetWhatWasHeard();

    ming.sends((byte) 2, (byte) 42);

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31890.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"picture\",\"payload\":\"http://chat.example.com/14009e12d791e664fc0175aecb31d833/1452482123561863\",\"send_time\":\"2015-4-8 14:2:6\"}"
                .replace("14009e12d791e664fc0175aecb31d833", ROOM));
  }

  @Test
  void changename() {
    RoomKit kit = kitWithIds("<0.31891.2>");
    Guest ming = kit.enter(ROOM, "小明");
    kit.forgetWhatWasHeard();

    ming.types("@changename:黑旋风李逵");

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"changename\",\"payload\":\"黑旋风李逵\",\"send_time\":\"2015-4-8 14:2:6\"}");
  }

  /**
   * The record has what the protocol adds to the original: the time of day, in the format of the
   * frames, and the author's nickname.
   */
  @Test
  void history() throws IOException {
    history.append(
        List.of(
            new HistoryEntry(
                new RoomId(ROOM),
                1,
                new MemberId("<0.1897.0>"),
                "小红",
                new Event.Said("爱上对方1435131191173"),
                Instant.parse("2015-06-24T07:33:11Z"))));
    RoomKit kit = kitWithIds("<0.31891.2>");

    Guest ming = kit.enter(ROOM, "小明");
    ming.hears();
    ming.hears();
    ming.hears();

    assertThat(ming.hearsJson())
        .isEqualTo(
            "{\"from\":\"<0.31891.2>\",\"xnest\":\"f45c6d7720375d90f660a7b7e3ae11bf\",\"type\":\"history\",\"payload\":[{\"from\":\"<0.1897.0>\",\"payload\":\"爱上对方1435131191173\",\"type\":\"text\",\"send_time\":\"2015-06-24\"}],\"send_time\":\"2015-4-8 14:2:6\"}"
                .replace("\"2015-06-24\"", "\"2015-6-24 7:33:11\",\"nickname\":\"小红\""));
  }
}
