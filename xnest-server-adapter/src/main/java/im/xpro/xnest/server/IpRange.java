package im.xpro.xnest.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses that begin with the same bits (RFC 4632, RFC 4291). Never asks for a name. */
record IpRange(byte[] first, int bits) {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);
  private static final Pattern V6 = Pattern.compile("\\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)]?");

  /**
   * @param range {@code 10.0.0.0/8}, {@code 2001:db8::/32} or one address
   * @throws IllegalArgumentException if it is none
   */
  static IpRange parse(String range) {
    String[] parts = range.strip().split("/", 2);
    byte[] first = address(parts[0]);
    if (first != null && parts.length == 1) {
      return new IpRange(first, 8 * first.length);
    }
    if (first != null && parts[1].matches("[0-9]{1,3}")) {
      int bits = Integer.parseInt(parts[1]);
      if (bits <= 8 * first.length) {
        return new IpRange(first, bits);
      }
    }
    throw new IllegalArgumentException(
        "a range of addresses is written 10.0.0.0/8 or 2001:db8::/32, not " + range);
  }

  /** The bytes of an address; those of IPv6 may stand in brackets. Null if it is none. */
  static byte @Nullable [] address(String text) {
    boolean isV6 = text.length() <= 47 && V6.matcher(text).matches();
    if (!isV6 && !V4.matcher(text).matches()) {
      return null;
    }
    try {
      // in brackets it is never looked up as a name
      String literal = isV6 && !text.startsWith("[") ? "[" + text + "]" : text;
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException malformed) {
      return null;
    }
  }

  boolean contains(byte[] address) {
    if (address.length != first.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int bit = 0x80 >> i % 8;
      if ((address[i / 8] & bit) != (first[i / 8] & bit)) {
        return false;
      }
    }
    return true;
  }
}
