package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("§2 history and live have no gap and no repeat")
class HandOverTest {
  static final Duration STORE_TIME = Limits.defaults().storeTime();

  /** Three are said before anybody of the scenario comes, the others in it; of several sizes. */
  static final List<String> SAID =
      List.of("a", "b".repeat(300), "c", "d".repeat(300), "e", "f".repeat(300));

  static final int SAID_BEFORE = 3;

  /** What may happen next in a scenario: somebody types, comes, or a storage task is run. */
  static final String STEPS = "TTTEERRRR";

  /**
   * Every order of the steps, but for those in which a storage task is run where none waits: they
   * are the same as others.
   */
  static final class Scenarios {
    final Limits limits;
    int count;

    Scenarios(Limits limits) {
      this.limits = limits;
    }

    void runFrom(String steps, String left) {
      if (!new Scenario(limits).run(steps)) {
        return;
      }
      count++;
      for (char step : new char[] {'T', 'E', 'R'}) {
        int at = left.indexOf(step);
        if (at >= 0) {
          runFrom(steps + step, left.substring(0, at) + left.substring(at + 1));
        }
      }
    }
  }

  static final class Scenario {
    final FaultyHistory store = new FaultyHistory();
    final RoomKit kit;
    final Guest ming;
    final List<Guest> joiners = new ArrayList<>();
    final boolean allFit;
    int said;

    Scenario(Limits limits) {
      kit = RoomKit.create(builder -> builder.history(store).limits(limits));
      allFit = limits.pageEntries() == 50 && limits.pageBytes() == 1_000_000;
      ming = kit.enter("lobby", "小明");
      while (said < SAID_BEFORE) {
        ming.types(SAID.get(said++));
      }
      kit.storage().hold();
    }

    /** Checks it at its end; false if a step cannot be taken. */
    boolean run(String steps) {
      for (char step : steps.toCharArray()) {
        if (step == 'T') {
          ming.types(SAID.get(said++));
        } else if (step == 'E') {
          joiners.add(kit.enter("lobby", "J"));
        } else if (!kit.storage().runNext()) {
          return false;
        }
      }
      kit.storage().letGo();

      List<String> all = SAID.subList(0, said);
      assertThat(Heard.messages(ming.hearsAll())).as(steps).isEqualTo(all);
      for (Guest joiner : joiners) {
        List<String> heard = Heard.messages(joiner.hearsAll());
        assertThat(all).as(steps).endsWith(heard.toArray(new String[0]));
        assertThat(heard.size()).as(steps).isGreaterThanOrEqualTo(allFit ? said : 1);
      }
      return true;
    }
  }

  @ParameterizedTest
  @CsvSource({
    // the newest page is always in memory, or never
    "1000000, 50, 1000000",
    "0, 50, 1000000",
    // a page of so many records, of so many bytes
    "0, 3, 1000000",
    "0, 50, 700",
    "1000000, 50, 700"
  })
  void howeverAJoinMeetsMessagesOnTheirWay(long tailBytes, int pageEntries, int pageBytes) {
    Limits limits =
        Limits.builder()
            .withoutRates()
            .tailBytes(tailBytes)
            .pageEntries(pageEntries)
            .pageBytes(pageBytes)
            .build();
    Scenarios scenarios = new Scenarios(limits);

    scenarios.runFrom("", STEPS);

    assertThat(scenarios.count).isGreaterThan(200);
  }

  // ---- reading the newest page ----

  final FaultyHistory store = new FaultyHistory();
  final Reports reports = new Reports();

  RoomKit kit(long tailBytes) {
    Limits limits = Limits.builder().withoutRates().tailBytes(tailBytes).build();
    return RoomKit.create(builder -> builder.history(store).listener(reports).limits(limits));
  }

  @Test
  void joinsOfARoomInMemoryAndTheirNewestPagesReadNoStore() {
    RoomKit kit = kit(1_000_000);
    Guest first = kit.enter("lobby", "First");
    Pasts.count(first, 1, 60);
    int before = store.reads;

    for (int joins = 1; joins <= 200; joins++) {
      int newest = 60 + joins;
      Pasts.count(first, newest, newest);
      Guest guest = kit.enter("lobby", "Guest");

      assertThat(Heard.messages(guest.hearsAll())).isEqualTo(Pasts.numbers(newest - 49, newest));
      assertThat(Pasts.page(guest, 0)).isEqualTo(Pasts.numbers(newest - 49, newest));
    }
    assertThat(store.reads).isEqualTo(before);
  }

  @Test
  void stormOfJoinsCostsOneRead() {
    RoomKit kit = kit(0);
    Guest first = kit.enter("lobby", "First");
    first.types("hello");
    kit.storage().hold();
    int before = store.reads;

    List<Guest> storm = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      storm.add(kit.enter("lobby", "J"));
    }
    assertThat(kit.storage().waiting()).isEqualTo(1);
    kit.storage().letGo();

