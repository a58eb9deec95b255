package im.xpro.xnest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The contract is worth what it catches. */
class BrokenBlobStoresTest {
  /** What outlives a store. */
  static final class Disk {
    final Map<Object, Blob> blobs = new ConcurrentHashMap<>();
  }

  record Bytes(BlobKind kind, byte[] content) implements Blob {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public InputStream open(long offset) {
      return new ByteArrayInputStream(content, (int) offset, content.length - (int) offset);
    }
  }

  /** Correct and simple; others break a part of it. */
  static class Simple implements BlobStore {
    final Disk disk;

    Simple(Disk disk) {
      this.disk = disk;
    }

    Object key(RoomId room, String id) {
      return List.of(room, id);
    }

    byte[] bytes(ByteBuffer content) {
      byte[] bytes = new byte[content.remaining()];
      content.duplicate().get(bytes);
      return bytes;
    }

    Blob blob(BlobKind kind, byte[] content) {
      return new Bytes(kind, content);
    }

    @Override
    public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
        throws IOException {
      disk.blobs.put(key(room, id), blob(kind, bytes(content)));
    }

    @Override
    public @Nullable Blob get(RoomId room, String id) throws IOException {
      return disk.blobs.get(key(room, id));
    }

    @Override
    public void remove(RoomId room, String id) throws IOException {
      disk.blobs.remove(key(room, id));
    }
  }

  record Broken(Function<Disk, BlobStore> store, String caughtBy) {}

