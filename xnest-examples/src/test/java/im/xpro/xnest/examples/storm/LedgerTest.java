package im.xpro.xnest.examples.storm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The storm notices each way in which a server may go wrong, and is content with one that does not.
 */
class LedgerTest {
  private static final String ROOM = "lobby";

  private final Breaks breaks = new Breaks();
  private long now;
  private final Ledger ledger = new Ledger(ROOM, breaks, () -> now);
  private final Seat witness = new Seat(ledger, true, true, false);
  private final Seat lin = new Seat(ledger, false, true, false);

  LedgerTest() {
    enter(witness, "w", member("w"));
    hear(witness, "l", "join", "name of l");
    enter(lin, "l", member("w"), member("l"));
  }

  private static JsonObject frame(String from, String type, JsonElement payload) {
    JsonObject frame = new JsonObject();
    frame.addProperty("from", from);
    frame.addProperty("xnest", ROOM);
    frame.addProperty("type", type);
    frame.add("payload", payload);
    return frame;
  }

  private static JsonObject member(String pid) {
    JsonObject member = new JsonObject();
    member.addProperty("pid", pid);
    member.addProperty("nickname", "name of " + pid);
    return member;
  }

  private static JsonArray array(JsonObject... all) {
    JsonArray array = new JsonArray();
    List.of(all).forEach(array::add);
    return array;
  }

  private static JsonObject kept(String from, String payload) {
    JsonObject record = new JsonObject();
    record.addProperty("from", from);
    record.addProperty("type", "text");
    record.addProperty("payload", payload);
    record.addProperty("nickname", "name of " + from);
    return record;
  }

  private static void hear(Seat seat, String from, String type, String payload) {
    seat.hear(frame(from, type, new JsonPrimitive(payload)));
  }

  private static void enter(Seat seat, String pid, JsonObject... members) {
    enter(seat, pid, array(), members);
  }

  /** Hears the welcome of one who is told of those members and that history. */
  private static void enter(Seat seat, String pid, JsonArray history, JsonObject... members) {
    hear(seat, pid, "self", pid);
    seat.hear(frame(pid, "member_count", new JsonPrimitive(members.length)));
    seat.hear(frame(pid, "members", array(members)));
    seat.hear(frame(pid, "history", history));
    hear(seat, pid, "join", "name of " + pid);
  }

  private void say(String... texts) {
    for (String text : texts) {
      ledger.says("w", "normal", text);
    }
  }

  private static void hearWords(Seat seat, String... texts) {
    for (String text : texts) {
      hear(seat, "w", "normal", text);
    }
  }

  private void leaveOfLin() {
    lin.close();
    hear(witness, "l", "leave", "leave");
  }

  private void isFine() {
    assertThat(ledger.unsettled()).isEmpty();
    assertThat(breaks.first()).isEmpty();
  }

  private void isBroken(String... parts) {
    ledger.settle();
    assertThat(breaks.first()).isNotEmpty();
    assertThat(breaks.first().get(0)).startsWith("lobby: ").contains(parts);
  }

  private void isUnsettled(String... parts) {
    assertThat(breaks.first()).isEmpty();
    assertThat(ledger.unsettled()).hasSize(1);
    assertThat(ledger.unsettled().get(0)).contains(parts);
  }

  @Test
  void whatGoesAsItShouldIsFine() {
    say("one", "two");
    hearWords(lin, "one");
    hearWords(witness, "one", "two");
    hearWords(lin, "two");
    ledger.says("l", "picture", "");
    ledger.says("l", "changename", "Lin");
    for (Seat seat : List.of(witness, lin)) {
      hear(seat, "l", "picture", "http://localhost/1");
      hear(seat, "l", "changename", "Lin");
    }
    lin.isToldBy("w", Ledger.whisper("x"));
    hear(lin, "w", "private", Ledger.whisper("x"));
    isFine();
    leaveOfLin();
    isFine();
  }

  @Test
  void wordThatNobodyHasHeardIsLost() {
    say("one");
    isUnsettled("nobody has heard", "one");
  }

  @Test
  void wordThatOneHasNotHeardIsLost() {
    say("one");
    hearWords(witness, "one");
    isUnsettled("l has not heard", "one");
  }

