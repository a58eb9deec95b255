package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.xpro.xnest.Filter;
import im.xpro.xnest.protocol.BlobKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TranscriptTest {
  final RoomKit kit = RoomKit.create();

  private String since(String before) {
    return kit.transcript().substring(before.length()).stripIndent().strip();
  }

  @Test
  void tellsWhoDidWhatAndWhoHeardIt() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.clock().turn(Duration.ofMillis(1_500));
    ming.types("大家好\nhello");
    ming.whispers(lin, "psst");
    lin.renames("林");
    lin.uploads(BlobKind.PICTURE, (byte) 7);
    lin.types("@history:x");
    lin.leaves();

    assertThat(kit.transcript())
        .isEqualTo(
            """
            What happened:
              14:02:06.000 [lobby] 小明 enters
              14:02:06.000 [lobby]   members are 小明 (m1), heard by 小明 (m1)
              14:02:06.000 [lobby]   history of 0, heard by 小明 (m1)
              14:02:06.000 [lobby]   小明 (m1) has joined, heard by 小明 (m1)
              14:02:06.000 [lobby] Lin enters
              14:02:06.000 [lobby]   members are 小明 (m1), Lin (m2), heard by Lin (m2)
              14:02:06.000 [lobby]   history of 0, heard by Lin (m2)
              14:02:06.000 [lobby]   Lin (m2) has joined, heard by 小明 (m1), Lin (m2)
              14:02:06.000 the clock is turned by PT1.5S
              14:02:07.500 [lobby] 小明 (m1) types "大家好\\nhello"
              14:02:07.500 [lobby]   小明 (m1) said "大家好\\nhello", heard by 小明 (m1), Lin (m2)
              14:02:07.500 [lobby] 小明 (m1) types "@to:m2|psst"
              14:02:07.500 [lobby]   小明 (m1) whispered "psst", heard by Lin (m2)
              14:02:07.500 [lobby] Lin (m2) types "@changename:林"
              14:02:07.500 [lobby]   Lin (m2) is now called "林", heard by 小明 (m1), 林 (m2)
              14:02:07.500 [lobby] 林 (m2) sends 2 bytes
              14:02:07.500 [lobby]   林 (m2) shared PICTURE b1, heard by 小明 (m1), 林 (m2)
              14:02:07.500 [lobby] 林 (m2) types "@history:x"
              14:02:07.500 [lobby]   error "history Cursor error", heard by 林 (m2)
              14:02:07.500 [lobby] 林 (m2) leaves
              14:02:07.500 [lobby]   林 (m2) has left, heard by 小明 (m1)""");
  }

  @Test
  void tellsOfLostConnectionsAndFaults() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    String before = kit.transcript();
    lin.stalls();
    kit.storage().hold();
    kit.history().failsNext(FaultyHistory.Fault.NOTHING_KEPT);
    ming.types("hello");
    kit.storage().letGo();
    ming.vanishes();

    kit.clock().turn(kit.xnest().limits().silence());

    assertThat(since(before))
        .isEqualTo(
            """
            14:02:06.000 [lobby] Lin (m2) stalls
            14:02:06.000 the storage is held
            14:02:06.000 [lobby] 小明 (m1) types "hello"
            14:02:06.000 the storage is let go
            14:02:06.000 reported: appending messages of room 'lobby': \
            im.xpro.xnest.history.HistoryStore$NotKeptException: a fault: nothing is kept
            14:02:06.000 [lobby]   error "the message could not be kept", heard by 小明 (m1)
            14:02:06.000 [lobby] 小明 (m1) vanishes
            14:02:06.000 the clock is turned by PT50S
            14:02:56.000 [lobby] 小明 (m1) is found to have vanished
            14:02:56.000 [lobby] Lin (m2) is let go with 1013: reads too slowly""");
  }

  @Test
  void whatIsReadLaterStandsWhereItWasRead() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    lin.stopsReading();
    String before = kit.transcript();
    ming.types("hello");
    kit.clock().turn(Duration.ofSeconds(1));

    lin.readsOn();

    assertThat(since(before))
        .isEqualTo(
            """
            14:02:06.000 [lobby] 小明 (m1) types "hello"
            14:02:06.000 [lobby]   小明 (m1) said "hello", heard by 小明 (m1)
            14:02:06.000 the clock is turned by PT1S
            14:02:07.000 [lobby] Lin (m2) reads on
            14:02:07.000 [lobby]   小明 (m1) said "hello", heard by Lin (m2)""");
  }

  @Test
  void tellsWhatAFilterThrew() {
    RoomKit broken =
        RoomKit.create(
            builder ->
                builder.filter(
                    Filter.of(
                        draft -> {
                          throw new IllegalStateException("no words");
                        })));

    broken.enter("lobby", "Lin").types("hi");

    assertThat(broken.transcript())
        .contains("reported: asking a filter of room 'lobby': java.lang.IllegalState")
        .contains("no words");
  }

  @Test
  void isBoundedInLinesAndCharacters() {
    Guest lin = kit.enter("lobby", "Lin");

    for (int i = 0; i < 1_000; i++) {
      lin.types("😀".repeat(1_000));
    }

    assertThat(kit.transcript().lines()).hasSize(502);
    assertThat(kit.transcript())
        .contains("\n  … 1504 lines before\n")
        .contains("said \"" + "😀".repeat(40) + "… of 2000 characters\"");
  }

  // ---- what checks say ----

  @Test
  void wrongFramesAreToldInWords() {
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    ming.types("hello");
    ming.types("again");

    assertThatThrownBy(() -> lin.hears(ming.said("hello"), ming.said("Again")))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith(
            """
            Lin (m2) should hear
              14:02:06.000 [lobby] 小明 (m1) said "hello"
              14:02:06.000 [lobby] 小明 (m1) said "Again"
            but hears
              14:02:06.000 [lobby] 小明 (m1) said "hello"
              14:02:06.000 [lobby] 小明 (m1) said "again"
            What happened:
              14:02:06.000 [lobby] 小明 enters
            """);
  }

  @Test
  void silenceIsToldInWords() {
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    assertThatThrownBy(() -> lin.hears(lin.said("hi")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("said \"hi\"\nbut hears nothing\nWhat happened:");
    assertThatThrownBy(lin::hears)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("Lin (m1) should hear something, but does not\nWhat happened:");
    assertThatThrownBy(() -> lin.sees("robot"))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("Lin (m1) should see one \"robot\", but sees Lin (m1)\n");
  }

  @Test
  void unreadFramesAreToldInWords() {
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    lin.types("hi");

    assertThatThrownBy(kit::expectNothingUnread)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith(
            """
            Lin (m1) should hear nothing more, but hears
              14:02:06.000 [lobby] Lin (m1) said "hi"
            What happened:
            """);
    assertThatThrownBy(lin::hearsPage)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("Lin (m1) should hear a page of history, but hears\n  14:02:06");
  }
}
