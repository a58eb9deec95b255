package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.history.Databases;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.history.SwitchedDatabase;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rooms on a real database that commits and loses its answer. */
class LostAnswerTest {
  static final Duration PAUSE = Duration.ofMillis(100);
  static final Duration LONG = Duration.ofSeconds(9);

  final SQLException lost = new SQLException("connection lost");

  @TempDir Path folder;
  SwitchedDatabase database;
  JdbcHistoryStore store;
  RoomKit kit;
  Guest ming;
  Guest lin;
  Guest wei;

  void enterRoomsOn(Databases.Kind kind) throws Exception {
    database = new SwitchedDatabase(kind.fresh(folder));
    store = JdbcHistoryStore.on(database.dataSource());
    kit = RoomKit.create(builder -> builder.history(store));
    ming = kit.enter("lobby", "小明");
    lin = kit.enter("lobby", "Lin");
    wei = kit.enter("garden", "Wei");
    ming.types("before");
    wei.types("before");
    kit.forgetWhatWasHeard();
  }

  List<String> keptIn(String room) throws IOException {
    return store.read(new RoomId(room), Long.MAX_VALUE, 100, Long.MAX_VALUE).stream()
        .map(entry -> entry.number() + ":" + Heard.text(entry))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void messageIsHeardAndKeptOnceThoughTheAnswerToItsCommitIsLost(Databases.Kind kind)
      throws Exception {
    enterRoomsOn(kind);
    database.loseAnswer("commit", lost);

    ming.types("hello");
    lin.types("newer");
    assertThat(keptIn("lobby")).containsExactly("1:before", "2:hello");
    kit.expectNothingUnread();
    database.heal();
    kit.clock().turn(PAUSE);

    assertThat(Heard.by(ming)).containsExactly("m1: hello", "m2: newer");
    assertThat(Heard.by(lin)).containsExactly("m1: hello", "m2: newer");
    assertThat(keptIn("lobby")).containsExactly("1:before", "2:hello", "3:newer");
  }

  /** A later attempt that surely keeps nothing does not undo the first. */
  @ParameterizedTest
  @EnumSource
  void messageIsNotTakenForLostWhileTheDatabaseIsAwayAfterThat(Databases.Kind kind)
      throws Exception {
    enterRoomsOn(kind);
    database.loseAnswer("commit", lost);
    ming.types("hello");
    database.heal();
    database.fail("getConnection", lost);

    kit.clock().turn(LONG);
    kit.expectNothingUnread();
    database.heal();
    kit.clock().turn(LONG);

    assertThat(Heard.messages(lin.hearsAll())).containsExactly("hello");
    assertThat(keptIn("lobby")).containsExactly("1:before", "2:hello");
  }

  @ParameterizedTest
  @EnumSource
  void messagesOfSeveralRoomsInOneCommitAreHeardOnceEach(Databases.Kind kind) throws Exception {
    enterRoomsOn(kind);
    kit.storage().hold();
    ming.types("in the lobby");
    wei.types("in the garden");
    database.loseAnswer("commit", lost);

    kit.storage().letGo();
    kit.expectNothingUnread();
    database.heal();
    kit.clock().turn(PAUSE);

    assertThat(Heard.by(lin)).containsExactly("m1: in the lobby");
    assertThat(Heard.by(wei)).containsExactly("m3: in the garden");
    assertThat(keptIn("lobby")).containsExactly("1:before", "2:in the lobby");
    assertThat(keptIn("garden")).containsExactly("1:before", "2:in the garden");
  }

  @ParameterizedTest
  @EnumSource
  void restartInsteadOfARepeatFindsTheMessageAndGoesOnBehindIt(Databases.Kind kind)
      throws Exception {
    enterRoomsOn(kind);
    database.loseAnswer("commit", lost);
    ming.types("hello");
    database.heal();

    RoomKit restarted = RoomKit.create(builder -> builder.history(store));
    Guest an = restarted.enter("lobby", "An");
    an.types("after");

    assertThat(Heard.messages(an.hearsAll())).containsExactly("before", "hello", "after");
    assertThat(keptIn("lobby")).containsExactly("1:before", "2:hello", "3:after");
  }
}
