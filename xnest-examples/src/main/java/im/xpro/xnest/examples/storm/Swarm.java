package im.xpro.xnest.examples.storm;

import im.xpro.xnest.examples.storm.Member.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** All members, on one thread: what comes on their connections, and what they do when. */
final class Swarm implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long MILLI = 1_000_000;

  /** Connections that may be without a welcome at a time. */
  private static final int JOINING = 100;

  /**
   * How much there is of everything.
   *
   * @param members of each room, half of whom come and go
   * @param talk what each of them does in a second
   */
  record Load(int rooms, int members, double talk, int slow, int flooders, int vandals) {}

  private record Task(long at, Runnable what) {}

  private final Selector selector = Selector.open();
  private final PriorityQueue<Task> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Task::at));
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ExecutorService fetching = Executors.newSingleThreadExecutor();
  private final AtomicInteger fetches = new AtomicInteger();
  private final URI url;
  private final Load load;
  private final Breaks breaks;
  private final Tally tally = new Tally();
  private final List<Room> rooms = new ArrayList<>();
  private final Set<Member> living = new HashSet<>();
  private int joining;
  private long nextSettling;
  private boolean isEnding;

  /**
   * Begins to connect all members.
   *
   * @param url what the URL of a room begins with
   * @param run part of the rooms' names, so that nobody else is there
   * @param seed of the plan: who does what, not when it happens to get there
   */
  Swarm(URI url, String run, Load load, long seed, Breaks breaks) throws IOException {
    this.url = url;
    this.load = load;
    this.breaks = breaks;
    Random random = new Random(seed);
    Room pair = room(run + "-pair");
    join(Kind.CLOCK, pair, random.nextLong());
    join(Kind.LISTENER, pair, random.nextLong());
    for (int i = 0; i < load.rooms; i++) {
      Room room = room(run + "-" + i);
      rooms.add(room);
      for (int k = 0; k < load.members; k++) {
        join(k % 2 == 0 ? Kind.RESIDENT : Kind.GUEST, room, random.nextLong());
      }
    }
    for (int i = 0; i < load.slow + load.flooders + load.vandals; i++) {
      Kind kind =
          i < load.slow ? Kind.SLOW : i < load.slow + load.flooders ? Kind.FLOODER : Kind.VANDAL;
      trouble(kind, random.nextLong());
    }
    rooms.add(pair);
  }

  private Room room(String name) {
    return new Room(new Ledger("storm-" + name, breaks, System::nanoTime));
  }

  /** In any room but the healthy pair's. */
  private void trouble(Kind kind, long seed) {
    join(kind, rooms.get(Math.floorMod(seed >> 8, load.rooms)), seed);
  }

  private void join(Kind kind, Room room, long seed) {
    boolean mayJoin =
        kind.comesAgain() ? room.isOpen() : room.residents().isEmpty() || room.isOpen();
    if (isEnding && kind.comesAgain()) {
      return;
    }
    if (!mayJoin || joining >= JOINING) {
      in(20 * MILLI, () -> join(kind, room, seed));
      return;
    }
    try {
      joining++;
      Member member = new Member(this, kind, room, seed);
      living.add(member);
      live(member);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void live(Member member) {
    if (!member.isOver()) {
      long next = member.act();
      agenda.add(new Task(next, () -> live(member)));
    }
  }

  private void in(long nanos, Runnable what) {
    agenda.add(new Task(System.nanoTime() + nanos, what));
  }

  /** Somebody has its welcome, or gets none. */
  void joinsNoMore() {
    joining--;
  }

  /** A connection has ended. */
  void isOver(Member member, long nextSeed) {
    living.remove(member);
    if (member.kind() == Kind.GUEST) {
      in(Math.floorMod(nextSeed, 3_000) * MILLI, () -> join(Kind.GUEST, member.room(), nextSeed));
    } else if (member.kind().comesAgain()) {
      in(1_000 * MILLI, () -> trouble(member.kind(), nextSeed));
    }
  }

  Selector selector() {
    return selector;
  }

  URI url() {
    return url;
  }

  double talk() {
    return load.talk;
  }

  Tally tally() {
    return tally;
  }

  int people() {
    return living.size();
  }

  boolean isEnding() {
    return isEnding;
  }

  /** Gets what was uploaded and compares it; on a thread of its own. */
  void fetch(Ledger ledger, String media, byte[] message) {
    fetches.incrementAndGet();
    fetching.execute(
        () -> {
          try {
            HttpRequest request =
                HttpRequest.newBuilder(URI.create(media)).timeout(PATIENCE).build();
            HttpResponse<byte[]> got = http.send(request, BodyHandlers.ofByteArray());
            byte[] body = got.body();
            if (got.statusCode() != 200
                || !Arrays.equals(body, 0, body.length, message, 1, message.length)) {
              breaks.add(
                  ledger.room,
                  "%s is answered with %d and %d bytes, %d others were sent",
                  media,
                  got.statusCode(),
                  body.length,
                  message.length - 1);
            }
          } catch (IOException | IllegalArgumentException failure) {
            breaks.add(ledger.room, "%s cannot be fetched: %s", media, failure);
          } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
          } finally {
            fetches.decrementAndGet();
          }
        });
  }

  /** Does what is due and hears what comes, for some milliseconds. */
  void turn() throws IOException {
    long now = System.nanoTime();
    while (!agenda.isEmpty() && agenda.peek().at <= now) {
      agenda.remove().what.run();
    }
    selector.select(key -> ((Member) key.attachment()).turn(), 5);
    if (now > nextSettling) {
      nextSettling = now + 500 * MILLI;
      rooms.forEach(room -> room.ledger().settle());
    }
  }

  /** Whether there is anything to check yet: no room has lost its witness. */
  boolean isAlive() {
    return rooms.stream().noneMatch(Room::hasLostItsWitness);
  }

  /** Lets all but the residents leave, and somebody look at each room, and checks that all fits. */
  void end() throws IOException {
    isEnding = true;
    await(() -> living.stream().noneMatch(member -> member.kind().comesAgain()));
    rooms.forEach(room -> join(Kind.LATECOMER, room, 0));
    await(() -> fetches.get() == 0 && rooms.stream().allMatch(Room::isSettled));
    for (Room room : rooms) {
      room.ledger().unsettled().forEach(what -> room.ledger().broken("%s", what));
    }
    if (fetches.get() > 0) {
      breaks.add("media", "%d could not be fetched in time", fetches.get());
    }
  }

  private void await(BooleanSupplier condition) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (isAlive() && !condition.getAsBoolean() && System.nanoTime() < deadline) {
      turn();
    }
  }

  /** The longest that one who does not flood was still there after its end, in milliseconds. */
  long slowestLeave() {
    return rooms.stream().mapToLong(room -> room.ledger().slowestLeave()).max().orElse(0) / MILLI;
  }

  /** Cuts all who are left. */
  @Override
  public void close() throws IOException {
    fetching.shutdownNow();
    List.copyOf(living).forEach(Member::cut);
    selector.close();
  }
}
