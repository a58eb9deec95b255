package im.xpro.xnest.protocol;

/** What becomes of a name that a user chose (PROTOCOL section 1, nickname). */
public final class Nicknames {
  private Nicknames() {}

  /**
   * Removes control characters and what no UTF-8 can carry, then blanks at both ends.
   *
   * @return the name, empty if nothing is left; its length is for the caller to judge
   */
  public static String clean(String raw) {
    int[] kept =
        raw.codePoints()
            .filter(c -> !Character.isISOControl(c) && !Characters.isLoneSurrogate(c))
            .toArray();
    int from = 0;
    int to = kept.length;
    while (from < to && Characters.isBlank(kept[from])) {
      from++;
    }
    while (to > from && Characters.isBlank(kept[to - 1])) {
      to--;
    }
    return new String(kept, from, to - from);
  }

  /** The length of a name in Unicode code points. */
  public static int characters(String name) {
    return Characters.count(name);
  }
}
