package im.xpro.xnest.server.jakarta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.server.Handshake;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a request says, as values. */
final class Requests {
  private Requests() {}

  /** Path, in its web application, and query; nothing decoded. */
  static String target(HttpServletRequest request) {
    String query = request.getQueryString();
    return path(request) + (query == null ? "" : "?" + query);
  }

  /** The path in its web application, not decoded. */
  static String path(HttpServletRequest request) {
    return request.getRequestURI().substring(request.getContextPath().length());
  }

  static Handshake handshake(HttpServletRequest request) {
    return new Handshake(
        request.getMethod(),
        target(request),
        headers(request),
        new InetSocketAddress(request.getRemoteAddr(), request.getRemotePort()),
        request.isSecure());
  }

  /** By names in lower case. */
  static Map<String, List<String>> headers(HttpServletRequest request) {
    Map<String, List<String>> headers = new HashMap<>();
    for (String name : Collections.list(request.getHeaderNames())) {
      List<String> values = new ArrayList<>();
      Collections.list(request.getHeaders(name)).forEach(value -> values.add(utf8(value)));
      headers.put(name.toLowerCase(Locale.ROOT), values);
    }
    return headers;
  }

  /** Containers take the bytes of a header for ISO 8859-1. */
  private static String utf8(String value) {
    boolean isBytes = value.chars().allMatch(c -> c <= 0xFF);
    return isBytes ? new String(value.getBytes(ISO_8859_1), UTF_8) : value;
  }
}
