package im.xpro.xnest;

import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** The models of all rooms, who plays in them, and the first thing that is wrong. Any thread. */
final class World {
  private record Sent(MemberId from, Event message) {}

  private static final int PATIENCE_SECONDS = 30;

  final Limits limits;
  private final HistoryStore kept;
  final BlobStore blobs = BlobStore.inMemory();
  private final FrameWriter writer =
      new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);
  private final Map<RoomId, RoomModel> rooms = new LinkedHashMap<>();
  private final Map<RoomId, Actor> witnesses = new ConcurrentHashMap<>();
  private final Map<MemberId, Player> players = new ConcurrentHashMap<>();
  private final Set<Sent> refused = ConcurrentHashMap.newKeySet();
  private final AtomicReference<AssertionError> fault = new AtomicReference<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final ThreadLocal<MemberId> next = new ThreadLocal<>();

  /**
   * @param kept what is in it is kept
   */
  World(Limits limits, HistoryStore kept, List<String> rooms) {
    this.limits = limits;
    this.kept = kept;
    rooms.forEach(name -> this.rooms.put(new RoomId(name), new RoomModel(new RoomId(name))));
  }

  /** The id of who enters now. */
  MemberId nextId() {
    return next.get();
  }

  /** Ids are not given again by the next house. */
  String blobId() {
    return "b" + ids.incrementAndGet();
  }

  RoomModel room(int which) {
    return List.copyOf(rooms.values()).get(which % rooms.size());
  }

  List<RoomModel> rooms() {
    return List.copyOf(rooms.values());
  }

  /** A player and its way in. */
  record Actor(Player player, Inlet inlet) {
    void says(String text) {
      player.does(new Event.Said(text));
      inlet.text(text);
    }

    void whispers(Player to, String word) {
      String text = word + " for " + to.id;
      player.does(new Event.Whispered(text));
      inlet.text("@to:" + to.id + "|" + text);
    }

    void renamesTo(String name) {
      player.does(new Event.Renamed(name));
      inlet.text("@changename:" + name);
    }

    void shares(String content) {
      player.does(shared(content));
      inlet.binary(StandardCharsets.UTF_8.encode("\u0002" + content));
    }

    void fetches(long cursor) {
      player.asks(cursor);
      inlet.text("@history:" + cursor);
    }

    void talksNonsense() {
      player.asksNonsense();
      inlet.text("@history:nonsense");
    }

    void leaves() {
      player.leaves();
      inlet.leave();
    }
  }

  /** Who enters a room first of all is its witness. */
  Actor enter(Xnest xnest, RoomModel room, String name, boolean stores) {
    MemberId id = new MemberId("m" + ids.incrementAndGet());
    boolean isFirst = witnesses.get(room.id) == null;
    Player player = new Player(this, room, id, name, stores, isFirst);
    players.put(id, player);
    next.set(id);
    Entry entry = Entry.of(room.id, name).withStoresHistory(stores);
    Actor actor = new Actor(player, xnest.enter(entry, player));
    if (isFirst) {
      witnesses.put(room.id, actor);
    }
    return actor;
  }

  Actor witness(RoomModel room) {
    return witnesses.get(room.id);
  }

  boolean isGone(Player player) {
    return player.isGone() || !players.containsKey(player.id);
  }

  Player player(MemberId id) {
    Player player = players.get(id);
    if (player == null) {
      throw new AssertionError("nobody has the id " + id);
    }
    return player;
  }

  /** The first fault is the one that counts. */
  void check(Object who, Runnable check) {
    try {
      check.run();
    } catch (RuntimeException | AssertionError wrong) {
      fault.compareAndSet(
          null,
          wrong instanceof AssertionError a ? a : new AssertionError(who + ": " + wrong, wrong));
    }
  }

  /** Stores may fail, but nothing else. */
  void checkThatMayFail(String doing, Throwable cause) {
    if (List.of("a task", "offering", "closing", "pausing").stream().anyMatch(doing::startsWith)) {
      fault.compareAndSet(null, new AssertionError(doing + ": " + cause, cause));
    }
  }

  AssertionError fault() {
    return fault.get();
  }

  List<HistoryEntry> page(RoomModel room, long before) {
    return room.page(before, limits, writer);
  }

  /** The newest message of a room, now that it is heard. */
  void checkIsKept(RoomModel room) {
    HistoryEntry heard = room.kept.get(room.kept.size() - 1);
    List<HistoryEntry> there = read(room.id, heard.number() + 1, 1);
    if (!there.equals(List.of(heard))) {
      throw new AssertionError(heard + " is heard and not kept, but " + there);
    }
  }

  private List<HistoryEntry> read(RoomId room, long before, int limit) {
    try {
      return kept.read(room, before, limit, Long.MAX_VALUE);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  void refuse(List<HistoryEntry> batch) {
    batch.forEach(
        entry -> refused.add(new Sent(entry.from(), known(entry.room(), entry.message()))));
  }

  /** Media are known by what is in them. */
  Event known(RoomId room, Event event) {
    if (!(event instanceof Event.Shared shared)) {
      return event;
    }
    try {
      Blob blob = blobs.get(room, shared.blob());
      if (blob == null) {
        throw new AssertionError(shared + " is announced and not stored");
      }
      try (InputStream content = blob.open(0)) {
        return shared(new String(content.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static Event.Shared shared(String content) {
    return new Event.Shared(BlobKind.PICTURE, content);
  }

  /** Whether there was a fault that a message may be lost by. */
  boolean mayBeLost(MemberId from, Event message) {
    return givesUp() || refused.contains(new Sent(from, message));
  }

  /** Whether a store may be waited for in vain. */
  boolean givesUp() {
    return limits.storeTime().compareTo(Duration.ofHours(1)) < 0;
  }

  boolean somebodyStalled() {
    return players.values().stream().anyMatch(player -> player.stalled);
  }

  /** Waits until nothing is on its way in a room, or something is wrong. */
  void awaitQuiet(RoomModel room) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (room) {
      while (fault() == null && !in(room).allMatch(Player::isQuiet)) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          String who = in(room).filter(player -> !player.isQuiet()).toList().toString();
          check(this, () -> fail("not quiet in " + PATIENCE_SECONDS + " s: " + who));
        } else {
          room.wait(left);
        }
      }
    }
  }

  private static void fail(String why) {
    throw new AssertionError(why);
  }

  private Stream<Player> in(RoomModel room) {
    return players.values().stream().filter(player -> player.room == room);
  }

  void checkSettled() {
    check(
        "all is quiet",
        () -> {
          for (RoomModel room : rooms.values()) {
            synchronized (room) {
              in(room).forEach(Player::checkSettled);
              List<HistoryEntry> all = read(room.id, Long.MAX_VALUE, Integer.MAX_VALUE);
              if (!all.equals(room.kept)) {
                throw new AssertionError("kept is " + all + ", but heard was " + room.kept);
              }
            }
          }
        });
    players.values().removeIf(Player::isGone);
  }

  /** Everybody is gone without a word; what was not heard may be kept nevertheless. */
  void checkAfterKill() {
    check(
        "after a kill",
        () -> {
          for (RoomModel room : rooms.values()) {
            List<HistoryEntry> all = read(room.id, Long.MAX_VALUE, Integer.MAX_VALUE);
            int heard = room.kept.size();
            if (all.size() < heard || !all.subList(0, heard).equals(room.kept)) {
              throw new AssertionError("kept is " + all + ", but heard was " + room.kept);
            }
            for (HistoryEntry entry : all.subList(heard, all.size())) {
              player(entry.from()).isHeard(entry.message());
              room.kept.add(entry);
            }
            desert(room);
          }
        });
  }

  /** Nobody is there any more, nor was anybody who heard that. */
  void desert(RoomModel room) {
    players.values().removeIf(player -> player.room == room);
    witnesses.remove(room.id);
    room.names.clear();
  }
}
