package im.xpro.xnest.examples.storm;

import java.util.ArrayList;
import java.util.List;

/** What did not hold: how often, and the first of it in words. Any thread. */
final class Breaks {
  private static final int TOLD = 20;
  private static final int CHARACTERS = 600;

  private final List<String> first = new ArrayList<>();
  private long count;

  synchronized void add(String where, String what, Object... values) {
    count++;
    if (first.size() < TOLD) {
      String text = where + ": " + what.formatted(values);
      first.add(text.length() > CHARACTERS ? text.substring(0, CHARACTERS) + "..." : text);
    }
  }

  synchronized long count() {
    return count;
  }

  synchronized List<String> first() {
    return List.copyOf(first);
  }
}
