package im.xpro.xnest.testkit;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.HistoryStore.ConflictException;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every {@link HistoryStore} has to keep to, as checks for any test framework. With JUnit:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> keepsTheHistoryContract() {
 *   return HistoryStoreContract.checks(
 *           () -> {
 *             Path folder = Files.createTempDirectory("history");
 *             return () -> myStore(folder);
 *           })
 *       .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
 * }
 * }</pre>
 *
 * <p>A store that forgets has to be set to keep at least 2,000 entries and 16 MiB of each room, of
 * any age. What is asked of {@link HistoryStore#erase} is not asked of a store whose every answer
 * to it is an {@link UnsupportedOperationException}. Any thread.
 */
public final class HistoryStoreContract {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final RoomId GARDEN = new RoomId("garden");
  private static final RoomId CELLAR = new RoomId("cellar");
  private static final Instant NOON = Instant.parse("2015-04-08T12:00:00.123Z");

  /** In the order in which they are told. */
  private static final Map<String, Place.Rule<HistoryStore>> RULES = new LinkedHashMap<>();

  static {
    RULES.put("entriesComeBackAsTheyWere", HistoryStoreContract::entriesComeBackAsTheyWere);
    RULES.put("newestEntriesComeOldestFirst", HistoryStoreContract::newestEntriesComeOldestFirst);
    RULES.put("batchesKeepTheirOrder", HistoryStoreContract::batchesKeepTheirOrder);
    RULES.put("oneBatchHoldsSeveralRooms", HistoryStoreContract::oneBatchHoldsSeveralRooms);
    RULES.put("largeBatchIsKeptWhole", HistoryStoreContract::largeBatchIsKeptWhole);
    RULES.put("pageEndsBelowItsEdge", HistoryStoreContract::pageEndsBelowItsEdge);
    RULES.put("pageHoldsNoMoreThanItsLimit", HistoryStoreContract::pageHoldsNoMoreThanItsLimit);
    RULES.put("pagesLeadToTheBeginning", HistoryStoreContract::pagesLeadToTheBeginning);
    RULES.put("pageEndsOnceItsLengthIsPassed", HistoryStoreContract::pageEndsOnceItsLengthIsPassed);
    RULES.put("pageHoldsOneEntryHoweverLong", HistoryStoreContract::pageHoldsOneEntryHoweverLong);
    RULES.put("unknownRoomIsEmpty", HistoryStoreContract::unknownRoomIsEmpty);
    RULES.put("lastIsTheHighestNumber", HistoryStoreContract::lastIsTheHighestNumber);
    RULES.put("housekeepingLosesNothing", HistoryStoreContract::housekeepingLosesNothing);
    RULES.put("listsBelongToTheCaller", HistoryStoreContract::listsBelongToTheCaller);

    RULES.put("longTextsComeBackWhole", HistoryStoreContract::longTextsComeBackWhole);
    RULES.put("textsMayHoldAnyUnicode", HistoryStoreContract::textsMayHoldAnyUnicode);
    RULES.put("textsAreNotTrimmed", HistoryStoreContract::textsAreNotTrimmed);
    RULES.put("namesMayHoldAnyUnicode", HistoryStoreContract::namesMayHoldAnyUnicode);
    RULES.put("identityIsKept", HistoryStoreContract::identityIsKept);
    RULES.put("blobsOfEveryKindComeBack", HistoryStoreContract::blobsOfEveryKindComeBack);
    RULES.put("timeIsKeptToTheMillisecond", HistoryStoreContract::timeIsKeptToTheMillisecond);

    RULES.put("roomsThatDifferInCaseStayApart", place -> stayApart(place, Rooms.CASE));
    RULES.put("roomsThatDifferInAccentsStayApart", place -> stayApart(place, Rooms.ACCENTS));
    RULES.put("roomsThatDifferInBlanksStayApart", place -> stayApart(place, Rooms.BLANKS));
    RULES.put("roomsThatDifferInFormStayApart", place -> stayApart(place, Rooms.FORMS));
    RULES.put("roomNamesAreNoPatterns", place -> stayApart(place, Rooms.PATTERNS));
    RULES.put("roomsMayHaveLongNames", place -> stayApart(place, Rooms.LONG));

    RULES.put("firstNumberIsOne", HistoryStoreContract::firstNumberIsOne);
    RULES.put("holeIsRefused", HistoryStoreContract::holeIsRefused);
    RULES.put("holeWithinABatchIsRefused", HistoryStoreContract::holeWithinABatchIsRefused);
    RULES.put("sameBatchAgainIsKeptOnce", HistoryStoreContract::sameBatchAgainIsKeptOnce);
    RULES.put("repeatAddsOnlyWhatIsNew", HistoryStoreContract::repeatAddsOnlyWhatIsNew);
    RULES.put("repeatOfSeveralRoomsIsKeptOnce", HistoryStoreContract::repeatOfRoomsIsKeptOnce);
    RULES.put("otherEntryOfAUsedNumberIsRefused", HistoryStoreContract::otherEntryIsRefused);
    RULES.put("nothingOfARefusedBatchIsKept", HistoryStoreContract::nothingOfARefusedBatchIsKept);

    RULES.put("erasedEntryIsGone", erasing(HistoryStoreContract::erasedEntryIsGone));
    RULES.put("erasingStaysInItsRoom", erasing(HistoryStoreContract::erasingStaysInItsRoom));
    RULES.put("erasingStaysInItsNumbers", erasing(HistoryStoreContract::erasingStaysInItsNumbers));
    RULES.put("oneSenderIsErased", erasing(HistoryStoreContract::oneSenderIsErased));
    RULES.put("oneIdentityIsErased", erasing(HistoryStoreContract::oneIdentityIsErased));
    RULES.put("erasingGoesInSteps", erasing(HistoryStoreContract::erasingGoesInSteps));
    RULES.put("erasingLowersNoNumber", erasing(HistoryStoreContract::erasingLowersNoNumber));
    RULES.put("pagesOverHolesAreFull", erasing(HistoryStoreContract::pagesOverHolesAreFull));
    RULES.put("erasedDoesNotComeAgain", erasing(HistoryStoreContract::erasedDoesNotComeAgain));
    RULES.put("erasedIsGoneAfterReopening", erasing(HistoryStoreContract::erasedStaysErased));
    RULES.put("retentionOfARoomIsAccepted", HistoryStoreContract::retentionOfARoomIsAccepted);

    RULES.put("everythingIsThereAfterReopening", HistoryStoreContract::everythingIsThereAgain);
    RULES.put("numbersGoOnAfterReopening", HistoryStoreContract::numbersGoOnAfterReopening);
    RULES.put("repeatAfterReopeningIsKeptOnce", HistoryStoreContract::repeatAfterReopening);
    RULES.put("secondWriterIsRefused", HistoryStoreContract::secondWriterIsRefused);
    RULES.put("readsRunBesideAppends", HistoryStoreContract::readsRunBesideAppends);
  }

  private HistoryStoreContract() {}

  /**
   * All checks, each with a name of its own.
   *
   * @param freshPlace makes a new, empty place for data, once in each check; what it returns opens
   *     a store there, again and again on the same data, also beside one that is open. A store that
   *     keeps nothing beyond its own life is opened once and returned each time. Places and stores
   *     that are {@link AutoCloseable} are closed
   */
  public static Stream<Check> checks(
      Callable<? extends Callable<? extends HistoryStore>> freshPlace) {
    return RULES.entrySet().stream()
        .map(rule -> Place.check(rule.getKey(), freshPlace, rule.getValue()));
  }

  // ---- pages ----

  private static void entriesComeBackAsTheyWere(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    HistoryEntry entry =
        new HistoryEntry(LOBBY, 1, new MemberId("<0.1.2>"), "小明", new Event.Said("今天你吃饭了吗?"), NOON);

    store.append(List.of(entry));

    Expect.entries("the page", List.of(entry), all(store, LOBBY));
  }

  private static void newestEntriesComeOldestFirst(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.append(entries(LOBBY, 1, 5));

    Expect.entries(
        "the newest three", entries(LOBBY, 3, 5), store.read(LOBBY, 6, 3, Long.MAX_VALUE));
  }

  private static void batchesKeepTheirOrder(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.append(entries(LOBBY, 1, 3));
    store.append(entries(LOBBY, 4, 4));
    store.append(entries(LOBBY, 5, 99));
    store.append(entries(LOBBY, 100, 120));

    Expect.entries("all entries", entries(LOBBY, 1, 120), all(store, LOBBY));
  }

  private static void oneBatchHoldsSeveralRooms(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (long number = 1; number <= 20; number++) {
      batch.add(said(LOBBY, number, "in the lobby " + number));
      batch.add(said(GARDEN, number, "in the garden " + number));
    }
    batch.add(said(CELLAR, 1, "in the cellar"));

    store.append(batch);

    for (RoomId room : List.of(LOBBY, GARDEN, CELLAR)) {
      List<HistoryEntry> own = batch.stream().filter(entry -> entry.room().equals(room)).toList();
      Expect.entries("all entries of " + room, own, all(store, room));
      Expect.equal("the last number of " + room, (long) own.size(), store.last(room));
    }
  }

  /** As large as those that a busy house appends. */
  private static void largeBatchIsKeptWhole(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>(entries(LOBBY, 1, 2_000));
    batch.addAll(entries(GARDEN, 1, 100));

    store.append(batch);

    Expect.entries("all entries", entries(LOBBY, 1, 2_000), all(store, LOBBY));
    Expect.entries("all entries", entries(GARDEN, 1, 100), all(store, GARDEN));
  }

  private static void pageEndsBelowItsEdge(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 5));

    for (long before = 1; before <= 8; before++) {
      Expect.entries(
          "the page below " + before,
          entries(LOBBY, 1, Math.min(5, before - 1)),
          store.read(LOBBY, before, 100, Long.MAX_VALUE));
    }
    Expect.entries(
        "the page below the highest number there can be",
        entries(LOBBY, 1, 5),
        store.read(LOBBY, Long.MAX_VALUE, 100, Long.MAX_VALUE));
  }

  private static void pageHoldsNoMoreThanItsLimit(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 5));

    for (int limit = 1; limit <= 7; limit++) {
      Expect.entries(
          "a page of " + limit,
          entries(LOBBY, Math.max(1, 6 - limit), 5),
          store.read(LOBBY, 6, limit, Long.MAX_VALUE));
    }
    Expect.entries(
        "a page of 2 below 4", entries(LOBBY, 2, 3), store.read(LOBBY, 4, 2, Long.MAX_VALUE));
  }

  private static void pagesLeadToTheBeginning(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 250));
    List<HistoryEntry> walked = new ArrayList<>();

    long before = 251;
    List<HistoryEntry> page = store.read(LOBBY, before, 49, Long.MAX_VALUE);
    while (!page.isEmpty() && page.get(0).number() < before) {
      walked.addAll(0, page);
      before = page.get(0).number();
      page = store.read(LOBBY, before, 49, Long.MAX_VALUE);
    }

    Expect.entries("all pages together", entries(LOBBY, 1, 250), walked);
  }

  private static void pageEndsOnceItsLengthIsPassed(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(
        List.of(
            said(LOBBY, 1, "1234567890"),
            new HistoryEntry(
                LOBBY, 2, member(2), "Lin", new Event.Shared(BlobKind.FILE, "12345678"), NOON),
            said(LOBBY, 3, "12345"),
            said(LOBBY, 4, "1234567")));

    long[] maxLengths = {1, 6, 7, 11, 12, 19, 20, 29, 30, 1_000};
    int[] entries = {1, 1, 2, 2, 3, 3, 4, 4, 4, 4};

    for (int i = 0; i < entries.length; i++) {
      Expect.equal(
          "how many entries, 7, 5, 8 and 10 long, come for a length of " + maxLengths[i],
          entries[i],
          store.read(LOBBY, 5, 10, maxLengths[i]).size());
    }
    Expect.entries(
        "what comes for a length of 7",
        List.of(said(LOBBY, 3, "12345"), said(LOBBY, 4, "1234567")),
        store.read(LOBBY, 5, 10, 7));
    Expect.equal(
        "how many entries come for a limit of 2 and a length of 1,000",
        2,
        store.read(LOBBY, 5, 2, 1_000).size());
  }

  private static void pageHoldsOneEntryHoweverLong(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> longest = List.of(said(LOBBY, 1, "x".repeat(100_000)));
    store.append(longest);
    store.append(List.of(said(LOBBY, 2, "short")));

    Expect.entries("the page", longest, store.read(LOBBY, 2, 10, 1));
  }

  private static void unknownRoomIsEmpty(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 3));

    Expect.entries("a page of an unknown room", List.of(), all(store, GARDEN));
    Expect.equal("the last number of an unknown room", 0L, store.last(GARDEN));

    store.append(entries(GARDEN, 1, 1));
    Expect.entries("the room's page later", entries(GARDEN, 1, 1), all(store, GARDEN));
  }

  private static void lastIsTheHighestNumber(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.append(entries(LOBBY, 1, 1));
    Expect.equal("last after one", 1L, store.last(LOBBY));
    store.append(entries(LOBBY, 2, 11));
    Expect.equal("last after eleven", 11L, store.last(LOBBY));
    store.append(entries(GARDEN, 1, 12));
    Expect.equal("last after twelve in another room", 11L, store.last(LOBBY));
    Expect.equal("last of the other room", 12L, store.last(GARDEN));
  }

  private static void housekeepingLosesNothing(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 100));

    for (int step = 0; store.tidy(); step++) {
      Expect.that(step < 10_000, "housekeeping should end, but there is always more to do");
    }

    Expect.entries("all entries", entries(LOBBY, 1, 100), all(store, LOBBY));
    Expect.equal("last", 100L, store.last(LOBBY));
    Expect.that(store.durability() != null, "durability() should not be null");
  }

  private static void listsBelongToTheCaller(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>(entries(LOBBY, 1, 3));

    store.append(batch);
    batch.set(0, said(LOBBY, 1, "never appended"));
    batch.remove(2);
    Expect.entries("what was appended", entries(LOBBY, 1, 3), all(store, LOBBY));

    try {
      all(store, LOBBY).clear();
    } catch (UnsupportedOperationException fineToo) {
      return;
    }
    Expect.entries("what is read once more", entries(LOBBY, 1, 3), all(store, LOBBY));
  }

  // ---- values ----

  private static void longTextsComeBackWhole(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch =
        List.of(
            said(LOBBY, 1, "x".repeat(1 << 20)),
            said(LOBBY, 2, "😀".repeat(1 << 18)),
            said(LOBBY, 3, "大家好\n".repeat(1 << 16)),
            said(LOBBY, 4, "\0".repeat(1 << 20)));

    store.append(batch);

    Expect.entries("all entries", batch, all(store, LOBBY));
  }

  private static void textsMayHoldAnyUnicode(Place<HistoryStore> place) throws Exception {
    comeBack(
        place,
        List.of(
            "",
            "\0",
            "\0\0 between \0\0",
            "ends with \0",
            "\\0 is no \0 and \\\\ no \\",
            "\\0",
            "\\\\0\\",
            "line\r\nline\nline\rline\u0085\u2028\u2029\u000b\t",
            "\u0001\u001b[31m\u007f\u009f",
            "\uffff\ufffe\ufffd\ufeff",
            "\ud83d\ude00 \ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\uddfa\ud83c\uddf3",
            "\udbff\udfff\udbff\udffe\ud800\udc00",
            "\u00e9 e\u0301 \u212b \u00c5 A\u030a",
            "z\u0351\u034c\u0360a\u0321\u0300l\u0334g\u0328o\u0335",
            "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eevil\u202c",
            "'); DROP TABLE history; --",
            "\" ' ` % _ ? :a $1 {} ${x} <b>&amp;</b>"));
  }

  private static void textsAreNotTrimmed(Place<HistoryStore> place) throws Exception {
    comeBack(
        place, List.of(" ", "   ", " a", "a ", "\ta\t", "\na\n", "\u00a0a\u3000", "a\0", "\0a "));
  }

  private static void comeBack(Place<HistoryStore> place, List<String> texts) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (String text : texts) {
      batch.add(said(LOBBY, batch.size() + 1, text));
    }

    store.append(batch);

    Expect.entries("what is read", batch, all(store, LOBBY));
    store.append(batch);
    Expect.entries("what is read once it was repeated", batch, all(store, LOBBY));
  }

  private static void namesMayHoldAnyUnicode(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (String name :
        List.of(
            "Lin", "小明", "\ud83d\ude00".repeat(64), "e\u0301\u00e9", "a|b 'c' \\ \"d\"", "x  y")) {
      batch.add(
          new HistoryEntry(
              LOBBY,
              batch.size() + 1,
              new MemberId("<" + name.replace('|', '.') + ">"),
              name,
              new Event.Said("hello"),
              NOON));
    }

    store.append(batch);

    Expect.entries("what is read", batch, all(store, LOBBY));
  }

  private static void identityIsKept(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (String identity : List.of("user:42", "User:42", "小明", "\ud83d\ude00".repeat(100), " ")) {
      batch.add(by(identity, batch.size() + 1));
    }
    batch.add(by(null, batch.size() + 1));

    store.append(batch);

    Expect.entries("what is read", batch, all(store, LOBBY));
    store.append(batch);
    Expect.refused(
        "another's entry 6",
        ConflictException.class,
        () -> store.append(List.of(by("somebody", 6))));
  }

  private static void blobsOfEveryKindComeBack(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    String id = "AZaz09_-".repeat(8);
    List<HistoryEntry> batch = new ArrayList<>();
    for (BlobKind kind : BlobKind.values()) {
      batch.add(
          new HistoryEntry(
              LOBBY, batch.size() + 1, member(1), "Lin", new Event.Shared(kind, id), NOON));
    }
    batch.add(said(LOBBY, batch.size() + 1, id));

    store.append(batch);

    Expect.entries("what is read", batch, all(store, LOBBY));
  }

  private static void timeIsKeptToTheMillisecond(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (String time :
        List.of(
            "2015-04-08T14:02:06.001Z",
            "2015-04-08T14:02:06.999Z",
            "2024-02-29T23:59:59.500Z",
            "2024-03-31T01:30:00.010Z",
            "2024-10-27T00:30:00.010Z",
            "2024-10-27T01:30:00.010Z",
            "2038-01-19T03:14:08Z",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999Z")) {
      batch.add(
          new HistoryEntry(
              LOBBY,
              batch.size() + 1,
              member(1),
              "Lin",
              new Event.Said("at " + time),
              Instant.parse(time)));
    }

    store.append(batch);

    Expect.entries("what is read", batch, all(store, LOBBY));
  }

  // ---- rooms ----

  /** Names of rooms, all different, that a store may take for one. */
  private static final class Rooms {
    static final List<String> CASE =
        List.of("lobby", "Lobby", "LOBBY", "stra\u00dfe", "STRASSE", "strasse", "i", "I", "\u0131");
    static final List<String> ACCENTS =
        List.of("resume", "r\u00e9sum\u00e9", "r\u00e8sume", "o", "\u00f6", "\u00f8", "oe", "ae");
    static final List<String> BLANKS =
        List.of("a", "a ", "a  ", " a", "a\u00a0", "a\u3000", "a\u200b", "a b", "a  b", "a\ufeff");
    static final List<String> FORMS =
        List.of(
            "\u00e9", "e\u0301", "\u212b", "\u00c5", "A\u030a", "A", "\uff21", "\u0391", "①", "1");
    static final List<String> PATTERNS =
        List.of(
            "a", "%", "_", "a%", "*", "?", "'", "\"", "\\", "a\\", "..a", "$1", ":a", "[a]", "01");
    static final List<String> LONG =
        List.of(
            "x".repeat(127),
            "x".repeat(128),
            "x".repeat(127) + "y",
            "\ud83d\ude00".repeat(127) + "\ud83d\ude01",
            "\ud83d\ude00".repeat(128),
            "\u5c0f".repeat(128));
  }

  private static void stayApart(Place<HistoryStore> place, List<String> names) throws Exception {
    HistoryStore store = place.open();
    List<RoomId> rooms = names.stream().map(RoomId::new).toList();

    // one more in each than in the one before, so that the numbers tell them apart too
    for (int i = 0; i < rooms.size(); i++) {
      RoomId room = rooms.get(i);
      Expect.equal("last of '" + room + "', new", 0L, store.last(room));
      store.append(entries(room, 1, i + 1));
    }
    List<HistoryEntry> together = new ArrayList<>();
    for (int i = 0; i < rooms.size(); i++) {
      together.add(said(rooms.get(i), i + 2, "once more"));
    }
    store.append(together);

    for (int i = 0; i < rooms.size(); i++) {
      RoomId room = rooms.get(i);
      List<HistoryEntry> own = new ArrayList<>(entries(room, 1, i + 1));
      own.add(together.get(i));
      Expect.equal("last of '" + room + "'", i + 2L, store.last(room));
      Expect.entries("the entries of '" + room + "'", own, all(store, room));
    }
  }

  // ---- numbers ----

  private static void firstNumberIsOne(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    for (int last = 2; last <= 3; last++) {
      List<HistoryEntry> batch = entries(LOBBY, 2, last);
      Expect.refused("number 2 of a new room", ConflictException.class, () -> store.append(batch));
    }

    Expect.entries("what is kept", List.of(), all(store, LOBBY));
    Expect.equal("last", 0L, store.last(LOBBY));
    store.append(entries(LOBBY, 1, 3));
    Expect.entries("what is kept then", entries(LOBBY, 1, 3), all(store, LOBBY));
  }

  private static void holeIsRefused(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 2));

    Expect.refused(
        "number 4 behind 2", ConflictException.class, () -> store.append(entries(LOBBY, 4, 5)));

    Expect.entries("what is kept", entries(LOBBY, 1, 2), all(store, LOBBY));
    Expect.equal("last", 2L, store.last(LOBBY));
    store.append(entries(LOBBY, 3, 4));
    Expect.entries("what is kept then", entries(LOBBY, 1, 4), all(store, LOBBY));
  }

  private static void holeWithinABatchIsRefused(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 2));
    List<HistoryEntry> batch =
        List.of(entry(GARDEN, 1), entry(LOBBY, 3), entry(LOBBY, 5), entry(GARDEN, 2));

    Expect.refused(
        "a batch with 3 and 5, without 4", ConflictException.class, () -> store.append(batch));

    Expect.entries("what is kept", entries(LOBBY, 1, 2), all(store, LOBBY));
    Expect.entries("what is kept of the other room", List.of(), all(store, GARDEN));
    Expect.equal("last", 2L, store.last(LOBBY));
  }

  private static void sameBatchAgainIsKeptOnce(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.append(entries(LOBBY, 1, 3));
    store.append(entries(LOBBY, 1, 3));
    store.append(entries(LOBBY, 3, 3));
    Expect.entries("what is kept", entries(LOBBY, 1, 3), all(store, LOBBY));
    Expect.equal("last", 3L, store.last(LOBBY));

    store.append(entries(LOBBY, 4, 6));
    store.append(entries(LOBBY, 1, 3));
    Expect.entries("what is kept then", entries(LOBBY, 1, 6), all(store, LOBBY));
    Expect.equal("last then", 6L, store.last(LOBBY));
  }

  private static void repeatAddsOnlyWhatIsNew(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.append(entries(LOBBY, 1, 3));
    store.append(entries(LOBBY, 2, 5));

    Expect.entries("what is kept", entries(LOBBY, 1, 5), all(store, LOBBY));
    Expect.equal("last", 5L, store.last(LOBBY));
    store.append(entries(LOBBY, 6, 6));
  }

  /** One room's part is known, another's is not. */
  private static void repeatOfRoomsIsKeptOnce(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>(entries(LOBBY, 1, 3));
    batch.addAll(entries(GARDEN, 1, 2));

    store.append(entries(LOBBY, 1, 3));
    store.append(batch);
    store.append(batch);

    Expect.entries("what is kept", entries(LOBBY, 1, 3), all(store, LOBBY));
    Expect.entries("what is kept of the other room", entries(GARDEN, 1, 2), all(store, GARDEN));
  }

  private static void otherEntryIsRefused(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 3));
    HistoryEntry kept = entry(LOBBY, 2);
    Event.Message said = kept.message();
    String text = ((Event.Said) said).text();
    List<HistoryEntry> others =
        List.of(
            entryTwo(kept.from(), kept.nickname(), new Event.Said(text + " "), kept.time()),
            entryTwo(kept.from(), kept.nickname(), new Event.Said("Words 2"), kept.time()),
            entryTwo(
                kept.from(), kept.nickname(), new Event.Shared(BlobKind.FILE, text), kept.time()),
            entryTwo(member(77), kept.nickname(), said, kept.time()),
            entryTwo(kept.from(), "Somebody", said, kept.time()),
            entryTwo(kept.from(), kept.nickname(), said, kept.time().plusMillis(1)));

    for (HistoryEntry other : others) {
      Expect.refused(
          "another entry 2", ConflictException.class, () -> store.append(List.of(other)));
      Expect.refused(
          "another entry 2 before what is new",
          ConflictException.class,
          () -> store.append(List.of(other, entry(LOBBY, 3), entry(LOBBY, 4))));
    }

    Expect.entries("what is kept", entries(LOBBY, 1, 3), all(store, LOBBY));
    Expect.equal("last", 3L, store.last(LOBBY));
  }

  private static HistoryEntry entryTwo(
      MemberId from, String nickname, Event.Message message, Instant time) {
    return new HistoryEntry(LOBBY, 2, from, nickname, message, time);
  }

  private static void nothingOfARefusedBatchIsKept(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 2));
    store.append(entries(GARDEN, 1, 2));
    UnaryOperator<HistoryEntry> other =
        entry -> said(entry.room(), entry.number(), "another writer's");
    List<HistoryEntry> collisionLast =
        List.of(entry(CELLAR, 1), entry(LOBBY, 3), other.apply(entry(GARDEN, 2)));
    List<HistoryEntry> collisionFirst =
        List.of(other.apply(entry(GARDEN, 2)), entry(LOBBY, 3), entry(CELLAR, 1));
    List<HistoryEntry> holeLast = List.of(entry(CELLAR, 1), entry(LOBBY, 3), entry(GARDEN, 4));

    for (List<HistoryEntry> batch : List.of(collisionLast, collisionFirst, holeLast)) {
      Expect.refused("the batch", ConflictException.class, () -> store.append(batch));
      Expect.entries("the lobby", entries(LOBBY, 1, 2), all(store, LOBBY));
      Expect.entries("the garden", entries(GARDEN, 1, 2), all(store, GARDEN));
      Expect.entries("the cellar", List.of(), all(store, CELLAR));
      Expect.equal("last of the lobby", 2L, store.last(LOBBY));
      Expect.equal("last of the cellar", 0L, store.last(CELLAR));
    }

    store.append(List.of(entry(CELLAR, 1), entry(LOBBY, 3), entry(GARDEN, 3)));
    Expect.entries("the lobby then", entries(LOBBY, 1, 3), all(store, LOBBY));
  }

  // ---- erasing ----

  /** Asks nothing of a store that cannot erase at all. */
  private static Place.Rule<HistoryStore> erasing(Place.Rule<HistoryStore> rule) {
    return place -> {
      try {
        place.open().erase(CELLAR, Erasure.one(1));
      } catch (UnsupportedOperationException cannotErase) {
        return;
      }
      rule.check(place);
    };
  }

  private static void erasedEntryIsGone(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>(entries(LOBBY, 1, 5));
    batch.set(
        2,
        new HistoryEntry(LOBBY, 3, member(3), "Lin", new Event.Shared(BlobKind.FILE, "b1"), NOON));
    store.append(batch);

    List<HistoryEntry> erased = store.erase(LOBBY, Erasure.one(3));

    Expect.entries("what was erased", batch.subList(2, 3), erased);
    batch.remove(2);
    Expect.entries("what is left", batch, all(store, LOBBY));
    Expect.entries("what is erased again", List.of(), store.erase(LOBBY, Erasure.one(3)));
    Expect.entries("what is erased beyond", List.of(), store.erase(LOBBY, Erasure.one(6)));
  }

  private static void erasingStaysInItsRoom(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 3));
    store.append(entries(GARDEN, 1, 3));

    Expect.entries("what was erased", entries(LOBBY, 1, 3), store.erase(LOBBY, Erasure.all()));

    Expect.entries("what is left", List.of(), all(store, LOBBY));
    Expect.entries("what is left of another room", entries(GARDEN, 1, 3), all(store, GARDEN));
    Expect.entries("an unknown room", List.of(), store.erase(CELLAR, Erasure.all()));
  }

  private static void erasingStaysInItsNumbers(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 9));

    Expect.entries(
        "what was erased from 4 to 6",
        entries(LOBBY, 4, 6),
        store.erase(LOBBY, Erasure.all().within(4, 6)));
    Expect.entries(
        "what was erased from 6 to 3", List.of(), store.erase(LOBBY, Erasure.all().within(6, 3)));
    Expect.entries(
        "what was erased of member 1 up to 7",
        entries(LOBBY, 1, 1),
        store.erase(LOBBY, Erasure.from(member(1)).within(1, 7)));

    List<HistoryEntry> left = new ArrayList<>(entries(LOBBY, 2, 3));
    left.addAll(entries(LOBBY, 7, 9));
    Expect.entries("what is left", left, all(store, LOBBY));
  }

  private static void oneSenderIsErased(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (String sender : List.of("<A>", "<a>", "<\u00e1>", "<A>", "A", "%", "<A> ")) {
      batch.add(
          new HistoryEntry(
              LOBBY, batch.size() + 1, new MemberId(sender), "Lin", new Event.Said("hi"), NOON));
    }
    store.append(batch);

    List<HistoryEntry> erased = store.erase(LOBBY, Erasure.from(new MemberId("<A>")));

    Expect.entries("what was erased", List.of(batch.get(0), batch.get(3)), erased);
    batch.removeAll(erased);
    Expect.entries("what is left", batch, all(store, LOBBY));
  }

  private static void oneIdentityIsErased(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> batch = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      batch.add(by("LIN", batch.size() + 1));
    }
    batch.add(by(null, batch.size() + 1));
    for (String identity : List.of("lin", "l\u00edn", "lin ", "%", "lin")) {
      batch.add(by(identity, batch.size() + 1));
    }
    store.append(batch);

    List<HistoryEntry> erased = eraseAll(store, Erasure.of("lin"));

    Expect.entries("what was erased", List.of(batch.get(601), batch.get(605)), erased);
    batch.removeAll(erased);
    Expect.entries("what is left", batch, all(store, LOBBY));
  }

  private static void erasingGoesInSteps(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 1_200));

    List<HistoryEntry> erased = eraseAll(store, Erasure.all());

    Expect.entries("what was erased", entries(LOBBY, 1, 1_200), erased);
    Expect.entries("what is left", List.of(), all(store, LOBBY));
  }

  /** All steps together. */
  private static List<HistoryEntry> eraseAll(HistoryStore store, Erasure what) throws Exception {
    List<HistoryEntry> erased = new ArrayList<>();
    List<HistoryEntry> step = store.erase(LOBBY, what);
    while (!step.isEmpty()) {
      Expect.that(
          step.size() <= Erasure.STEP,
          "a step should erase " + Erasure.STEP + " at most, but erased " + step.size());
      Expect.that(erased.size() < 10_000, "erasing should end, but there is always more");
      erased.addAll(step);
      step = store.erase(LOBBY, what);
    }
    return erased;
  }

  private static void erasingLowersNoNumber(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 5));

    store.erase(LOBBY, Erasure.one(5));
    Expect.equal("last without the newest", 5L, store.last(LOBBY));
    store.erase(LOBBY, Erasure.all());
    Expect.equal("last of a room without entries", 5L, store.last(LOBBY));

    Expect.refused(
        "number 7 behind 5", ConflictException.class, () -> store.append(entries(LOBBY, 7, 7)));
    store.append(entries(LOBBY, 6, 8));
    Expect.entries("what is kept then", entries(LOBBY, 6, 8), all(store, LOBBY));
  }

  private static void pagesOverHolesAreFull(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    List<HistoryEntry> left = new ArrayList<>(entries(LOBBY, 1, 100));
    store.append(left);
    for (long number : new long[] {100, 99, 97, 60, 59, 58, 57, 56, 55, 54, 20, 1}) {
      store.erase(LOBBY, Erasure.one(number));
      left.removeIf(entry -> entry.number() == number);
    }

    long before = Long.MAX_VALUE;
    for (int end = left.size(); end > 0; end -= 10) {
      List<HistoryEntry> page = store.read(LOBBY, before, 10, Long.MAX_VALUE);
      Expect.entries(
          "the page of 10 below " + before, left.subList(Math.max(0, end - 10), end), page);
      before = page.get(0).number();
    }
    Expect.entries(
        "the page below a hole", entries(LOBBY, 52, 53), store.read(LOBBY, 58, 2, Long.MAX_VALUE));
  }

  /** A batch of unknown outcome was kept, and comes again when some of it is erased. */
  private static void erasedDoesNotComeAgain(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 5));
    store.erase(LOBBY, Erasure.all().within(3, 4));

    store.append(entries(LOBBY, 1, 5));
    store.append(entries(LOBBY, 4, 4));
    Expect.refused(
        "another entry 5",
        ConflictException.class,
        () -> store.append(List.of(entry(LOBBY, 4), said(LOBBY, 5, "another writer's"))));

    List<HistoryEntry> left =
        new ArrayList<>(List.of(entry(LOBBY, 1), entry(LOBBY, 2), entry(LOBBY, 5)));
    Expect.entries("what is left", left, all(store, LOBBY));
    store.append(entries(LOBBY, 4, 6));
    left.add(entry(LOBBY, 6));
    Expect.entries("what is kept then", left, all(store, LOBBY));
    store.erase(LOBBY, Erasure.all());
    store.append(entries(LOBBY, 1, 6));
    Expect.entries("what is left of an erased room", List.of(), all(store, LOBBY));
  }

  private static void erasedStaysErased(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 5));
    store.append(entries(GARDEN, 1, 5));
    store.erase(LOBBY, Erasure.one(2));
    store.erase(GARDEN, Erasure.all());

    HistoryStore again = place.reopen();

    List<HistoryEntry> left = new ArrayList<>(entries(LOBBY, 3, 5));
    left.add(0, entry(LOBBY, 1));
    Expect.entries("what is left", left, all(again, LOBBY));
    Expect.equal("last of the erased room", 5L, again.last(GARDEN));
    again.append(entries(GARDEN, 6, 7));
    Expect.entries("the erased room then", entries(GARDEN, 6, 7), all(again, GARDEN));
  }

  private static void retentionOfARoomIsAccepted(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();

    store.retain(GARDEN, Retention.newest(5_000).noOlderThan(Duration.ofDays(36_500)));
    store.append(entries(GARDEN, 1, 3));
    store.append(entries(LOBBY, 1, 3));
    store.retain(LOBBY, Retention.forever());
    store.retain(GARDEN, null);
    store.retain(CELLAR, null);

    for (RoomId room : List.of(GARDEN, LOBBY)) {
      Expect.entries("the entries of " + room, entries(room, 1, 3), all(store, room));
    }
    Expect.equal("last of an unknown room", 0L, store.last(CELLAR));
    store.append(entries(GARDEN, 4, 4));
  }

  // ---- one place, several stores ----

  private static void everythingIsThereAgain(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    store.append(entries(LOBBY, 1, 30));
    store.append(List.of(said(LOBBY, 31, "大家好 \ud83d\ude00 \0"), entry(GARDEN, 1)));
    List<HistoryEntry> before = all(store, LOBBY);

    HistoryStore again = place.reopen();

    Expect.equal("last", 31L, again.last(LOBBY));
    Expect.entries("what is read", before, all(again, LOBBY));
    Expect.entries("what is read of another room", entries(GARDEN, 1, 1), all(again, GARDEN));
    Expect.equal("last of an unknown room", 0L, again.last(CELLAR));
  }

  private static void numbersGoOnAfterReopening(Place<HistoryStore> place) throws Exception {
    place.open().append(entries(LOBBY, 1, 3));

    HistoryStore again = place.reopen();

    Expect.refused(
        "number 5 behind 3", ConflictException.class, () -> again.append(entries(LOBBY, 5, 5)));
    Expect.refused(
        "another entry 3",
        ConflictException.class,
        () -> again.append(List.of(said(LOBBY, 3, "another writer's"))));
    again.append(entries(LOBBY, 4, 6));
    Expect.entries("what is read", entries(LOBBY, 1, 6), all(again, LOBBY));
    Expect.equal("last", 6L, place.reopen().last(LOBBY));
  }

  private static void repeatAfterReopening(Place<HistoryStore> place) throws Exception {
    place.open().append(entries(LOBBY, 1, 3));

    HistoryStore again = place.reopen();
    again.append(entries(LOBBY, 1, 4));

    Expect.entries("what is read", entries(LOBBY, 1, 4), all(again, LOBBY));
    Expect.equal("last", 4L, again.last(LOBBY));
  }

  /** Two processes on the same data, by mistake. */
  private static void secondWriterIsRefused(Place<HistoryStore> place) throws Exception {
    HistoryStore first = place.open();
    HistoryStore second = place.open();
    first.append(entries(LOBBY, 1, 2));
    Expect.equal("last, asked by the second", 2L, second.last(LOBBY));
    first.append(entries(LOBBY, 3, 3));

    Expect.refused(
        "the second writer's entry 3",
        ConflictException.class,
        () -> second.append(List.of(said(LOBBY, 3, "another writer's"))));

    Expect.entries("what the second reads", entries(LOBBY, 1, 3), all(second, LOBBY));
    first.append(entries(LOBBY, 4, 4));
    Expect.entries("what is kept", entries(LOBBY, 1, 4), all(first, LOBBY));
  }

  private static void readsRunBesideAppends(Place<HistoryStore> place) throws Exception {
    HistoryStore store = place.open();
    int end = 300;
    AtomicLong kept = new AtomicLong();
    Check.Body writer =
        () -> {
          try {
            for (long number = 1; number <= end; number += 3) {
              List<HistoryEntry> batch = new ArrayList<>(entries(LOBBY, number, number + 2));
              batch.addAll(entries(GARDEN, number, number + 2));
              store.append(batch);
              kept.set(number + 2);
            }
          } finally {
            kept.set(end);
          }
        };
    Check.Body reader =
        () -> {
          for (long done = 0; done < end; ) {
            done = kept.get();
            for (RoomId room : List.of(LOBBY, GARDEN)) {
              long last = store.last(room);
              Expect.that(last >= done, "last should be " + done + " or more, but is " + last);
              List<HistoryEntry> page = store.read(room, last + 1, 10, Long.MAX_VALUE);
              Expect.entries(
                  "the page up to " + last, entries(room, Math.max(1, last - 9), last), page);
            }
          }
        };

    Expect.together(List.of(writer, reader, reader, reader));

    Expect.entries("all entries", entries(LOBBY, 1, end), all(store, LOBBY));
  }

  // ---- samples ----

  private static List<HistoryEntry> all(HistoryStore store, RoomId room) throws Exception {
    return store.read(room, Long.MAX_VALUE, 10_000, Long.MAX_VALUE);
  }

  private static List<HistoryEntry> entries(RoomId room, long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(number -> entry(room, number)).toList();
  }

  private static HistoryEntry entry(RoomId room, long number) {
    return said(room, number, "words " + number);
  }

  private static HistoryEntry said(RoomId room, long number, String text) {
    return new HistoryEntry(
        room,
        number,
        member(number % 7),
        "member " + number % 7,
        new Event.Said(text),
        NOON.plusMillis(number));
  }

  private static HistoryEntry by(@Nullable String identity, long number) {
    Event.Message words = new Event.Said("words " + number);
    return new HistoryEntry(LOBBY, number, member(1), "Lin", words, NOON, identity);
  }

  private static MemberId member(long number) {
    return new MemberId("<0." + number + ".4711>");
  }
}