    assertThat(store.reads - before).isEqualTo(1);
    storm.forEach(
        guest -> assertThat(Heard.by(guest)).contains("history [hello]", "join " + guest.id()));
  }

  @Test
  void whoComesIntoAQuietRoomOfTheStoreHasItsHistory() {
    RoomKit kit = kit(1_000_000);
    Guest first = kit.enter("lobby", "First");
    first.types("hello");
    first.leaves();
    kit.storage().hold();

    Guest next = kit.enter("lobby", "Next");
    next.types("again");
    next.hearsNothing();
    kit.storage().letGo();

    assertThat(Heard.by(next))
        .containsExactly(
            "self", "count 1", "members [m2]", "history [hello]", "join m2", "m2: again");
  }

  @Test
  void membersAreTheSameAsEverybodyWasTold() {
    RoomKit kit = kit(0);
    Guest first = kit.enter("lobby", "First");
    kit.storage().hold();
    Guest second = kit.enter("lobby", "Second");
    first.types("@changename:First again");
    Guest third = kit.enter("lobby", "Third");
    second.types("@changename:Second again");
    kit.storage().letGo();
    second.leaves();

    assertThat(Heard.by(third))
        .containsExactly(
            "self", "count 3", "members [m1, m2, m3]", "history []", "join m3", "leave m2");
    assertThat(Heard.by(first))
        .endsWith("m1 is First again", "join m2", "m2 is Second again", "join m3", "leave m2");
  }

  @Test
  void whoLeavesBeforeItsHistoryIsReadJoinsSpeaksAndLeaves() {
    RoomKit kit = kit(0);
    Guest first = kit.enter("lobby", "First");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    Guest hasty = kit.enter("lobby", "Hasty");
    hasty.types("hello");
    hasty.leaves();

    kit.storage().letGo();

    assertThat(Heard.by(first)).containsExactly("join m2", "m2: hello", "leave m2");
    hasty.hearsNothing();
  }

  @Test
  void readThatFailsIsRepeated() {
    RoomKit kit = kit(0);
    store.unreadable = true;
    Guest ming = kit.enter("lobby", "小明");
    kit.clock().turn(Duration.ofSeconds(2));
    ming.hearsNothing();

    store.unreadable = false;
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(Heard.by(ming)).contains("history []", "join m1");
    assertThat(reports.failures).hasSize(3).containsOnly("reading the history of room 'lobby'");
  }

  @Test
  void readThatAnswersNothingIsRepeated() {
    RoomKit kit = kit(0);
    Guest ming = kit.enter("lobby", "小明");
    ming.types("hello");
    store.answersNull = true;
    Guest lin = kit.enter("lobby", "Lin");
    lin.hearsNothing();

    store.answersNull = false;
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(Heard.messages(lin.hearsAll())).containsExactly("hello");
  }

  @Test
  void failingReadIsRepeatedOnceASecondHoweverManyCome() {
    RoomKit kit = kit(0);
    store.unreadable = true;
    for (int i = 0; i < 50; i++) {
      kit.enter("lobby", "J");
    }
    int before = store.reads;

    kit.clock().turn(Duration.ofSeconds(5));

    assertThat(before).isEqualTo(1);
    assertThat(store.reads).isEqualTo(6);
  }

  @Test
  void whatIsHeardWhileAReadFailsIsInTheNext() {
    RoomKit kit = kit(0);
    Guest ming = kit.enter("lobby", "小明");
    ming.types("a");
    kit.storage().hold();
    Guest lin = kit.enter("lobby", "Lin");
    ming.types("b");
    store.unreadable = true;
    kit.storage().letGo();
    ming.types("c");
    lin.hearsNothing();

    store.unreadable = false;
    kit.clock().turn(Duration.ofSeconds(1));
    ming.types("d");

    assertThat(Heard.messages(lin.hearsAll())).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whoWaitsTooLongIsTurnedAwayAndNobodyHearsOfIt() {
    RoomKit kit = kit(0);
    Guest first = kit.enter("lobby", "First");
    kit.forgetWhatWasHeard();
    kit.storage().hold();
    Guest second = kit.enter("lobby", "Second");

    kit.clock().turn(STORE_TIME);

    assertThat(second.closeCode()).isEqualTo(1013);
    kit.storage().letGo();
    kit.expectNothingUnread();
    first.leaves();
    assertThat(reports.events).endsWith("left lobby m1", "closed lobby");
  }

  @Test
  void roomInWhichNobodyCouldComeGoesAgain() {
    RoomKit kit = kit(0);
    kit.storage().hold();
    kit.enter("lobby", "First");
    kit.clock().turn(STORE_TIME);

    assertThat(reports.events).containsExactly("opened lobby", "closed lobby");
  }

  // ---- pages ----

  @Test
  void welcomeAndPagesHoldEverythingOnceWhileOthersTalk() {
    Limits limits = Limits.builder().tailBytes(0).pageEntries(3).pageBytes(800).build();
    RoomKit kit = RoomKit.create(builder -> builder.history(store).limits(limits));
    Guest ming = kit.enter("lobby", "小明");
    List<String> said = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      said.add(i + "x".repeat(i * 37 % 400));
      ming.types(said.get(i));
    }
    kit.storage().hold();
    Guest lin = kit.enter("lobby", "Lin");
    ming.types("newer");
    kit.storage().letGo();

    List<List<String>> pages = new ArrayList<>();
    pages.add(lastPage(lin));
    for (int cursor = 1; !pages.get(0).isEmpty(); cursor++) {
      ming.types("while others talk " + cursor);
      kit.storage().hold();
      lin.types("@history:" + cursor);
      ming.types("and talk " + cursor);
      kit.storage().letGo();
      pages.add(0, lastPage(lin));
    }

    List<String> all = pages.stream().flatMap(List::stream).toList();
    assertThat(all).isEqualTo(said);
    assertThat(pages.get(pages.size() - 1)).as("the welcome's ends early").hasSize(2);
    assertThat(pages).hasSizeGreaterThan(40 / 3 + 2);
  }

  static List<String> lastPage(Guest guest) {
    List<List<String>> pages = new ArrayList<>();
    guest
        .hearsAll()
        .forEach(
            frame -> {
              if (frame.event() instanceof Event.Past past) {
                pages.add(past.entries().stream().map(Heard::text).toList());
              }
            });
    return pages.isEmpty() ? Collections.emptyList() : pages.get(pages.size() - 1);
  }
}
