package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.Retention;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.text.Normalizer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The contract is worth what it catches. */
class BrokenHistoryStoresTest {
  /** What outlives a store: the entries of each room, number 1 first. */
  static final class Disk {
    final Map<Object, List<HistoryEntry>> rooms = new HashMap<>();

    /** They keep their place among the others, but are not to be read. */
    final Set<HistoryEntry> erased = new HashSet<>();
  }

  /** Correct and simple; others break a part of it. */
  static class Simple implements HistoryStore {
    final Disk disk;

    Simple(Disk disk) {
      this.disk = disk;
    }

    Object key(RoomId room) {
      return room;
    }

    HistoryEntry written(HistoryEntry entry) {
      return entry;
    }

    void hole(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
      throw new ConflictException("a hole");
    }

    void collision(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
      throw new ConflictException("a collision");
    }

    void again(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {}

    @Override
    public void append(List<HistoryEntry> batch) throws ConflictException {
      synchronized (disk) {
        Map<Object, List<HistoryEntry>> after = new HashMap<>();
        for (HistoryEntry entry : batch) {
          HistoryEntry written = written(entry);
          add(
              after.computeIfAbsent(key(entry.room()), room -> new ArrayList<>(past(entry.room()))),
              written);
        }
        disk.rooms.putAll(after);
      }
    }

    final void add(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
      if (entry.number() == past.size() + 1) {
        past.add(entry);
      } else if (entry.number() > past.size()) {
        hole(past, entry);
      } else if (past.get((int) entry.number() - 1).equals(entry)) {
        again(past, entry);
      } else {
        collision(past, entry);
      }
    }

    final List<HistoryEntry> past(RoomId room) {
      return disk.rooms.getOrDefault(key(room), List.of());
    }

    @Override
    public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength) {
      synchronized (disk) {
        List<HistoryEntry> page = new ArrayList<>();
        List<HistoryEntry> past = past(room);
        long length = 0;
        for (int i = past.size() - 1; i >= 0 && page.size() < limit && length <= maxLength; i--) {
          if (past.get(i).number() < before && !disk.erased.contains(past.get(i))) {
            page.add(0, past.get(i));
            length += past.get(i).length();
          }
        }
        return page;
      }
    }

    boolean covers(Erasure what, HistoryEntry entry) {
      return what.covers(entry);
    }

    @Override
    public List<HistoryEntry> erase(RoomId room, Erasure what) {
      synchronized (disk) {
        List<HistoryEntry> step =
            past(room).stream()
                .filter(entry -> !disk.erased.contains(entry) && covers(what, entry))
                .limit(Erasure.STEP)
                .toList();
        disk.erased.addAll(step);
        return step;
      }
    }

    @Override
    public long last(RoomId room) {
      synchronized (disk) {
        return past(room).size();
      }
    }
  }

  static class Rewriting extends Simple {
    final Function<HistoryEntry, Event.Message> message;

    Rewriting(Disk disk, Function<HistoryEntry, Event.Message> message) {
      super(disk);
      this.message = message;
    }

    @Override
    HistoryEntry written(HistoryEntry e) {
      return new HistoryEntry(
          e.room(), e.number(), e.from(), e.nickname(), message.apply(e), e.time(), e.identity());
    }
  }

  static Event.Message text(HistoryEntry entry, Function<String, String> change) {
    return entry.message() instanceof Event.Said said
        ? new Event.Said(change.apply(said.text()))
        : entry.message();
  }

  static class Renaming extends Simple {
    final Function<String, String> name;

    Renaming(Disk disk, Function<String, String> name) {
      super(disk);
      this.name = name;
    }

    @Override
    Object key(RoomId room) {
      return name.apply(room.value());
    }
  }

  record Broken(Function<Disk, HistoryStore> store, String caughtBy) {}

