package im.xpro.xnest;

import im.xpro.xnest.protocol.RoomId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who may not come back to a room for a time, and who may not send there. Outlives the rooms, but
 * not the process. Each of the two is bounded for itself: for one too many, the one that ends first
 * of those before it goes. Any thread.
 */
final class Sanctions {
  /** Somebody as a room knows him again: by the application's name, else by his address. */
  record Person(boolean isAddress, String name) {
    /** Null if nothing is known of him. */
    static @Nullable Person of(Grant grant, @Nullable InetSocketAddress remote) {
      String identity = grant.identity();
      if (identity != null) {
        return new Person(false, identity);
      }
      if (remote == null) {
        return null;
      }
      InetAddress address = remote.getAddress();
      return new Person(true, address == null ? remote.getHostString() : address.getHostAddress());
    }
  }

  private record Key(RoomId room, Person person) {}

  /**
   * @param order tells apart those that end at the same time
   */
  private record Sanction(Key key, String reason, Instant until, long order)
      implements Comparable<Sanction> {
    @Override
    public int compareTo(Sanction other) {
      int byEnd = until.compareTo(other.until);
      return byEnd != 0 ? byEnd : Long.compare(order, other.order);
    }
  }

  private static final class Table {
    private final int max;

    // ---- guarded by this ----
    private final Map<Key, Sanction> sanctions = new HashMap<>();
    private final TreeSet<Sanction> byEnd = new TreeSet<>();
    private long count;

    Table(int max) {
      this.max = max;
    }

    synchronized void put(Key key, String reason, Instant until) {
      remove(key);
      if (byEnd.size() == max) {
        remove(byEnd.first().key);
      }
      Sanction sanction = new Sanction(key, reason, until, count++);
      sanctions.put(key, sanction);
      byEnd.add(sanction);
    }

    /** Whether it was there. */
    synchronized boolean remove(Key key) {
      Sanction removed = sanctions.remove(key);
      return removed != null && byEnd.remove(removed);
    }

    synchronized @Nullable Sanction find(RoomId room, @Nullable Person person, Instant now) {
      while (!byEnd.isEmpty() && !byEnd.first().until.isAfter(now)) {
        remove(byEnd.first().key);
      }
      return person == null ? null : sanctions.get(new Key(room, person));
    }
  }

  private final Table bans;
  private final Table mutes;

  /**
   * @param max of bans, and of mutes
   */
  Sanctions(int max) {
    bans = new Table(max);
    mutes = new Table(max);
  }

  void keepOut(RoomId room, Person person, String reason, Instant until) {
    bans.put(new Key(room, person), reason, until);
  }

  void mute(RoomId room, Person person, Instant until) {
    mutes.put(new Key(room, person), "", until);
  }

  /** Null if he may come in. */
  @Nullable String whyKeptOut(
      RoomId room, Grant grant, @Nullable InetSocketAddress remote, Instant now) {
    Sanction found = bans.find(room, Person.of(grant, remote), now);
    return found == null ? null : found.reason;
  }

  /** Null if he is not muted. */
  @Nullable Instant mutedUntil(
      RoomId room, Grant grant, @Nullable InetSocketAddress remote, Instant now) {
    Sanction found = mutes.find(room, Person.of(grant, remote), now);
    return found == null ? null : found.until;
  }

  /** Whether anything was lifted. */
  boolean pardon(RoomId room, Person person) {
    return bans.remove(new Key(room, person)) | unmute(room, person);
  }

  boolean unmute(RoomId room, Person person) {
    return mutes.remove(new Key(room, person));
  }
}
