package im.xpro.xnest.testkit;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every {@link BlobStore} has to keep to, as checks for any test framework; see {@link
 * HistoryStoreContract} for how to run them.
 *
 * <p>A store with limits has to be set to hold at least 32 MiB. Any thread.
 */
public final class BlobStoreContract {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final RoomId GARDEN = new RoomId("garden");
  private static final String ID = "AbCdEfGhIjKlMnOpQrStUv_-0123456789abcdef";
  private static final String OTHER_ID = "0123456789abcdefAbCdEfGhIjKlMnOpQrStUv_-";

  /** What stands in URLs of people who try things. */
  private static final List<String> HOSTILE_IDS =
      List.of(
          "",
          " ",
          ".",
          "..",
          "../x",
          "../" + ID,
          "../../../../../../etc/passwd",
          "/etc/passwd",
          "a/b",
          "a\\b",
          "..\\x",
          "%2e%2e%2f" + ID,
          "\0",
          ID + "\0",
          ID + "/",
          ID + "/.",
          "./" + ID,
          " " + ID,
          ID + " ",
          ID + "\n",
          "*",
          "?",
          "%",
          "_",
          "' OR 1=1 --",
          "C:",
          "NUL",
          "\ud83d\ude00",
          "\ud83d",
          "x".repeat(300),
          "x".repeat(100_000));

  /** In the order in which they are told. */
  private static final Map<String, Place.Rule<BlobStore>> RULES = new LinkedHashMap<>();

  static {
    RULES.put("blobComesBackAsItWas", BlobStoreContract::blobComesBackAsItWas);
    RULES.put("blobsOfEveryKindComeBack", BlobStoreContract::blobsOfEveryKindComeBack);
    RULES.put("smallestBlobComesBack", place -> comesBack(place, 1));
    RULES.put("largeBlobComesBack", place -> comesBack(place, 8 << 20));
    RULES.put("rangesStartAnywhere", BlobStoreContract::rangesStartAnywhere);
    RULES.put("streamsAreIndependent", BlobStoreContract::streamsAreIndependent);
    RULES.put("passingBlobIsThereAtFirst", BlobStoreContract::passingBlobIsThereAtFirst);

    RULES.put("onlyFromPositionToLimitIsStored", BlobStoreContract::onlyFromPositionToLimit);
    RULES.put("buffersOfEverySortAreStored", BlobStoreContract::buffersOfEverySortAreStored);
    RULES.put("callersBufferStaysTheCallers", BlobStoreContract::callersBufferStaysTheCallers);

    RULES.put("unknownBlobIsNull", BlobStoreContract::unknownBlobIsNull);
    RULES.put("hostileIdsFindNothing", BlobStoreContract::hostileIdsFindNothing);
    RULES.put("hostileIdsRemoveNothing", BlobStoreContract::hostileIdsRemoveNothing);
    RULES.put("sameIdInTwoRoomsStaysApart", BlobStoreContract::sameIdInTwoRoomsStaysApart);
    RULES.put("roomsWithLikeNamesStayApart", BlobStoreContract::roomsWithLikeNamesStayApart);

    RULES.put("removedBlobIsGone", BlobStoreContract::removedBlobIsGone);
    RULES.put("removedBlobStaysGone", BlobStoreContract::removedBlobStaysGone);
    RULES.put("blobsAreThereAfterReopening", BlobStoreContract::blobsAreThereAfterReopening);
    RULES.put("everythingRunsSideBySide", BlobStoreContract::everythingRunsSideBySide);
  }

  private BlobStoreContract() {}

  /**
   * All checks, each with a name of its own.
   *
   * @param freshPlace makes a new, empty place for data, once in each check; what it returns opens
   *     a store there, again and again on the same data, one at a time. A store that keeps nothing
   *     beyond its own life is opened once and returned each time. Places and stores that are
   *     {@link AutoCloseable} are closed
   */
  public static Stream<Check> checks(Callable<? extends Callable<? extends BlobStore>> freshPlace) {
    return RULES.entrySet().stream()
        .map(rule -> Place.check(rule.getKey(), freshPlace, rule.getValue()));
  }

