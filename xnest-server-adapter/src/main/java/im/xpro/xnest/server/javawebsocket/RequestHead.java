package im.xpro.xnest.server.javawebsocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Limits;
import im.xpro.xnest.server.Handshake;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of one HTTP/1.1 request, byte by byte as it comes (RFC 9112 sections 2 to 5).
 * Strict where leniency helps nobody: lines end with CRLF and are not folded. One thread at a time.
 */
final class RequestHead {
  enum Progress {
    UNFINISHED,
    WHOLE,
    BAD,
    TOO_LARGE
  }

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern REQUEST_LINE = Pattern.compile("(" + TOKEN + ") ([^ ]+) HTTP/1\\.1");
  private static final Pattern HEADER = Pattern.compile("(" + TOKEN + "):(.*)", Pattern.DOTALL);
  private static final int FIRST_BUFFER = 512;

  private final int mostBytes;
  private final int mostLines;
  private byte[] bytes = {};
  private int size;
  private int lineStart;
  private int lines;
  private String method = "";
  private @Nullable String target;
  private final Map<String, List<String>> headers = new HashMap<>();

  RequestHead(Limits limits) {
    mostBytes = limits.handshakeBytes();
    mostLines = limits.handshakeLines();
  }

  /** Reads to the end of the head, or of {@code in}, or as far as it may be read. */
  Progress read(ByteBuffer in) {
    while (in.hasRemaining()) {
      Progress progress = read(in.get());
      if (progress != Progress.UNFINISHED) {
        return progress;
      }
    }
    return Progress.UNFINISHED;
  }

  private Progress read(byte next) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(mostBytes + 1, Math.max(FIRST_BUFFER, 2 * size)));
    }
    boolean afterCr = size > lineStart && bytes[size - 1] == '\r';
    bytes[size++] = next;
    if (size > mostBytes) {
      return Progress.TOO_LARGE;
    }
    if (next == '\n' != afterCr) {
      return Progress.BAD;
    }
    if (next != '\n') {
      boolean isControl = next >= 0 && next < ' ' && next != '\t' && next != '\r' || next == 0x7F;
      return isControl ? Progress.BAD : Progress.UNFINISHED;
    }
    String line = new String(bytes, lineStart, size - 2 - lineStart, UTF_8);
    lineStart = size;
    if (line.isEmpty() && target != null) {
      return Progress.WHOLE;
    }
    lines++;
    if (lines > mostLines) {
      return Progress.TOO_LARGE;
    }
    return target == null ? requestLine(line) : header(line);
  }

  private Progress requestLine(String line) {
    Matcher parts = REQUEST_LINE.matcher(line);
    if (!parts.matches()) {
      return Progress.BAD;
    }
    method = parts.group(1);
    target = parts.group(2);
    return Progress.UNFINISHED;
  }

  private Progress header(String line) {
    Matcher parts = HEADER.matcher(line);
    if (!parts.matches()) {
      return Progress.BAD;
    }
    String name = parts.group(1).toLowerCase(Locale.ROOT);
    headers.computeIfAbsent(name, none -> new ArrayList<>(1)).add(parts.group(2).trim());
    return Progress.UNFINISHED;
  }

  /** Of the request line; null until that is whole. */
  @Nullable String target() {
    return target;
  }

  /** Bytes that were read. */
  int size() {
    return size;
  }

  /** All bytes that were read, and then what is left of {@code in}, in an array of its own. */
  ByteBuffer withRest(ByteBuffer in) {
    ByteBuffer all = ByteBuffer.allocate(size + in.remaining());
    return all.put(bytes, 0, size).put(in).flip();
  }

  /** The head, whole. */
  Handshake handshake(@Nullable InetSocketAddress remote, boolean isSecure) {
    return new Handshake(method, target == null ? "" : target, headers, remote, isSecure);
  }
}