  static Map<String, Broken> broken() {
    Map<String, Broken> all = new LinkedHashMap<>();
    all.put(
        "ignoresTheOffset",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Blob blob(BlobKind kind, byte[] content) {
                    return new Blob() {
                      @Override
                      public BlobKind kind() {
                        return kind;
                      }

                      @Override
                      public long size() {
                        return content.length;
                      }

                      @Override
                      public InputStream open(long offset) {
                        return new ByteArrayInputStream(content);
                      }
                    };
                  }
                },
            "rangesStartAnywhere"));
    all.put(
        "hasOneStreamForAll",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Blob blob(BlobKind kind, byte[] content) {
                    ByteArrayInputStream stream = new ByteArrayInputStream(content);
                    return new Blob() {
                      @Override
                      public BlobKind kind() {
                        return kind;
                      }

                      @Override
                      public long size() {
                        return content.length;
                      }

                      @Override
                      public InputStream open(long offset) {
                        stream.reset();
                        stream.skip(offset);
                        return stream;
                      }
                    };
                  }
                },
            "streamsAreIndependent"));
    all.put(
        "forgetsTheKind",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Blob blob(BlobKind kind, byte[] content) {
                    return super.blob(BlobKind.FILE, content);
                  }
                },
            "blobsOfEveryKindComeBack"));
    all.put(
        "cutsAtOneMegabyte",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    ByteBuffer cut = content.duplicate();
                    cut.limit(content.position() + Math.min(content.remaining(), 1_000_000));
                    return super.bytes(cut);
                  }
                },
            "largeBlobComesBack"));
    all.put(
        "needsTwoBytes",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    byte[] bytes = super.bytes(content);
                    return bytes.length < 2 ? new byte[0] : bytes;
                  }
                },
            "smallestBlobComesBack"));
    all.put(
        "forgetsPassingBlobsWhenTidied",
        new Broken(
            disk ->
                new Simple(disk) {
                  final List<Object> passing = new CopyOnWriteArrayList<>();

                  @Override
                  public void put(
                      RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
                      throws IOException {
                    super.put(room, id, kind, isKept, content);
                    if (!isKept) {
                      passing.add(key(room, id));
                    }
                  }

                  @Override
                  public boolean tidy() {
                    passing.forEach(disk.blobs::remove);
                    return false;
                  }
                },
            "passingBlobIsThereAtFirst"));
    all.put(
        "keepsTheCallersArray",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    return content.hasArray() && content.remaining() == content.array().length
                        ? content.array()
                        : super.bytes(content);
                  }
                },
            "callersBufferStaysTheCallers"));
    all.put(
        "storesTheWholeArray",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    return content.hasArray() ? content.array().clone() : super.bytes(content);
                  }
                },
            "onlyFromPositionToLimitIsStored"));
    all.put(
        "consumesTheBuffer",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    byte[] bytes = new byte[content.remaining()];
                    content.get(bytes);
                    return bytes;
                  }
                },
            "onlyFromPositionToLimitIsStored"));
    all.put(
        "needsAnArray",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  byte[] bytes(ByteBuffer content) {
                    int from = content.arrayOffset() + content.position();
                    return Arrays.copyOfRange(content.array(), from, from + content.remaining());
                  }
                },
            "buffersOfEverySortAreStored"));
    all.put(
        "givesAnEmptyBlobForNone",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public @Nullable Blob get(RoomId room, String id) throws IOException {
                    Blob found = super.get(room, id);
                    return found == null ? new Bytes(BlobKind.FILE, new byte[0]) : found;
                  }
                },
            "unknownBlobIsNull"));
    all.put(
        "takesIdsForPaths",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Object key(RoomId room, String id) {
                    return List.of(room, Path.of("/").resolve(id.replace("\0", "")).normalize());
                  }
                },
            "hostileIdsRemoveNothing"));
    all.put(
        "failsOnIdsThatAreNoPaths",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Object key(RoomId room, String id) {
                    return List.of(room, Path.of(id));
                  }
                },
            "hostileIdsFindNothing"));
    all.put(
        "ignoresTheRoom",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Object key(RoomId room, String id) {
                    return id;
                  }
                },
            "sameIdInTwoRoomsStaysApart"));
    all.put(
        "ignoresTheCaseOfRooms",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  Object key(RoomId room, String id) {
                    return List.of(room.value().toLowerCase(Locale.ROOT), id);
                  }
                },
            "roomsWithLikeNamesStayApart"));
    all.put(
        "removesNothing",
        new Broken(
            disk ->
                new Simple(disk) {
                  @Override
                  public void remove(RoomId room, String id) {}
                },
            "removedBlobIsGone"));
    all.put(
        "bringsRemovedBlobsBack",
        new Broken(
            disk ->
                new Simple(disk) {
                  final Map<Object, Boolean> removed = new ConcurrentHashMap<>();

                  @Override
                  public @Nullable Blob get(RoomId room, String id) throws IOException {
                    return removed.containsKey(key(room, id)) ? null : super.get(room, id);
                  }

                  @Override
                  public void remove(RoomId room, String id) {
                    removed.put(key(room, id), true);
                  }
                },
            "removedBlobStaysGone"));
    all.put(
        "forgetsWhenClosed",
        new Broken(disk -> new Simple(new Disk()), "blobsAreThereAfterReopening"));
    all.put(
        "writesAllThroughOneBuffer",
        new Broken(
            disk ->
                new Simple(disk) {
                  final byte[] buffer = new byte[8 << 20];

                  @Override
                  byte[] bytes(ByteBuffer content) {
                    int size = content.remaining();
                    for (int i = 0; i < size; i++) {
                      buffer[i] = content.get(content.position() + i);
                    }
                    LockSupport.parkNanos(1_000_000);
                    return Arrays.copyOf(buffer, size);
                  }
                },
            "everythingRunsSideBySide"));
    return all;
  }

  /** For each broken store, the checks that it fails. */
  static final Map<String, List<String>> CAUGHT = new LinkedHashMap<>();

  @BeforeAll
  static void runAllChecks() {
    broken().forEach((name, broken) -> CAUGHT.put(name, failures(broken.store())));
  }

  static List<String> failures(Function<Disk, BlobStore> store) {
    return BlobStoreContract.checks(
            () -> {
              Disk disk = new Disk();
              return () -> store.apply(disk);
            })
        .filter(BrokenHistoryStoresTest::fails)
        .map(Check::name)
        .toList();
  }

  @Test
  void simpleStoreThatIsNotBrokenPasses() {
    assertThat(failures(Simple::new)).isEmpty();
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
            BlobStoreContract.checks(() -> () -> null).map(Check::name).toList());
  }
}
