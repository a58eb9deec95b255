package im.xpro.xnest.blob;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blobs as files below one folder. Blocks; any thread, but one process at a time.
 *
 * <pre>
 *   incoming/{id}.{count}              being written; removed at the next start
 *   kept/{ro}/{room}/{id}              a blob; {room} is a hash of the room's id, {ro} its beginning
 *   passing/{ro}/{room}/{id}           one whose message is not kept: lives an hour
 * </pre>
 *
 * <p>A file holds 16 bytes (the mark {@code xnB2}, the kind, three zeros, the length, a CRC-32C of
 * all this and the content) and then the content. It is written aside, forced to disk and moved
 * into place, so a blob is there whole or not at all, after a power cut too. Each {@link #get}
 * reads and checks the whole file: 8 MiB take a few milliseconds. Beyond the limits, the oldest go
 * first.
 */
public final class FileBlobStore implements BlobStore {
  private static final int MARK = 0x786E4232;
  private static final int HEADER_BYTES = 16;

  /** Of the header, those that the checksum covers: all but itself. */
  private static final int CHECKED_BYTES = 12;

  private static final int BYTES_PER_READ = 1 << 16;

  /**
   * What a file takes of the limit at least: a block of the disk, so that their number is bounded.
   */
  private static final long BLOCK_BYTES = 4096;

  private static final int FILES_PER_STEP = 100;
  private static final Duration PASSING_LIFE = Duration.ofHours(1);
  private static final Pattern SAFE_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private final AtomicLong writes = new AtomicLong();
  private final Path incoming;
  private final Shelf kept;
  private final Shelf passing;
  private final long maxBytes;
  private final InstantSource clock;

  private FileBlobStore(Path folder, long maxBytes, Duration maxAge, InstantSource clock)
      throws IOException {
    this.maxBytes = maxBytes;
    this.clock = clock;
    incoming = Files.createDirectories(folder.resolve("incoming"));
    kept = new Shelf(Files.createDirectories(folder.resolve("kept")), maxAge);
    passing = new Shelf(Files.createDirectories(folder.resolve("passing")), PASSING_LIFE);
    force(folder);
    forceAbove(folder.toRealPath());
  }

  /**
   * The name of a file is kept by its folder, which has to reach the disk too. Where there is no
   * POSIX, as on Windows, a folder cannot be opened.
   */
  private static void force(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Those above are perhaps new too; the first that this process may not open is older. */
  private static void forceAbove(Path folder) {
    try {
      for (Path each = folder.getParent(); each != null; each = each.getParent()) {
        force(each);
      }
    } catch (IOException notOurs) {
      return;
    }
  }

  /**
   * Opens the store in {@code folder}, which is made if it is not there; removes what was left half
   * written.
   *
   * @param maxBytes of all blobs together; each counts 4 KiB at least
   * @param maxAge after which a blob goes, null for never
   * @throws IOException if the folder cannot be read or written
   */
  public static FileBlobStore in(Path folder, long maxBytes, @Nullable Duration maxAge)
      throws IOException {
    Objects.requireNonNull(folder, "folder");
    return in(folder, maxBytes, maxAge, InstantSource.system());
  }

  static FileBlobStore in(
      Path folder, long maxBytes, @Nullable Duration maxAge, InstantSource clock)
      throws IOException {
    Duration age = maxAge == null ? Duration.ofSeconds(Long.MAX_VALUE) : maxAge;
    FileBlobStore store = new FileBlobStore(folder, maxBytes, age, clock);
    try (Stream<Path> halfWritten = Files.list(store.incoming)) {
      for (Path file : halfWritten.toList()) {
        Files.delete(file);
      }
    }
    Instant now = clock.instant();
    store.kept.takeStock(now);
    store.passing.takeStock(now);
    return store;
  }

  @Override
  public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
      throws IOException {
    if (!SAFE_ID.matcher(id).matches()) {
      throw new IOException("the blob's id is no safe name: " + id);
    }
    long cost = cost(content.remaining());
    if (cost > maxBytes) {
      throw new IOException(
          "a blob of " + content.remaining() + " bytes is larger than all of " + maxBytes);
    }
    Files.createDirectories(incoming);
    Path aside = incoming.resolve(id + "." + writes.incrementAndGet());
    try {
      Instant now = clock.instant();
      write(aside, kind, content);
      Files.setLastModifiedTime(aside, FileTime.from(now));
      place(isKept ? kept : passing, aside, pathOf(room, id), new Stored(now, cost));
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static void write(Path file, BlobKind kind, ByteBuffer content) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MARK).put((byte) kind.ordinal()).position(8).putInt(content.remaining());
    CRC32C sum = new CRC32C();
    sum.update(header.slice(0, CHECKED_BYTES));
    sum.update(content.duplicate());
    header.putInt((int) sum.getValue()).flip();
    ByteBuffer body = content.duplicate();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (header.hasRemaining() || body.hasRemaining()) {
        channel.write(new ByteBuffer[] {header, body});
      }
      channel.force(true);
    }
  }

  private static Path pathOf(RoomId room, String id) {
    String hash = hash(room.value());
    return Path.of(hash.substring(0, 2), hash, id);
  }

  private static String hash(String room) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha.digest(room.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  private static long cost(long size) {
    return Math.max(BLOCK_BYTES, size + HEADER_BYTES);
  }

  /** Space first, so that what was just put is not the oldest. */
  private synchronized void place(Shelf shelf, Path aside, Path path, Stored stored)
      throws IOException {
    shelf.drop(path);
    while (isTooMuch(stored.cost)) {
      dropOldest();
    }
    shelf.place(aside, path, stored);
  }

  private boolean isTooMuch(long more) {
    return kept.bytes + passing.bytes + more > maxBytes;
  }

  private void dropOldest() throws IOException {
    (passing.oldest().isAfter(kept.oldest()) ? kept : passing).dropOldest();
  }

  /** Forgets what is too old, or too much since the limit was lowered, a few files at a time. */
  @Override
  public synchronized boolean tidy() throws IOException {
    Instant now = clock.instant();
    kept.endFuture(now);
    passing.endFuture(now);
    for (int i = 0; i < FILES_PER_STEP; i++) {
      if (passing.isTooOld(now)) {
        passing.dropOldest();
      } else if (kept.isTooOld(now)) {
        kept.dropOldest();
      } else if (isTooMuch(0)) {
        dropOldest();
      } else {
        return false;
      }
    }
    return true;
  }

  @Override
  public @Nullable Blob get(RoomId room, String id) throws IOException {
    if (!SAFE_ID.matcher(id).matches()) {
      return null;
    }
    Blob blob = kept.open(pathOf(room, id));
    return blob == null ? passing.open(pathOf(room, id)) : blob;
  }

  @Override
  public synchronized void remove(RoomId room, String id) throws IOException {
    if (SAFE_ID.matcher(id).matches()) {
      kept.drop(pathOf(room, id));
      passing.drop(pathOf(room, id));
    }
  }

  private record Stored(Instant at, long cost) {}

  /** Files in the order of their age. All but {@link #open} is guarded by the store. */
  private static final class Shelf {
    private final Path folder;
    private final Duration maxAge;

    /** The oldest first. */
    private final Map<Path, Stored> files = new LinkedHashMap<>();

    private long bytes;
    private Instant newest = Instant.MIN;

    Shelf(Path folder, Duration maxAge) {
      this.folder = folder;
      this.maxAge = maxAge;
    }

    void takeStock(Instant now) throws IOException {
      Map<Path, Stored> found = new LinkedHashMap<>();
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
          BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
          Instant at = is.lastModifiedTime().toInstant();
          if (at.isAfter(now)) {
            Files.setLastModifiedTime(file, FileTime.from(now));
            at = now;
          }
          found.put(folder.relativize(file), new Stored(at, cost(is.size() - HEADER_BYTES)));
        }
      } catch (UncheckedIOException failure) {
        throw failure.getCause();
      }
      List<Map.Entry<Path, Stored>> byAge = new ArrayList<>(found.entrySet());
      byAge.sort(Map.Entry.comparingByValue(Comparator.comparing(Stored::at)));
      byAge.forEach(file -> add(file.getKey(), file.getValue()));
    }

    /**
     * What was put while the clock was ahead counts as put now: else it would live too long, and
     * all behind it.
     */
    void endFuture(Instant now) {
      if (!newest.isAfter(now)) {
        return;
      }
      for (Map.Entry<Path, Stored> file : files.entrySet()) {
        Stored stored = file.getValue();
        if (stored.at.isAfter(now)) {
          file.setValue(new Stored(now, stored.cost));
        }
      }
      newest = now;
    }

    private void add(Path path, Stored stored) {
      newest = stored.at.isAfter(newest) ? stored.at : newest;
      files.put(path, stored);
      bytes += stored.cost;
    }

    void place(Path aside, Path path, Stored stored) throws IOException {
      Path target = folder.resolve(path);
      Files.createDirectories(target.getParent());
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      add(path, stored);
      try {
        Path store = folder.getParent();
        for (Path each = target.getParent(); each.startsWith(store); each = each.getParent()) {
          force(each);
        }
      } catch (IOException failure) {
        drop(path);
        throw failure;
      }
    }

    @Nullable Blob open(Path path) throws IOException {
      Path file = folder.resolve(path);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        while (header.hasRemaining() && channel.read(header) >= 0) {
          // until it is whole
        }
        header.flip();
        BlobKind[] kinds = BlobKind.values();
        boolean whole =
            header.remaining() == HEADER_BYTES
                && header.getInt(0) == MARK
                && (header.get(4) & 0xff) < kinds.length
                && header.getInt(8) == channel.size() - HEADER_BYTES
                && header.getInt(12) == checksum(header, channel);
        if (!whole) {
          throw damaged(file);
        }
        return new FileBlob(file, kinds[header.get(4)], header.getInt(8));
      } catch (NoSuchFileException none) {
        return null;
      }
    }

    /** Of the header and what follows it. */
    private static int checksum(ByteBuffer header, FileChannel content) throws IOException {
      CRC32C sum = new CRC32C();
      sum.update(header.slice(0, CHECKED_BYTES));
      ByteBuffer part = ByteBuffer.allocate(BYTES_PER_READ);
      while (content.read(part) >= 0) {
        sum.update(part.flip());
        part.clear();
      }
      return (int) sum.getValue();
    }

    void drop(Path path) throws IOException {
      Stored stored = files.get(path);
      if (stored == null) {
        return;
      }
      Path file = folder.resolve(path);
      Files.deleteIfExists(file);
      files.remove(path);
      bytes -= stored.cost;
      try {
        Files.deleteIfExists(file.getParent());
      } catch (DirectoryNotEmptyException roomHasOtherBlobs) {
        return;
      }
    }

    void dropOldest() throws IOException {
      drop(files.keySet().iterator().next());
    }

    /** When the oldest was put. */
    Instant oldest() {
      return files.isEmpty() ? Instant.MAX : files.values().iterator().next().at;
    }

    boolean isTooOld(Instant now) {
      return !files.isEmpty() && Duration.between(oldest(), now).compareTo(maxAge) > 0;
    }
  }

  private static IOException damaged(Path file) {
    return new IOException("the blob is damaged: " + file);
  }

  private record FileBlob(Path file, BlobKind kind, long size) implements Blob {
    @Override
    public InputStream open(long offset) throws IOException {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        if (channel.size() != HEADER_BYTES + size) {
          throw damaged(file);
        }
        channel.position(HEADER_BYTES + offset);
        return Channels.newInputStream(channel);
      } catch (IOException failure) {
        channel.close();
        throw failure;
      }
    }
  }
}
