package im.xpro.xnest;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where one member's pages of history begin (PROTOCOL section 3, history). All count back from one
 * anchor, so they neither repeat nor skip while others talk. A full page's end follows from the
 * nearest one known below it as long as all between were sent, so of the pages walked through one
 * by one only the ends of those that stopped early are remembered.
 */
final class Bookmarks {
  private final int pageEntries;
  private final int maxEnds;

  /** The number that page 0 stays below. */
  private long anchor;

  /** Cursor of a page, and the number of its oldest record. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  /** All pages below this one were sent. */
  private long walked;

  Bookmarks(int pageEntries, int maxEnds) {
    this.pageEntries = pageEntries;
    this.maxEnds = maxEnds;
  }

  /** Lets page 0 end with the record numbered {@code newest}, and forgets all pages before. */
  void anchorAt(long newest) {
    anchor = newest + 1;
    ends.clear();
    walked = 0;
  }

  /** The number that page {@code cursor} stays below; 1 or less if there can be no such page. */
  long before(long cursor) {
    Map.Entry<Long, Long> known = ends.lowerEntry(cursor);
    long from = known == null ? anchor : known.getValue();
    long pages = known == null ? cursor : cursor - known.getKey() - 1;
    return pages > from / pageEntries ? 0 : from - pages * pageEntries;
  }

  /** Remembers that {@code page} was sent as page {@code cursor}. */
  void sent(long cursor, Page page) {
    if (page.isEmpty()) {
      return;
    }
    long oldest = page.oldest();
    if (cursor <= walked && oldest == before(cursor) - pageEntries) {
      ends.remove(cursor);
    } else {
      ends.put(cursor, oldest);
      if (ends.size() > maxEnds) {
        ends.pollFirstEntry();
      }
    }
    if (cursor == walked) {
      walked++;
    }
  }

  /** How many ends are remembered. */
  int remembered() {
    return ends.size();
  }
}
