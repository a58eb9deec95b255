package im.xpro.xnest.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Text as it stands in URLs and cookies (RFC 3986 section 2.1). */
final class PercentEncoding {
  private PercentEncoding() {}

  /** Leaves only unreserved characters: letters, digits, {@code - . _ ~}. */
  static String encode(String text) {
    return URLEncoder.encode(text, UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  /** Decodes a value of a form, where {@code +} is a space; null as {@link #decode} says. */
  static @Nullable String decodeForm(String raw) {
    return decode(raw.replace('+', ' '));
  }

  /**
   * Decodes strictly: where the JDK's decoder makes U+FFFD of what is not UTF-8, two names could
   * become one. What is not encoded stays as it is.
   *
   * @return null unless each {@code %} has two hexadecimal digits and all is UTF-8
   */
  static @Nullable String decode(String raw) {
    if (raw.indexOf('\uFFFD') >= 0) {
      return null;
    }
    try {
      ByteBuffer in = UTF_8.newEncoder().encode(CharBuffer.wrap(raw));
      ByteArrayOutputStream out = new ByteArrayOutputStream(in.remaining());
      while (in.hasRemaining()) {
        byte next = in.get();
        if (next != '%') {
          out.write(next);
          continue;
        }
        if (in.remaining() < 2) {
          return null;
        }
        byte high = in.get();
        byte low = in.get();
        if (!HexFormat.isHexDigit(high) || !HexFormat.isHexDigit(low)) {
          return null;
        }
        out.write(HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low));
      }
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(out.toByteArray())).toString();
    } catch (CharacterCodingException notUnicode) {
      return null;
    }
  }
}
