package im.xpro.xnest.robot;

import org.jspecify.annotations.Nullable;

/** How words begin and which language they are in. */
final class Words {
  private Words() {}

  /**
   * What follows {@code word} in a text that begins with it, in any case; null if it does not, or
   * if a longer word begins there. Chinese needs no blank between two words.
   */
  static @Nullable String after(String word, String text) {
    int end = word.length();
    boolean begins =
        text.regionMatches(true, 0, word, 0, end)
            && (text.length() == end || !isPartOfWord(text.charAt(end)) || isChinese(word));
    return begins ? text.substring(end).replaceFirst("^[\\s:,，：]+", "").strip() : null;
  }

  private static boolean isPartOfWord(char c) {
    return c < 0x80 && Character.isLetterOrDigit(c);
  }

  static boolean isChinese(String text) {
    return text.codePoints()
        .anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN);
  }
}