  static Map<String, Broken> broken() {
    Map<String, Broken> all = new LinkedHashMap<>();
    all.put(
        "losesTheLastOfABatch",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public void append(List<HistoryEntry> batch) throws ConflictException {
                    super.append(batch.subList(0, batch.size() - 1));
                  }
                },
            "entriesComeBackAsTheyWere"));
    all.put(
        "sortsNumbersAsTexts",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    page.sort(Comparator.comparing(entry -> Long.toString(entry.number())));
                    return page;
                  }
                },
            "batchesKeepTheirOrder"));
    all.put(
        "givesTheNewestFirst",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    page.sort(Comparator.comparingLong(HistoryEntry::number).reversed());
                    return page;
                  }
                },
            "newestEntriesComeOldestFirst"));
    all.put(
        "givesTheOldestOfAll",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> all = super.read(room, before, Integer.MAX_VALUE, maxLength);
                    return all.subList(0, Math.min(limit, all.size()));
                  }
                },
            "newestEntriesComeOldestFirst"));
    all.put(
        "forgetsWhenClosed",
        new Broken(disk -> new Simple(new Disk()), "everythingIsThereAfterReopening"));
    all.put(
        "takesTheEdgeIntoThePage",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    return super.read(room, Math.max(before, before + 1), limit, maxLength);
                  }
                },
            "pageEndsBelowItsEdge"));
    all.put(
        "ignoresTheLimit",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    return super.read(room, before, Integer.MAX_VALUE, maxLength);
                  }
                },
            "pageHoldsNoMoreThanItsLimit"));
    all.put(
        "ignoresTheLength",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    return super.read(room, before, limit, Long.MAX_VALUE);
                  }
                },
            "pageEndsOnceItsLengthIsPassed"));
    all.put(
        "leavesOutWhatIsTooLong",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    page.removeIf(entry -> entry.length() > maxLength);
                    return page;
                  }
                },
            "pageHoldsOneEntryHoweverLong"));
    all.put(
        "givesNullForNothing",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    return page.isEmpty() ? null : page;
                  }
                },
            "unknownRoomIsEmpty"));
    all.put(
        "mixesRooms",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    RoomId first =
                        disk.rooms.keySet().stream()
                            .map(RoomId.class::cast)
                            .min(Comparator.comparing(RoomId::value))
                            .orElse(room);
                    return super.read(first, before, limit, maxLength);
                  }
                },
            "oneBatchHoldsSeveralRooms"));
    all.put(
        "countsAllRoomsTogether",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public long last(RoomId room) {
                    synchronized (disk) {
                      return disk.rooms.values().stream().mapToLong(List::size).sum();
                    }
                  }
                },
            "lastIsTheHighestNumber"));
    all.put(
        "forgetsWhenTidied",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public boolean tidy() {
                    disk.rooms.clear();
                    return false;
                  }
                },
            "housekeepingLosesNothing"));
    all.put(
        "givesItsOwnList",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    List<HistoryEntry> past = past(room);
                    return page.size() == past.size() ? past : page;
                  }
                },
            "listsBelongToTheCaller"));
    all.put(
        "cutsTextsAt64KiB",
        new Broken(
            disk ->
                new Rewriting(
                    disk, entry -> text(entry, t -> t.substring(0, Math.min(t.length(), 65_535)))),
            "longTextsComeBackWhole"));
    all.put(
        "cutsTextsAtNul",
        new Broken(
            disk -> new Rewriting(disk, entry -> text(entry, t -> t.split("\0", 2)[0])),
            "textsMayHoldAnyUnicode"));
    all.put(
        "knowsNoCharactersBeyondTheFirstPlane",
        new Broken(
            disk ->
                new Rewriting(disk, entry -> text(entry, t -> t.replaceAll("[^\0-\uffff]", "?"))),
            "textsMayHoldAnyUnicode"));
    all.put(
        "trimsTexts",
        new Broken(
            disk -> new Rewriting(disk, entry -> text(entry, String::trim)), "textsAreNotTrimmed"));
    all.put(
        "cutsNames",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  HistoryEntry written(HistoryEntry e) {
                    String name = e.nickname().substring(0, Math.min(100, e.nickname().length()));
                    return new HistoryEntry(
                        e.room(), e.number(), e.from(), name, e.message(), e.time(), e.identity());
                  }
                },
            "namesMayHoldAnyUnicode"));
    all.put(
        "forgetsTheIdentity",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  HistoryEntry written(HistoryEntry e) {
                    return new HistoryEntry(
                        e.room(), e.number(), e.from(), e.nickname(), e.message(), e.time());
                  }
                },
            "identityIsKept"));
    all.put(
        "takesAllBlobsForFiles",
        new Broken(
            disk ->
                new Rewriting(
                    disk,
                    entry ->
                        entry.message() instanceof Event.Shared shared
                            ? new Event.Shared(BlobKind.FILE, shared.blob())
                            : entry.message()),
            "blobsOfEveryKindComeBack"));
    all.put(
        "keepsSecondsOnly",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  HistoryEntry written(HistoryEntry e) {
                    Instant time = e.time().truncatedTo(ChronoUnit.SECONDS);
                    return new HistoryEntry(
                        e.room(),
                        e.number(),
                        e.from(),
                        e.nickname(),
                        e.message(),
                        time,
                        e.identity());
                  }
                },
            "timeIsKeptToTheMillisecond"));
    all.put(
        "ignoresTheCaseOfRooms",
        new Broken(
            disk -> new Renaming(disk, name -> name.toLowerCase(Locale.ROOT)),
            "roomsThatDifferInCaseStayApart"));
    all.put(
        "ignoresAccentsOfRooms",
        new Broken(
            disk ->
                new Renaming(
                    disk,
                    name ->
                        Normalizer.normalize(name, Normalizer.Form.NFD).replaceAll("\\p{M}", "")),
            "roomsThatDifferInAccentsStayApart"));
    all.put(
        "ignoresBlanksBehindRooms",
        new Broken(
            disk -> new Renaming(disk, String::stripTrailing), "roomsThatDifferInBlanksStayApart"));
    all.put(
        "normalisesRooms",
        new Broken(
            disk -> new Renaming(disk, name -> Normalizer.normalize(name, Normalizer.Form.NFC)),
            "roomsThatDifferInFormStayApart"));
    all.put(
        "takesRoomsForPatterns",
        new Broken(
            disk -> new Renaming(disk, name -> name.startsWith("%") ? "a" : name),
            "roomNamesAreNoPatterns"));
    all.put(
        "cutsRooms",
        new Broken(
            disk -> new Renaming(disk, name -> name.substring(0, Math.min(127, name.length()))),
            "roomsMayHaveLongNames"));
    all.put(
        "acceptsHoles",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void hole(List<HistoryEntry> past, HistoryEntry entry) {
                    past.add(entry);
                  }
                },
            "holeIsRefused"));
    all.put(
        "beginsAnywhere",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void hole(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
                    if (!past.isEmpty()) {
                      super.hole(past, entry);
                    }
                    past.add(entry);
                  }
                },
            "firstNumberIsOne"));
    all.put(
        "looksForHolesBetweenBatchesOnly",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void hole(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
                    if (past.size() <= past(entry.room()).size()) {
                      super.hole(past, entry);
                    }
                    past.add(entry);
                  }
                },
            "holeWithinABatchIsRefused"));
    all.put(
        "keepsTheFirstOfTwo",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void collision(List<HistoryEntry> past, HistoryEntry entry) {}
                },
            "otherEntryOfAUsedNumberIsRefused"));
    all.put(
        "keepsTheSecondOfTwo",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void collision(List<HistoryEntry> past, HistoryEntry entry) {
                    past.set((int) entry.number() - 1, entry);
                  }
                },
            "secondWriterIsRefused"));
    all.put(
        "keepsWhatComesAgainTwice",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void again(List<HistoryEntry> past, HistoryEntry entry) {
                    past.add(entry);
                  }
                },
            "sameBatchAgainIsKeptOnce"));
    all.put(
        "refusesWhatComesAgain",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void again(List<HistoryEntry> past, HistoryEntry entry) throws ConflictException {
                    collision(past, entry);
                  }
                },
            "repeatAfterReopeningIsKeptOnce"));
    all.put(
        "takesABatchForKnownByItsFirstEntry",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public void append(List<HistoryEntry> batch) throws ConflictException {
                    if (batch.get(0).number() > last(batch.get(0).room())) {
                      super.append(batch);
                    }
                  }
                },
            "repeatAddsOnlyWhatIsNew"));
    all.put(
        "keepsHalfABatchOnConflict",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public void append(List<HistoryEntry> batch) throws ConflictException {
                    for (HistoryEntry entry : batch) {
                      super.append(List.of(entry));
                    }
                  }
                },
            "nothingOfARefusedBatchIsKept"));
    all.put(
        "countsFromOneAfterReopening",
        new Broken(
            disk ->
                new Simple(disk) {
                  boolean hasAppended;

                  @Override
                  public void append(List<HistoryEntry> batch) throws ConflictException {
                    hasAppended = true;
                    super.append(batch);
                  }

                  @Override
                  public long last(RoomId room) {
                    return hasAppended ? super.last(room) : 0;
                  }
                },
            "numbersGoOnAfterReopening"));
    all.put(
        "tellsANumberBeforeItCanBeRead",
        new Broken(
            disk ->
                new Simple(disk) {
                  volatile long told;

                  @Override
                  public void append(List<HistoryEntry> batch) throws ConflictException {
                    told = batch.get(batch.size() - 1).number();
                    LockSupport.parkNanos(1_000_000);
                    super.append(batch);
                    told = 0;
                  }

                  @Override
                  public long last(RoomId room) {
                    return Math.max(told, super.last(room));
                  }
                },
            "readsRunBesideAppends"));
    all.putAll(brokenErasers());
    return all;
  }

  /** Stores that erase in a wrong way. */
  static Map<String, Broken> brokenErasers() {
    Map<String, Broken> all = new LinkedHashMap<>();
    all.put(
        "erasesNothing",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> erase(RoomId room, Erasure what) {
                    return List.of();
                  }
                },
            "erasedEntryIsGone"));
    all.put(
        "saysOnlyThatItErases",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    disk.erased.clear();
                    return super.read(room, before, limit, maxLength);
                  }
                },
            "erasedEntryIsGone"));
    all.put(
        "cannotEraseWhatIsThere",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> erase(RoomId room, Erasure what) {
                    List<HistoryEntry> step = super.erase(room, what);
                    if (!step.isEmpty()) {
                      throw new UnsupportedOperationException();
                    }
                    return step;
                  }
                },
            "erasedEntryIsGone"));
    all.put(
        "erasesInAllRooms",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> erase(RoomId room, Erasure what) {
                    disk.rooms.values().stream()
                        .flatMap(List::stream)
                        .filter(entry -> !entry.room().equals(room) && what.covers(entry))
                        .forEach(disk.erased::add);
                    return super.erase(room, what);
                  }
                },
            "erasingStaysInItsRoom"));
    all.put(
        "erasesUpToTheNumber",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  boolean covers(Erasure what, HistoryEntry entry) {
                    return new Erasure(1, what.last(), what.sender(), what.identity())
                        .covers(entry);
                  }
                },
            "erasingStaysInItsNumbers"));
    all.put(
        "ignoresTheCaseOfSenders",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  boolean covers(Erasure what, HistoryEntry entry) {
                    return what.sender() == null
                        ? what.covers(entry)
                        : entry.from().value().equalsIgnoreCase(what.sender().value());
                  }
                },
            "oneSenderIsErased"));
    all.put(
        "ignoresTheIdentity",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  boolean covers(Erasure what, HistoryEntry entry) {
                    return new Erasure(what.first(), what.last(), what.sender(), null)
                        .covers(entry);
                  }
                },
            "oneIdentityIsErased"));
    all.put(
        "erasesAllAtOnce",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> erase(RoomId room, Erasure what) {
                    List<HistoryEntry> all = new ArrayList<>();
                    List<HistoryEntry> step;
                    do {
                      step = super.erase(room, what);
                      all.addAll(step);
                    } while (!step.isEmpty());
                    return all;
                  }
                },
            "erasingGoesInSteps"));
    all.put(
        "erasesOneStepOnly",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> erase(RoomId room, Erasure what) {
                    return disk.erased.isEmpty() ? super.erase(room, what) : List.of();
                  }
                },
            "erasingGoesInSteps"));
    all.put(
        "countsWhatIsLeft",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public long last(RoomId room) {
                    List<HistoryEntry> newest = read(room, Long.MAX_VALUE, 1, Long.MAX_VALUE);
                    return newest.isEmpty() ? 0 : newest.get(0).number();
                  }
                },
            "erasingLowersNoNumber"));
    all.put(
        "countsHolesAsEntriesOfAPage",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public List<HistoryEntry> read(
                      RoomId room, long before, int limit, long maxLength) {
                    long end = Math.min(before, last(room) + 1);
                    List<HistoryEntry> page = super.read(room, before, limit, maxLength);
                    page.removeIf(entry -> entry.number() < end - limit);
                    return page;
                  }
                },
            "pagesOverHolesAreFull"));
    all.put(
        "keepsAgainWhatWasErased",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  void again(List<HistoryEntry> past, HistoryEntry entry) {
                    disk.erased.remove(entry);
                  }
                },
            "erasedDoesNotComeAgain"));
    all.put(
        "erasesInMemoryOnly",
        new Broken(
            disk ->
                new Simple(disk) {
                  {
                    disk.erased.clear();
                  }
                },
            "erasedIsGoneAfterReopening"));
    all.put(
        "countsAnErasedRoomFromOneAfterReopening",
        new Broken(
            disk ->
                new Simple(disk) {
                  {
                    disk.rooms.values().removeIf(disk.erased::containsAll);
                  }
                },
            "erasedIsGoneAfterReopening"));
    all.put(
        "beginsARoomWithItsRetention",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public void retain(RoomId room, Retention retention) {
                    disk.rooms.put(room, new ArrayList<>());
                  }
                },
            "retentionOfARoomIsAccepted"));
    return all;
  }

  /** For each broken store, the checks that it fails. */
  static final Map<String, List<String>> CAUGHT = new LinkedHashMap<>();

  @BeforeAll
  static void runAllChecks() {
    broken().forEach((name, broken) -> CAUGHT.put(name, failures(broken.store())));
  }

  static List<String> failures(Function<Disk, HistoryStore> store) {
    return HistoryStoreContract.checks(
            () -> {
              Disk disk = new Disk();
              return () -> store.apply(disk);
            })
        .filter(BrokenHistoryStoresTest::fails)
        .map(Check::name)
        .toList();
  }

  static boolean fails(Check check) {
    try {
      check.run();
      return false;
    } catch (Exception | AssertionError failure) {
      return true;
    }
  }

  @Test
  void simpleStoreThatIsNotBrokenPasses() {
    assertThat(failures(Simple::new)).isEmpty();
  }

  @Test
  void storeThatCannotEraseAtAllPasses() {
    assertThat(
            failures(
                disk ->
                    new Simple(disk) {
                      @Override
                      public List<HistoryEntry> erase(RoomId room, Erasure what) {
                        throw new UnsupportedOperationException();
                      }
                    }))
        .isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> brokenStoreIsCaught() {
    return broken().entrySet().stream()
        .map(
            each ->
                dynamicTest(
                    each.getKey(),
                    () ->
                        assertThat(CAUGHT.get(each.getKey()))
                            .as("checks that catch a store that " + each.getKey())
                            .contains(each.getValue().caughtBy())));
  }

  /** No check is idle: each is failed by some broken store. */
  @Test
  void everyCheckCatchesSomething() {
    Set<String> catching = new TreeSet<>();
    CAUGHT.values().forEach(catching::addAll);

    assertThat(catching)
        .containsExactlyInAnyOrderElementsOf(
            HistoryStoreContract.checks(() -> () -> null).map(Check::name).toList());
  }
}
