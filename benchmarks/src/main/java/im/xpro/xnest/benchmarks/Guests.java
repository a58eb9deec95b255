package im.xpro.xnest.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Members of many rooms, all on one thread and cheap to run, so that the server is what is
 * measured. The first of each room talks; all check that every message comes, once and in order,
 * from the first that they hear.
 *
 * <p>All methods throw an IOException if a message is lost or out of order, the server closes a
 * connection, or nothing comes for 30 s where something has to.
 */
final class Guests implements AutoCloseable {
  private static final byte[] MARK = "\"payload\":\"n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ERROR = "\"type\":\"error\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NOTHING = {};
  private static final int PATIENCE_SECONDS = 30;
  private static final int AT_ONCE = 40;
  private static final int LONGEST_MICROS = 1_000_000;

  private final URI server;
  private final Dialect dialect;
  private final Selector selector = Selector.open();
  private final byte[] bytes = new byte[4 << 20];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
  private final ByteBuffer out = ByteBuffer.allocateDirect(64 << 10);
  private final List<Room> rooms = new ArrayList<>();

  /** Those whose speaker has heard something of itself. */
  private final List<Room> due = new ArrayList<>();

  /** Deliveries by the microseconds that they took. */
  private final int[] latencies = new int[LONGEST_MICROS + 1];

  private boolean timing;
  private int mark;
  private int open;
  private int joined;
  private int started;
  private long frames;
  private long deliveries;

  private static final class Room {
    final List<Guest> guests = new ArrayList<>();
    long said;
    boolean isDue;

    Guest speaker() {
      return guests.get(0);
    }
  }

  private static final class Guest {
    final SocketChannel channel;
    final Room room;
    boolean open;

    /** The number of the message that it has to hear next; -1 if it may be any. */
    long next = -1;

    /** What has come of a frame that is not whole. */
    byte[] rest = NOTHING;

    Guest(SocketChannel channel, Room room) {
      this.channel = channel;
      this.room = room;
    }
  }

  Guests(URI server, Dialect dialect) throws IOException {
    this.server = server;
    this.dialect = dialect;
  }

  /** Lets {@code size} join a new room; returns when all have had the server's answer. */
  void join(String name, int size) throws IOException {
    Room room = new Room();
    rooms.add(room);
    for (int i = 0; i < size; i++) {
      knock(room, name);
      if (i % AT_ONCE == AT_ONCE - 1) {
        until(() -> open == joined);
      }
    }
    until(() -> open == joined);
  }