  @Test
  void gapIsSeenByTheWitness() {
    say("one", "two");
    hearWords(witness, "two");
    isBroken("'one' is lost", "'two' is heard first");
  }

  @Test
  void gapIsSeenByOthers() {
    say("one", "two");
    hearWords(witness, "one", "two");
    hearWords(lin, "two");
    isBroken("l hears", "'two', which is later, where", "'one' is due");
  }

  @Test
  void wordThatAllHearTwiceIsBroken() {
    say("one");
    hearWords(witness, "one", "one");
    isBroken("'one' was never said, or is heard a second time");
  }

  @Test
  void wordThatOneHearsTwiceIsBroken() {
    say("one", "two");
    hearWords(witness, "one", "two");
    hearWords(lin, "one", "one");
    isBroken("l hears", "'one', which was sooner, where", "'two' is due");
  }

  @Test
  void wordHeardByOthersThanTheWitnessIsBroken() {
    say("one");
    hearWords(witness, "one");
    hearWords(lin, "one", "two");
    isUnsettled("l has heard what the witness has not", "two");
  }

  @Test
  void sendersOrderIsKept() {
    say("one", "two");
    hearWords(witness, "two", "one");
    isBroken("'one' is lost or comes too late");
  }

  @Test
  void uploadHoldsBackWhatItsSenderSaysLater() {
    ledger.says("w", "picture", "");
    say("one");
    hearWords(witness, "one");
    isBroken("picture of w", "comes too late");
  }

  @Test
  void roomHasOneOrder() {
    say("one");
    ledger.says("l", "normal", "two");
    hearWords(witness, "one");
    hear(witness, "l", "normal", "two");
    hear(lin, "l", "normal", "two");
    isBroken("l hears normal of l 'two', which is later");
  }

  @Test
  void whoFloodsMayMissSomeOfItButNotHearItTwice() {
    Seat flooder = new Seat(ledger, false, true, true);
    hear(witness, "f", "join", "name of f");
    enter(flooder, "f", member("w"), member("l"), member("f"));
    ledger.says("f", "normal", "one");
    ledger.says("f", "normal", "two");
    hear(witness, "f", "normal", "two");
    assertThat(breaks.first()).isEmpty();
    hear(witness, "f", "normal", "two");
    isBroken("is heard a second time");
  }

  @Test
  void memberWhoIsNotThereIsNotInAWelcome() {
    leaveOfLin();
    Seat ming = new Seat(ledger, false, true, false);
    hear(witness, "m", "join", "name of m");
    enter(ming, "m", member("w"), member("l"), member("m"));
    isBroken("m is told of 3 members");
  }

  @Test
  void memberCountIsTheNumberOfMembers() {
    Seat ming = new Seat(ledger, false, true, false);
    hear(witness, "m", "join", "name of m");
    hear(ming, "m", "self", "m");
    ming.hear(frame("m", "member_count", new JsonPrimitive(4)));
    ming.hear(frame("m", "members", array(member("w"), member("l"), member("m"))));
    ming.hear(frame("m", "history", array()));
    hear(ming, "m", "join", "name of m");
    isBroken("m is told of 4 members");
  }

  @Test
  void whoHasEndedAndStaysIsAGhost() {
    lin.close();
    isUnsettled("there are [w, l], of whom live [w]");
    now = Duration.ofSeconds(61).toNanos();
    isBroken("l is a ghost");
  }

  @Test
  void whoLivesAndHasLeftIsMissed() {
    hear(witness, "l", "leave", "leave");
    hear(lin, "l", "leave", "leave");
    isUnsettled("there are [w], of whom live [");
  }

  @Test
  void nobodyJoinsOrLeavesTwice() {
    hear(witness, "l", "join", "name of l");
    isBroken("l joins a second time");
  }

  @Test
  void whoIsNotThereDoesNotLeave() {
    hear(witness, "x", "leave", "leave");
    isBroken("x leaves, who is not there");
  }

  @Test
  void nothingIsHeardOfSomebodyAfterItsLeave() {
    ledger.says("l", "normal", "one");
    leaveOfLin();
    hear(witness, "l", "normal", "one");
    isBroken("'one' is heard of somebody who is not there");
  }

  @Test
  void lastWordsAreHeardBeforeTheLeave() {
    ledger.says("l", "normal", "one");
    ledger.saysGoodbye("l");
    leaveOfLin();
    isBroken("its last words are lost", "'one'");
  }

