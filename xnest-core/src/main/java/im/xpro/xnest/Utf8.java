package im.xpro.xnest;

/** Measures texts as they are on the wire, without encoding them. */
final class Utf8 {
  private Utf8() {}

  /** The bytes of a text's UTF-8; a surrogate without its partner counts as one, a {@code ?}. */
  static int length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (!Character.isSurrogate(unit)) {
        bytes += unit < 0x80 ? 0 : unit < 0x800 ? 1 : 2;
      } else if (i + 1 < text.length() && Character.isSurrogatePair(unit, text.charAt(i + 1))) {
        bytes += 2;
        i++;
      }
    }
    return bytes;
  }
}