  /** Lets {@code size} join a new room all at once. */
  void storm(String name, int size) throws IOException {
    Room room = new Room();
    rooms.add(room);
    List<Guest> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add(connect(room));
    }
    for (Guest guest : all) {
      ask(guest, name);
    }
    until(() -> open == joined);
  }

  private void knock(Room room, String name) throws IOException {
    ask(connect(room), name);
  }

  private Guest connect(Room room) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    // a reset in the end: else ports stay taken for a minute
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.configureBlocking(false);
    Guest guest = new Guest(channel, room);
    channel.register(selector, SelectionKey.OP_READ, guest);
    room.guests.add(guest);
    joined++;
    return guest;
  }

  private void ask(Guest guest, String name) throws IOException {
    out.clear();
    out.put(
        ("GET "
                + dialect.target(server.getRawPath(), name)
                + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    send(guest);
  }

  /** Talks until everybody has heard something: some servers let members in after their answer. */
  void settle() throws IOException {
    long next = 0;
    long end = end();
    while (started < joined) {
      long now = System.nanoTime();
      check(now < end, (joined - started) + " of " + joined + " hear nothing");
      if (now > next) {
        for (Room room : rooms) {
          say(room, room.guests.stream().anyMatch(guest -> guest.next < 0) ? 1 : 0);
        }
        next = now + 20_000_000;
      }
      turn(5);
    }
    hearAll();
  }

  /** Every speaker keeps so many messages in flight. */
  void talk(double seconds, int inFlight) throws IOException {
    due.clear();
    due.addAll(rooms);
    rooms.forEach(room -> room.isDue = true);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      for (Room room : due) {
        room.isDue = false;
        say(room, (int) (inFlight - (room.said - room.speaker().next)));
      }
      due.clear();
      turn(10);
    }
  }

  /** Says so many messages in the first room, a few in flight. */
  void say(long messages) throws IOException {
    Room room = rooms.get(0);
    long end = room.said + messages;
    while (room.said < end) {
      long free = AT_ONCE - (room.said - room.speaker().next);
      say(room, (int) Math.min(free, end - room.said));
      turn(10);
    }
  }

  /** So many messages a second in all, in one room after the other, and times them. */
  void talk(double seconds, double perSecond) throws IOException {
    Arrays.fill(latencies, 0);
    timing = true;
    long begin = System.nanoTime();
    long messages = (long) (seconds * perSecond);
    for (long i = 0; i < messages; i++) {
      long at = begin + (long) (i * 1e9 / perSecond);
      for (long wait = at - System.nanoTime(); wait > 0; wait = at - System.nanoTime()) {
        turn(1 + wait / 1_000_000);
      }
      say(rooms.get((int) (i % rooms.size())), 1);
      if (i % 64 == 0) {
        turn(0);
      }
    }
    timing = false;
  }

  /** Listens until everything that was said has come to everybody. */
  void hearAll() throws IOException {
    for (Room room : rooms) {
      until(() -> room.guests.stream().allMatch(guest -> guest.next == room.said));
    }
  }

  /** Listens until so many frames have come in all, of whatever kind. */
  void hear(long count) throws IOException {
    until(() -> frames >= count);
  }

  /** Listens to the joins and the like that are under way. */
  void listen(double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      turn(10);
    }
  }

  /** Lets the one who came last to the last room go. */
  void leaveLast() throws IOException {
    Room room = rooms.get(rooms.size() - 1);
    Guest last = room.guests.remove(room.guests.size() - 1);
    last.channel.close();
    joined--;
    open--;
  }

  /** Lets one more join the last room. */
  void joinLast(String name) throws IOException {
    knock(rooms.get(rooms.size() - 1), name);
    until(() -> open == joined);
  }

  /** Messages that came to a member so far. */
  long deliveries() {
    return deliveries;
  }

  /** Text frames that came so far. */
  long frames() {
    return frames;
  }

  /** Of what {@link #talk(double, double)} timed, in milliseconds. */
  double percentile(double share) {
    long all = 0;
    for (int count : latencies) {
      all += count;
    }
    long rank = (long) (all * share);
    int micros = 0;
    for (long seen = latencies[0]; seen <= rank && micros < LONGEST_MICROS; ) {
      seen += latencies[++micros];
    }
    return micros / 1e3;
  }

  private static long end() {
    return System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
  }

  private static void check(boolean good, String otherwise) throws IOException {
    if (!good) {
      throw new IOException(otherwise);
    }
  }

  private void until(BooleanSupplier holds) throws IOException {
    long seen = -1;
    long end = end();
    while (!holds.getAsBoolean()) {
      if (frames > seen) {
        seen = frames;
        end = end();
      }
      check(System.nanoTime() < end, "something was lost: nothing comes any more");
      turn(10);
    }
  }

  // ---- out ----

  private void say(Room room, int count) throws IOException {
    out.clear();
    for (int i = 0; i < count; i++) {
      String text = "n" + room.said++ + " " + System.nanoTime() + " a line of about sixty bytes...";
      put(dialect.say(text));
    }
    if (count > 0) {
      send(room.speaker());
    }
  }

  /** A text frame, masked with zeros: RFC 6455 asks for a mask, not for a secret one. */
  private void put(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    out.put((byte) 0x81).put((byte) (0x80 | payload.length)).putInt(0).put(payload);
  }

  private void send(Guest to) throws IOException {
    out.flip();
    long end = end();
    while (out.hasRemaining()) {
      to.channel.write(out);
      check(System.nanoTime() < end, "the server reads no more");
    }
  }

  // ---- in ----

  private void turn(long millis) throws IOException {
    try {
      if (millis == 0) {
        selector.selectNow(this::read);
      } else {
        selector.select(this::read, millis);
      }
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  private void read(SelectionKey key) {
    try {
      read((Guest) key.attachment());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void read(Guest guest) throws IOException {
    int begun = guest.rest.length;
    System.arraycopy(guest.rest, 0, bytes, 0, begun);
    buffer.clear().position(begun);
    check(guest.channel.read(buffer) >= 0, "the server closed a connection");
    int end = buffer.position();
    int at = guest.open ? 0 : head(guest, end);
    for (int next = afterFrame(at, end); next <= end; next = afterFrame(at, end)) {
      frame(guest, at, next);
      at = next;
    }
    guest.rest = at == end ? NOTHING : Arrays.copyOfRange(bytes, at, end);
  }

  /** Returns where the frames begin. */
  private int head(Guest guest, int end) throws IOException {
    int at = indexOf(END_OF_HEAD, 0, end);
    if (at < 0) {
      return 0;
    }
    String head = new String(bytes, 0, at, StandardCharsets.US_ASCII);
    check(head.startsWith("HTTP/1.1 101"), "the server refused: " + head);
    guest.open = true;
    open++;
    return at + END_OF_HEAD.length;
  }

  /** Where the next frame begins; beyond {@code end} if this one is not whole. */
  private int afterFrame(int at, int end) {
    if (end - at < 2) {
      return Integer.MAX_VALUE;
    }
    int header = headerLength(at);
    if (end - at < header) {
      return Integer.MAX_VALUE;
    }
    int length = bytes[at + 1];
    return at
        + header
        + switch (length) {
          case 126 -> buffer.getShort(at + 2) & 0xFFFF;
          case 127 -> (int) buffer.getLong(at + 2);
          default -> length;
        };
  }

  private int headerLength(int at) {
    return switch (bytes[at + 1]) {
      case 126 -> 4;
      case 127 -> 10;
      default -> 2;
    };
  }

  private void frame(Guest guest, int at, int end) throws IOException {
    int payload = at + headerLength(at);
    switch (bytes[at]) {
      case (byte) 0x81 -> text(guest, payload, end);
      case (byte) 0x89 -> {
        out.clear().put((byte) 0x8A).put((byte) (0x80 | end - payload)).putInt(0);
        out.put(bytes, payload, end - payload);
        send(guest);
      }
      default -> throw new IOException("a frame that begins with " + bytes[at]);
    }
  }

  private void text(Guest guest, int at, int end) throws IOException {
    frames++;
    if (dialect == Dialect.SOCKET_IO && (bytes[at] == '0' || bytes[at] == '2')) {
      out.clear();
      put(bytes[at] == '0' ? "40" : "3");
      send(guest);
    } else {
      hear(guest, at, end);
    }
  }

  /** Only what was said in this bench bears the mark; joins and the like are passed over. */
  private void hear(Guest guest, int begin, int end) throws IOException {
    // mostly it stands where it stood in the frame before
    if (!isAt(MARK, begin + mark, end)) {
      int found = indexOf(MARK, begin, end);
      if (found < 0) {
        check(
            indexOf(ERROR, begin, end) < 0,
            "the server says " + new String(bytes, begin, end - begin, StandardCharsets.UTF_8));
        return;
      }
      mark = found - begin;
    }
    int at = begin + mark + MARK.length;
    long number = 0;
    while (bytes[at] >= '0' && bytes[at] <= '9') {
      number = number * 10 + bytes[at++] - '0';
    }
    if (guest.next < 0) {
      guest.next = number;
      started++;
    }
    if (number != guest.next) {
      throw new IOException("heard " + number + " where " + guest.next + " was due");
    }
    guest.next++;
    deliveries++;
    if (timing) {
      time(at + 1);
    }
    Room room = guest.room;
    if (!room.isDue && guest == room.speaker()) {
      room.isDue = true;
      due.add(room);
    }
  }

  private void time(int at) {
    long sent = 0;
    for (int i = at; bytes[i] >= '0' && bytes[i] <= '9'; i++) {
      sent = sent * 10 + bytes[i] - '0';
    }
    latencies[(int) Math.min(LONGEST_MICROS, (System.nanoTime() - sent) / 1_000)]++;
  }

  private int indexOf(byte[] what, int from, int end) {
    for (int at = from; at <= end - what.length; at++) {
      if (isAt(what, at, end)) {
        return at;
      }
    }
    return -1;
  }

  private boolean isAt(byte[] what, int at, int end) {
    return at + what.length <= end
        && Arrays.equals(bytes, at, at + what.length, what, 0, what.length);
  }

  @Override
  public void close() throws IOException {
    for (Room room : rooms) {
      for (Guest guest : room.guests) {
        guest.channel.close();
      }
    }
    selector.close();
  }
}