  // ---- contents ----

  private static void blobComesBackAsItWas(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] content = new byte[256];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) i;
    }

    store.put(LOBBY, ID, BlobKind.PICTURE, true, ByteBuffer.wrap(content));

    expect("the blob", BlobKind.PICTURE, content, store.get(LOBBY, ID));
  }

  private static void blobsOfEveryKindComeBack(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    for (BlobKind kind : BlobKind.values()) {
      store.put(LOBBY, ID + kind, kind, true, ByteBuffer.wrap(bytes(10, kind.ordinal())));
    }

    for (BlobKind kind : BlobKind.values()) {
      expect("the " + kind, kind, bytes(10, kind.ordinal()), store.get(LOBBY, ID + kind));
    }
  }

  private static void comesBack(Place<BlobStore> place, int size) throws Exception {
    BlobStore store = place.open();

    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(size, 1)));

    expect("the blob", BlobKind.FILE, bytes(size, 1), store.get(LOBBY, ID));
  }

  private static void rangesStartAnywhere(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] content = bytes(100_000, 2);
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(content));
    Blob blob = found(store, LOBBY, ID);

    for (int offset : new int[] {0, 1, 15, 16, 4_096, 65_536, 99_999, 100_000}) {
      byte[] expected = Arrays.copyOfRange(content, offset, content.length);
      same("the bytes from " + offset + " on", expected, read(blob, offset));
    }
    try (InputStream stream = blob.open(99_998)) {
      Expect.equal("the last but one byte", content[99_998] & 0xff, stream.read());
      Expect.equal("the last byte", content[99_999] & 0xff, stream.read());
      Expect.equal("what comes behind the last byte", -1, stream.read());
    }
  }

  private static void streamsAreIndependent(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] content = bytes(1_000, 3);
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(content));
    Blob blob = found(store, LOBBY, ID);

    try (InputStream one = blob.open(0)) {
      same("the first 100 bytes", Arrays.copyOf(content, 100), one.readNBytes(100));
      try (InputStream other = blob.open(500)) {
        same("the second half", Arrays.copyOfRange(content, 500, 1_000), other.readAllBytes());
      }
      same("the rest", Arrays.copyOfRange(content, 100, 1_000), one.readAllBytes());
    }
    same("the blob, read again", content, read(blob, 0));
  }

  private static void passingBlobIsThereAtFirst(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.AUDIO, false, ByteBuffer.wrap(bytes(10, 1)));
    store.put(LOBBY, OTHER_ID, BlobKind.AUDIO, true, ByteBuffer.wrap(bytes(10, 2)));

    for (int step = 0; store.tidy(); step++) {
      Expect.that(step < 10_000, "housekeeping should end, but there is always more to do");
    }

    expect("the passing blob", BlobKind.AUDIO, bytes(10, 1), store.get(LOBBY, ID));
    expect("the kept blob", BlobKind.AUDIO, bytes(10, 2), store.get(LOBBY, OTHER_ID));
    store.remove(LOBBY, ID);
    Expect.equal("the passing blob, removed", null, store.get(LOBBY, ID));
  }

  // ---- buffers ----

  private static void onlyFromPositionToLimit(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] all = bytes(100, 4);

    ByteBuffer content = ByteBuffer.wrap(all).position(10).limit(90);
    store.put(LOBBY, ID, BlobKind.FILE, true, content);

    expect("bytes 10 to 89", BlobKind.FILE, Arrays.copyOfRange(all, 10, 90), store.get(LOBBY, ID));
    Expect.equal("the buffer's position", 10, content.position());
    Expect.equal("the buffer's limit", 90, content.limit());
  }

  private static void buffersOfEverySortAreStored(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] content = bytes(1_000, 5);
    ByteBuffer direct = ByteBuffer.allocateDirect(1_000).put(content).flip();
    byte[] larger = new byte[1_020];
    System.arraycopy(content, 0, larger, 7, 1_000);
    Map<String, ByteBuffer> buffers =
        Map.of(
            "direct", direct,
            "read-only", ByteBuffer.wrap(content).asReadOnlyBuffer(),
            "read-only-direct", direct.asReadOnlyBuffer(),
            "slice", ByteBuffer.wrap(larger, 7, 1_000).slice());

    for (Map.Entry<String, ByteBuffer> buffer : buffers.entrySet()) {
      store.put(LOBBY, ID + buffer.getKey(), BlobKind.FILE, true, buffer.getValue());
      expect(
          "what was put from a " + buffer.getKey() + " buffer",
          BlobKind.FILE,
          content,
          store.get(LOBBY, ID + buffer.getKey()));
    }
  }

  private static void callersBufferStaysTheCallers(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    byte[] content = bytes(1_000, 6);
    byte[] before = content.clone();

    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(content));
    same("the caller's array", before, content);
    Arrays.fill(content, (byte) 0);

    expect("the blob", BlobKind.FILE, before, store.get(LOBBY, ID));
  }

  // ---- names ----

  private static void unknownBlobIsNull(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    Expect.equal("a blob of an empty store", null, store.get(LOBBY, ID));

    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 1)));

    Expect.equal("an unknown id", null, store.get(LOBBY, OTHER_ID));
    Expect.equal("the beginning of an id", null, store.get(LOBBY, ID.substring(0, 10)));
    Expect.equal("an unknown room", null, store.get(GARDEN, ID));
    store.remove(LOBBY, OTHER_ID);
    store.remove(GARDEN, ID);
    expect("the blob", BlobKind.FILE, bytes(10, 1), store.get(LOBBY, ID));
  }

  private static void hostileIdsFindNothing(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 1)));

    for (String id : HOSTILE_IDS) {
      Expect.equal("the blob '" + shortened(id) + "'", null, store.get(LOBBY, id));
    }
  }

  private static void hostileIdsRemoveNothing(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 1)));

    for (String id : HOSTILE_IDS) {
      store.remove(LOBBY, id);
      expect(
          "the blob once '" + shortened(id) + "' was removed",
          BlobKind.FILE,
          bytes(10, 1),
          store.get(LOBBY, ID));
    }
    store.put(LOBBY, OTHER_ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 2)));
    expect("a new blob", BlobKind.FILE, bytes(10, 2), store.get(LOBBY, OTHER_ID));
  }

  private static String shortened(String id) {
    return id.length() > 50 ? id.substring(0, 50) + "…" : id;
  }

  private static void sameIdInTwoRoomsStaysApart(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.PICTURE, true, ByteBuffer.wrap(bytes(10, 1)));
    store.put(GARDEN, ID, BlobKind.AUDIO, true, ByteBuffer.wrap(bytes(20, 2)));

    expect("the lobby's", BlobKind.PICTURE, bytes(10, 1), store.get(LOBBY, ID));
    expect("the garden's", BlobKind.AUDIO, bytes(20, 2), store.get(GARDEN, ID));

    store.remove(LOBBY, ID);
    Expect.equal("the lobby's, removed", null, store.get(LOBBY, ID));
    expect("the garden's then", BlobKind.AUDIO, bytes(20, 2), store.get(GARDEN, ID));
  }

  private static void roomsWithLikeNamesStayApart(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    List<RoomId> rooms =
        Stream.of(
                "lobby",
                "Lobby",
                "lobby ",
                "l\u00f6bby",
                "lo\u0308bby",
                "...",
                "..\\lobby",
                "~",
                "C:",
                "NUL",
                "%2e",
                "\ud83d\ude00".repeat(128),
                "\ud83d\ude00".repeat(127) + "\ud83d\ude01")
            .map(RoomId::new)
            .toList();

    for (int i = 0; i < rooms.size(); i++) {
      Expect.equal("'" + rooms.get(i) + "', still empty", null, store.get(rooms.get(i), ID));
      store.put(rooms.get(i), ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, i)));
    }

    for (int i = 0; i < rooms.size(); i++) {
      expect("'" + rooms.get(i) + "'", BlobKind.FILE, bytes(10, i), store.get(rooms.get(i), ID));
    }
  }

  // ---- removing, opening again, threads ----

  private static void removedBlobIsGone(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 1)));
    store.put(LOBBY, OTHER_ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 2)));

    store.remove(LOBBY, ID);
    store.remove(LOBBY, ID);

    Expect.equal("the removed blob", null, store.get(LOBBY, ID));
    expect("the other", BlobKind.FILE, bytes(10, 2), store.get(LOBBY, OTHER_ID));
  }

  private static void removedBlobStaysGone(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.FILE, true, ByteBuffer.wrap(bytes(10, 1)));
    store.put(LOBBY, OTHER_ID, BlobKind.FILE, false, ByteBuffer.wrap(bytes(10, 2)));
    store.remove(LOBBY, ID);
    store.remove(LOBBY, OTHER_ID);
    store.tidy();

    BlobStore again = place.reopen();

    Expect.equal("the removed blob", null, again.get(LOBBY, ID));
    Expect.equal("the removed passing blob", null, again.get(LOBBY, OTHER_ID));
  }

  private static void blobsAreThereAfterReopening(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    store.put(LOBBY, ID, BlobKind.PICTURE, true, ByteBuffer.wrap(bytes(100_000, 1)));
    store.put(GARDEN, ID, BlobKind.AUDIO, true, ByteBuffer.wrap(bytes(1, 2)));

    BlobStore again = place.reopen();

    expect("the lobby's", BlobKind.PICTURE, bytes(100_000, 1), again.get(LOBBY, ID));
    expect("the garden's", BlobKind.AUDIO, bytes(1, 2), again.get(GARDEN, ID));
    again.remove(LOBBY, ID);
    Expect.equal("the lobby's, removed", null, again.get(LOBBY, ID));
  }

  /** The threads share their ids, each in a room of its own, and one room with ids of their own. */
  private static void everythingRunsSideBySide(Place<BlobStore> place) throws Exception {
    BlobStore store = place.open();
    RoomId shared = new RoomId("shared");
    List<Check.Body> threads = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int seed = thread;
      RoomId own = new RoomId("room " + thread);
      threads.add(
          () -> {
            for (int i = 0; i < 20; i++) {
              byte[] content = bytes(1_000 + 997 * i, seed);
              store.put(own, ID + i, BlobKind.FILE, i % 2 == 0, ByteBuffer.wrap(content));
              store.put(shared, ID + seed + "-" + i, BlobKind.FILE, true, ByteBuffer.wrap(content));
              expect("an own blob", BlobKind.FILE, content, store.get(own, ID + i));
              if (i % 3 == 0) {
                store.remove(own, ID + i);
                Expect.equal("an own blob, removed", null, store.get(own, ID + i));
              }
              store.tidy();
            }
          });
    }

    Expect.together(threads);

    for (int seed = 0; seed < 4; seed++) {
      for (int i = 0; i < 20; i++) {
        byte[] content = bytes(1_000 + 997 * i, seed);
        expect("a blob", BlobKind.FILE, content, store.get(shared, ID + seed + "-" + i));
      }
    }
  }

  // ---- samples ----

  private static byte[] bytes(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Blob found(BlobStore store, RoomId room, String id) throws IOException {
    Blob blob = store.get(room, id);
    if (blob == null) {
      throw new AssertionError("blob " + id + " of " + room + " should be there, but is null");
    }
    return blob;
  }

  private static void expect(String what, BlobKind kind, byte[] content, @Nullable Blob blob)
      throws IOException {
    if (blob == null) {
      throw new AssertionError(what + " should be there, but is null");
    }
    Expect.equal("the kind of " + what, kind, blob.kind());
    Expect.equal("the size of " + what, (long) content.length, blob.size());
    same(what, content, read(blob, 0));
  }

  private static byte[] read(Blob blob, long offset) throws IOException {
    try (InputStream stream = blob.open(offset)) {
      return stream.readAllBytes();
    }
  }

  private static void same(String what, byte[] expected, byte[] actual) {
    Expect.equal("the length of " + what, expected.length, actual.length);
    int at = Arrays.mismatch(expected, actual);
    Expect.that(at < 0, what + " should be the same, but differs at byte " + at);
  }
}
