package im.xpro.xnest.history;

import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a room are to be erased: those with a number from {@code first} to {@code last},
 * and of them, where a sender or an identity is given, only what came from there.
 *
 * @param first 1 or more
 * @param last nothing is named if it is below {@code first}
 * @param sender the member that sent them, null for any
 * @param identity the identity that they were kept with, null for any and none
 */
public record Erasure(long first, long last, @Nullable MemberId sender, @Nullable String identity) {
  /** How many entries one step of {@link HistoryStore#erase} may erase. */
  public static final int STEP = 500;

  /**
   * @throws IllegalArgumentException if {@code first} is not positive
   */
  public Erasure {
    if (first < 1) {
      throw new IllegalArgumentException("first is " + first + ", must be 1 or more");
    }
  }

  /**
   * The entry of this number.
   *
   * @throws IllegalArgumentException if {@code number} is not positive
   */
  public static Erasure one(long number) {
    if (number < 1) {
      throw new IllegalArgumentException("number is " + number + ", must be 1 or more");
    }
    return new Erasure(number, number, null, null);
  }

  /** Everything. */
  public static Erasure all() {
    return new Erasure(1, Long.MAX_VALUE, null, null);
  }

  /** What one member sent: one stay in a room, as nobody comes again with the same id. */
  public static Erasure from(MemberId member) {
    return new Erasure(1, Long.MAX_VALUE, Objects.requireNonNull(member, "member"), null);
  }

  /** What one person sent, at all its stays. */
  public static Erasure of(String identity) {
    return new Erasure(1, Long.MAX_VALUE, null, Objects.requireNonNull(identity, "identity"));
  }

  /** The same, but of these numbers only. */
  public Erasure within(long from, long to) {
    return new Erasure(Math.max(first, from), Math.min(last, to), sender, identity);
  }

  /** Whether no number is named. */
  public boolean isEmpty() {
    return first > last;
  }

  /** Whether an entry of its room is to be erased. */
  public boolean covers(HistoryEntry entry) {
    return entry.number() >= first
        && entry.number() <= last
        && (sender == null || sender.equals(entry.from()))
        && (identity == null || identity.equals(entry.identity()));
  }
}
