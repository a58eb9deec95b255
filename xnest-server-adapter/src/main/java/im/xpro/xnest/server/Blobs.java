package im.xpro.xnest.server;

import im.xpro.xnest.FailureLog;
import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers requests for blobs, for any server (PROTOCOL section 4). Any thread; may block. */
public final class Blobs {
  /** What {@link BlobStore#put} allows; so it is safe in a header and as the name of a file. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]+");

  /**
   * With every answer: a blob is only ever what it was detected to be, and runs nothing; widgets on
   * other sites may show it, as anybody may who knows its id.
   */
  private static final Map<String, String> ALWAYS =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "Content-Security-Policy", "default-src 'none'; sandbox",
          "Cross-Origin-Resource-Policy", "cross-origin",
          "Access-Control-Allow-Origin", "*");

  private final BlobStore store;
  private final FailureLog log;

  /** For what is in {@code store}; failures are logged as those of {@code server}. */
  public Blobs(BlobStore store, Class<?> server) {
    this(store, new FailureLog(server, Blobs::later));
  }

  Blobs(BlobStore store, FailureLog log) {
    this.store = store;
    this.log = log;
  }

  private static void later(Duration delay, Runnable task) {
    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(task);
  }

  /**
   * Answers a request.
   *
   * @param base the path that blobs are mounted at, decoded
   * @param path of the request, nothing decoded
   * @param headers found by names in lower case
   * @return never fails: what goes wrong is logged, and a 500
   */
  public BlobResponse answer(
      String method, String base, String path, Map<String, List<String>> headers) {
    boolean isHead = method.equals("HEAD");
    if (!isHead && !method.equals("GET")) {
      return new BlobResponse(405, with("Allow", "GET, HEAD"), null);
    }
    try {
      int last = path.lastIndexOf('/');
      String id = path.substring(last + 1);
      Blob blob = find(base, path.substring(0, Math.max(last, 0)), id);
      if (blob == null) {
        return new BlobResponse(404, ALWAYS, null);
      }
      return found(blob, id, headers, isHead);
    } catch (Throwable failure) {
      log.failed("reading media", failure);
      return new BlobResponse(500, ALWAYS, null);
    }
  }

  private @Nullable Blob find(String base, String roomPath, String id) throws IOException {
    int slash = roomPath.lastIndexOf('/');
    if (slash < 0 || !isBase(base, roomPath.substring(0, slash)) || !ID.matcher(id).matches()) {
      return null;
    }
    RoomId room = room(roomPath.substring(slash + 1));
    return room == null ? null : store.get(room, id);
  }

  /** Whether {@code path}, nothing decoded, is {@code base}, which may end with a slash. */
  private static boolean isBase(String base, String path) {
    String bare = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    return bare.equals(PercentEncoding.decode(path));
  }

  private static @Nullable RoomId room(String segment) {
    String decoded = PercentEncoding.decode(segment);
    try {
      return decoded == null ? null : new RoomId(decoded);
    } catch (IllegalArgumentException noRoomHasThisName) {
      return null;
    }
  }

  private BlobResponse found(
      Blob blob, String id, Map<String, List<String>> headers, boolean isHead) throws IOException {
    if (isKnown(id, headers)) {
      return new BlobResponse(304, cached(id), null);
    }
    long size = blob.size();
    ByteRange range = isHead ? null : range(id, size, headers);
    if (range == null) {
      BlobResponse.Part whole = new BlobResponse.Part(blob, 0, size, log);
      return new BlobResponse(200, described(blob, id, size), isHead ? null : whole);
    }
    if (range.length() == 0) {
      return new BlobResponse(416, with("Content-Range", "bytes */" + size), null);
    }
    Map<String, String> partial = described(blob, id, range.length());
    long last = range.first() + range.length() - 1;
    partial.put("Content-Range", "bytes " + range.first() + "-" + last + "/" + size);
    return new BlobResponse(
        206, partial, new BlobResponse.Part(blob, range.first(), range.length(), log));
  }

  /** RFC 9110 section 13.1.2. */
  private static boolean isKnown(String id, Map<String, List<String>> headers) {
    return values(headers, "if-none-match")
        .flatMap(line -> Stream.of(line.split(",")))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(tag(id)) || tag.equals("W/" + tag(id)));
  }

  /** The range to send; null for the whole (RFC 9110 sections 13.1.5 and 14.2). */
  private static @Nullable ByteRange range(
      String id, long size, Map<String, List<String>> headers) {
    List<String> ranges = values(headers, "range").toList();
    boolean same = values(headers, "if-range").allMatch(tag -> tag.equals(tag(id)));
    return same && ranges.size() == 1 ? ByteRange.parse(ranges.get(0), size) : null;
  }

  private static Stream<String> values(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of()).stream();
  }

  private static String tag(String id) {
    return '"' + id + '"';
  }

  private static Map<String, String> described(Blob blob, String id, long length)
      throws IOException {
    byte[] prefix;
    try (InputStream in = blob.open(0)) {
      prefix = in.readNBytes(MediaTypes.PREFIX_BYTES);
    }
    String type = MediaTypes.of(prefix, blob.kind());
    Map<String, String> headers = cached(id);
    headers.put("Content-Type", type);
    headers.put("Content-Length", Long.toString(length));
    headers.put("Accept-Ranges", "bytes");
    if (type.equals(MediaTypes.OPAQUE)) {
      headers.put("Content-Disposition", "attachment; filename=\"" + id + "\"");
    }
    return headers;
  }

  /** An id never names other bytes, so the copy of a blob is good for ever. */
  private static Map<String, String> cached(String id) {
    Map<String, String> headers = with("ETag", tag(id));
    headers.put("Cache-Control", "public, max-age=31536000, immutable");
    return headers;
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> headers = new LinkedHashMap<>(ALWAYS);
    headers.put(name, value);
    return headers;
  }
}
