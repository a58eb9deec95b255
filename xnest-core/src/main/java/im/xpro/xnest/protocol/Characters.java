package im.xpro.xnest.protocol;

/** What the protocol says of characters, which are Unicode code points (PROTOCOL, preamble). */
final class Characters {
  private Characters() {}

  static int count(String text) {
    return text.codePointCount(0, text.length());
  }

  /** No-break spaces count as blank too, which {@link String#isBlank} does not see. */
  static boolean isBlank(int codePoint) {
    return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
  }

  static boolean isBlank(String text) {
    return text.codePoints().allMatch(Characters::isBlank);
  }

  /** A surrogate without its partner: no UTF-8 can carry it. */
  static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** Asked of every message, so without a stream. */
  static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return text.codePoints().anyMatch(Characters::isLoneSurrogate);
      }
    }
    return false;
  }

  /** With U+FFFD in their place. */
  static String withoutLoneSurrogates(String text) {
    if (!hasLoneSurrogate(text)) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(isLoneSurrogate(c) ? 0xFFFD : c));
    return clean.toString();
  }
}
