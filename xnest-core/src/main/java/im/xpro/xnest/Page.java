package im.xpro.xnest;

import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Some records of a room, one behind the other: never more than a page's number and bytes of JSON,
 * though one record alone may be larger (PROTOCOL section 3, history). What is newest is written
 * when somebody looks, and once: most is pushed out before. One thread at a time.
 */
final class Page {
  /**
   * A record costs its text about three times: the entry's, the JSON's, the objects around them.
   */
  private static final int COPIES = 3;

  /** What the JSON of a record has besides its text, about. */
  private static final int UNWRITTEN_BYTES = 150;

  private record Written(HistoryEntry entry, String json, int bytes) {}

  private final Deque<Written> records = new ArrayDeque<>();

  /** Newer than all in {@link #records}, and not yet written. */
  private final Deque<HistoryEntry> unwritten = new ArrayDeque<>();

  private final FrameWriter writer;
  private final int maxEntries;
  private final int maxBytes;

  /** Of the JSON array: two brackets, and a comma or bracket for each record. */
  private int bytes = 1;

  /** At least, of what is not yet written: JSON is never shorter than its text. */
  private int unwrittenBytes;

  /** What came before the oldest here had no space, so nothing older may come in. */
  private boolean full;

  Page(FrameWriter writer, int maxEntries, int maxBytes) {
    this.writer = writer;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /** Adds the newest record; the oldest go if it is too much. */
  void addNewest(HistoryEntry entry) {
    unwritten.addLast(entry);
    unwrittenBytes += entry.length();
    dropWhatIsTooMuch();
  }

  /** Adds those that are older than all here, from their newest back, as far as there is space. */
  void addOlder(List<HistoryEntry> entries) {
    write();
    for (int i = entries.size() - 1; i >= 0 && !full; i--) {
      Written written = written(entries.get(i));
      records.addFirst(written);
      bytes += written.bytes;
      if (isTooMuch()) {
        dropOldest();
      }
    }
  }

  private void write() {
    HistoryEntry next;
    while ((next = unwritten.peekFirst()) != null) {
      // may take more memory than is left
      Written written = written(next);
      records.addLast(written);
      bytes += written.bytes;
      unwritten.removeFirst();
      unwrittenBytes -= next.length();
    }
    dropWhatIsTooMuch();
  }

  private void dropWhatIsTooMuch() {
    while (isTooMuch()) {
      dropOldest();
    }
  }

  private void dropOldest() {
    Written oldest = records.pollFirst();
    if (oldest == null) {
      unwrittenBytes -= unwritten.removeFirst().length();
    } else {
      bytes -= oldest.bytes;
    }
    full = true;
  }

  private boolean isTooMuch() {
    int size = records.size() + unwritten.size();
    return size > maxEntries || bytes + unwrittenBytes > maxBytes && size > 1;
  }

  private Written written(HistoryEntry entry) {
    String json = writer.write(entry);
    return new Written(entry, json, Utf8.length(json) + 1);
  }

  boolean isEmpty() {
    return records.isEmpty() && unwritten.isEmpty();
  }

  /** The number of its oldest record. It must not be empty. */
  long oldest() {
    write();
    return records.getFirst().entry.number();
  }

  List<HistoryEntry> entries() {
    write();
    return records.stream().map(Written::entry).toList();
  }

  List<String> json() {
    write();
    return records.stream().map(Written::json).toList();
  }

  /** About what it holds of the heap, in bytes. */
  long heapBytes() {
    return ((long) bytes + unwrittenBytes + (long) UNWRITTEN_BYTES * unwritten.size()) * COPIES;
  }
}