  @Test
  void whoBreaksOffMayLoseItsLastWords() {
    ledger.says("l", "normal", "one");
    leaveOfLin();
    isFine();
  }

  @Test
  void privateWordIsNotToldToEverybody() {
    String whisper = Ledger.whisper("x");
    lin.isToldBy("w", whisper);
    hear(witness, "w", "normal", whisper);
    isBroken("a private word is told to everybody");
  }

  @Test
  void privateWordIsNotToldToAnother() {
    lin.isToldBy("w", Ledger.whisper("x"));
    hear(witness, "w", "private", Ledger.whisper("x"));
    isBroken("w hears a private word that is not for it");
  }

  @Test
  void privateWordIsHeardOnce() {
    lin.isToldBy("w", Ledger.whisper("x"));
    isUnsettled("l has not heard what w told it");
    hear(lin, "w", "private", Ledger.whisper("x"));
    isFine();
    hear(lin, "w", "private", Ledger.whisper("x"));
    isBroken("l hears a private word that is not for it");
  }

  @Test
  void welcomesHistoryHasWhatWasSaidBefore() {
    say("one");
    hearWords(witness, "one");
    hearWords(lin, "one");
    Seat ming = new Seat(ledger, false, true, false);
    hear(witness, "m", "join", "name of m");
    enter(ming, "m", array(), member("w"), member("l"), member("m"));
    isBroken("m is welcomed with the history []", "one");
  }

  @Test
  void whatIsNotToBeKeptIsNotInTheHistory() {
    Seat ming = new Seat(ledger, false, false, false);
    hear(witness, "m", "join", "name of m");
    enter(ming, "m", member("w"), member("l"), member("m"));
    ledger.says("m", "normal", "one");
    hear(witness, "m", "normal", "one");
    Seat wei = new Seat(ledger, false, true, false);
    hear(witness, "e", "join", "name of e");
    enter(wei, "e", array(kept("m", "one")), member("w"), member("l"), member("m"), member("e"));
    isBroken("e is welcomed with the history");
  }

  /** Asks for pages and gets one with these of the words one to three, which all were said. */
  private void page(String... texts) {
    say("one", "two", "three");
    hearWords(witness, "one", "two", "three");
    hearWords(lin, "one", "two", "three");
    lin.asksForPages();
    JsonArray page = new JsonArray();
    List.of(texts).forEach(text -> page.add(kept("w", text)));
    lin.hear(frame("l", "history", page));
    lin.hasPages(true);
    ledger.settle();
  }

  @Test
  void pageWithAllIsFine() {
    page("one", "two", "three");
    isFine();
  }

  @Test
  void pageWithAGapIsBroken() {
    page("one", "three");
    isBroken("pages of history with a gap");
  }

  @Test
  void pageThatRepeatsIsBroken() {
    page("one", "two", "two", "three");
    isBroken("pages of history with a gap");
  }

  @Test
  void pageWithoutTheNewestIsBroken() {
    page("one", "two");
    isBroken("pages of history with a gap");
  }

  @Test
  void pageWithoutTheOldestIsBroken() {
    page("two", "three");
    isBroken("pages of history with a gap");
  }

  @Test
  void pageNeedNotHaveWhatWasSaidAfterItWasAskedFor() {
    lin.asksForPages();
    say("one");
    hearWords(witness, "one");
    hearWords(lin, "one");
    lin.hasPages(true);
    lin.asksForPages();
    isFine();
  }

  @Test
  void pageWithWhatNobodyHasHeardIsUnsettled() {
    page("one", "two", "three", "four");
    isUnsettled("l has heard what the witness has not", "four");
  }

  @Test
  void wordOfAnotherRoomIsBroken() {
    JsonObject frame = frame("w", "normal", new JsonPrimitive("one"));
    frame.addProperty("xnest", "elsewhere");
    lin.hear(frame);
    isBroken("l hears of another room");
  }

  @Test
  void onlyTheFirstBreaksAreToldInWords() {
    for (int i = 0; i < 100; i++) {
      breaks.add(ROOM, "%s", "x".repeat(10_000));
    }
    assertThat(breaks.count()).isEqualTo(100);
    assertThat(breaks.first()).hasSize(20).allMatch(text -> text.length() < 1_000);
  }
}
