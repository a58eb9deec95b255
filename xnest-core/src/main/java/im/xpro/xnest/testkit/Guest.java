package im.xpro.xnest.testkit;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A member that a test plays: it types, hears what the others do, and leaves. One thread.
 *
 * <pre>{@code
 * lin.whispers(ming, "psst");
 *
 * ming.hears(lin.whispered("psst"));
 * ming.hearsNothing();
 * }</pre>
 *
 * <p>What it checks itself fails with an {@link AssertionError} that ends with the {@linkplain
 * RoomKit#transcript transcript}.
 */
public final class Guest implements Someone {
  private record Heard(Frame frame, String json) {}

  /** What becomes of frames that it is offered. */
  private enum Reading {
    READS,
    /** They wait in the connection. */
    STOPPED,
    /** They go nowhere. */
    VANISHED,
    /** They are not taken. */
    STALLED
  }

  private final RoomKit kit;
  private final Entry entry;
  private final Inlet inlet;

  private final Queue<Heard> unread = new ArrayDeque<>();

  /** What waits in the connection. */
  private final Queue<Outgoing> inConnection = new ArrayDeque<>();

  private long bytesInConnection;
  private Reading reading = Reading.READS;
  private boolean paused;
  private @Nullable MemberId self;
  private String nickname;

  /** Who is there, as it was told. */
  private final Map<MemberId, String> roster = new LinkedHashMap<>();

  private @Nullable Integer closeCode;
  private @Nullable String closeReason;

  Guest(RoomKit kit, Entry entry) {
    this.kit = kit;
    this.entry = entry;
    this.nickname = entry.nickname() == null ? "" : entry.nickname();
    this.inlet = kit.xnest().enter(entry, new Ear());
  }

  private final class Ear implements Outlet {
    @Override
    public boolean offer(Outgoing frames) {
      if (reading == Reading.READS) {
        read(frames);
        return true;
      }
      bytesInConnection += frames.framed().remaining();
      if (reading == Reading.STALLED || bytesInConnection > kit.xnest().limits().outboxBytes()) {
        return false;
      }
      if (reading == Reading.STOPPED) {
        inConnection.add(frames);
      }
      return true;
    }

    @Override
    public void close(int code, String reason) {
      closeCode = code;
      closeReason = reason;
      note("is let go with " + code + ": " + reason);
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }

  private void read(Outgoing frames) {
    for (int i = 0; i < frames.frames().size(); i++) {
      Frame frame = frames.frames().get(i);
      learn(frame);
      unread.add(new Heard(frame, frames.texts().get(i)));
      kit.happened().heard(Objects.requireNonNull(self), frame);
    }
  }

  private void learn(Frame frame) {
    Event event = frame.event();
    if (event instanceof Event.You) {
      self = frame.from();
    } else if (event instanceof Event.Listed listed) {
      listed.members().forEach(member -> roster.put(member.id(), member.nickname()));
      nickname = Objects.requireNonNull(roster.get(frame.from()));
    } else if (event instanceof Event.Joined joined) {
      roster.put(frame.from(), joined.nickname());
    } else if (event instanceof Event.Renamed renamed) {
      roster.put(frame.from(), renamed.nickname());
    } else if (event instanceof Event.Left) {
      roster.remove(frame.from());
    }
  }

  private void note(String words) {
    kit.happened().note(entry.room(), this + " " + words);
  }

  // ---- what it does ----

  /** Its id, the {@code pid} on the wire. */
  @Override
  public MemberId id() {
    return inlet.id();
  }

  /** With what it came. */
  public Entry entry() {
    return entry;
  }

  /** Sends a text message: words for everybody or a command, as in PROTOCOL section 3. */
  public void types(String text) {
    Objects.requireNonNull(text, "text");
    act("types " + Transcript.quoted(text));
    inlet.text(text);
  }

  /** Types {@code text} for one member alone. */
  public void whispers(Someone to, String text) {
    whispers(Objects.requireNonNull(to, "to").id(), text);
  }

  /** Types {@code text} for the member of this id alone, if there is one. */
  public void whispers(MemberId to, String text) {
    Objects.requireNonNull(to, "to");
    types("@to:" + to + "|" + Objects.requireNonNull(text, "text"));
  }

  /** Asks for another nickname. */
  public void renames(String wished) {
    types("@changename:" + Objects.requireNonNull(wished, "wished"));
  }

  /** Asks for a page of the past, 0 being the newest; {@link #hearsPage} reads the answer. */
  public void asksForPage(long cursor) {
    types("@history:" + cursor);
  }

  /** Sends media; {@code content} is what is stored. */
  public void uploads(BlobKind kind, byte... content) {
    byte first = (byte) (Objects.requireNonNull(kind, "kind").ordinal() + 1);
    ByteBuffer message = ByteBuffer.allocate(content.length + 1).put(first).put(content).flip();
    sends(message.array());
  }

  /** Sends a binary message, its first byte being the kind. */
  public void sends(byte... message) {
    act("sends " + message.length + " bytes");
    inlet.binary(ByteBuffer.wrap(message.clone()));
  }

  /** Leaves as a client does that closes its connection. */
  public void leaves() {
    act("leaves");
    inlet.leave();
  }

  /**
   * Its connection breaks without a word: it hears nothing from now on and can do nothing. The
   * server notices after {@code Limits.silence}, by the kit's clock; until then it is a member.
   */
  public void vanishes() {
    act("vanishes");
    reading = Reading.VANISHED;
    kit.clock()
        .after(
            kit.xnest().limits().silence(),
            () -> {
              note("is found to have vanished");
              inlet.leave();
            });
  }

  /**
   * Reads no more: what it is sent waits in its connection until it {@link #readsOn}, but once that
   * is more than {@code Limits.outboxBytes} it is let go.
   */
  public void stopsReading() {
    act("stops reading");
    reading = Reading.STOPPED;
  }

  /** Reads again, first what has waited. */
  public void readsOn() {
    act("reads on");
    reading = Reading.READS;
    bytesInConnection = 0;
    Outgoing waited;
    while ((waited = inConnection.poll()) != null) {
      read(waited);
    }
  }

  /** Is too far behind from now on: takes no more frames, and is let go at the next. */
  public void stalls() {
    act("stalls");
    reading = Reading.STALLED;
  }

  /**
   * Enters once more under the same {@linkplain #entry entry}, without asking the admission rule,
   * whether it is still here or not.
   *
   * @return what it is now: a new member
   */
  public Guest comesBack() {
    return kit.enter(entry);
  }

  private void act(String words) {
    if (reading == Reading.VANISHED) {
      throw new IllegalStateException(this + " has vanished");
    }
    note(words);
  }

  // ---- what becomes of it ----

  /** True while its inlet asks it to send no more. */
  public boolean isPaused() {
    return paused;
  }

  /** The code with which the room closed its connection, null if it did not. */
  public @Nullable Integer closeCode() {
    return closeCode;
  }

  /** The reason given with {@link #closeCode}. */
  public @Nullable String closeReason() {
    return closeReason;
  }

  /**
   * Who is in the room, itself too, as it was told up to now, in the order in which they joined.
   */
  public List<Member> sees() {
    return roster.entrySet().stream().map(e -> new Member(e.getKey(), e.getValue())).toList();
  }

  /**
   * The member of this nickname.
   *
   * @throws AssertionError unless it sees exactly one
   */
  public Someone sees(String wanted) {
    Objects.requireNonNull(wanted, "wanted");
    List<Member> found = sees().stream().filter(m -> m.nickname().equals(wanted)).toList();
    if (found.size() != 1) {
      throw failure(
          "should see one " + Transcript.quoted(wanted) + ", but sees " + Transcript.named(sees()));
    }
    return new Seen(found.get(0), entry.room(), kit.clock());
  }

  // ---- what it hears ----

  /**
   * Takes the oldest frame not yet read.
   *
   * @throws AssertionError if there is none
   */
  public Frame hears() {
    return next().frame;
  }

  /**
   * Takes the oldest frames not yet read.
   *
   * @throws AssertionError unless they are these, in this order; others may follow
   */
  public void hears(Frame first, Frame... more) {
    List<Frame> expected = new ArrayList<>(List.of(more));
    expected.add(0, first);
    List<Frame> heard = new ArrayList<>();
    while (heard.size() < expected.size() && !unread.isEmpty()) {
      heard.add(unread.remove().frame);
    }
    if (!heard.equals(expected)) {
      throw failure("should hear" + described(expected) + "\nbut hears" + described(heard));
    }
  }

  /**
   * Takes the four frames of its welcome, which come before its own {@code join}.
   *
   * @return the newest page of the past, oldest first
   * @throws AssertionError if it hears anything else
   */
  public List<HistoryEntry> hearsWelcome() {
    for (Class<?> event : List.of(Event.You.class, Event.Counted.class, Event.Listed.class)) {
      Frame frame = next().frame;
      if (!event.isInstance(frame.event())) {
        throw failure("should hear its welcome, but hears" + described(List.of(frame)));
      }
    }
    return hearsPage();
  }

  /** As {@link #hears()}, as the JSON on the wire. */
  public String hearsJson() {
    return next().json;
  }

  /**
   * Takes the oldest frame not yet read.
   *
   * @return the records of the page that it bears, oldest first
   * @throws AssertionError if it bears none
   */
  public List<HistoryEntry> hearsPage() {
    Frame frame = next().frame;
    if (frame.event() instanceof Event.Past past) {
      return past.entries();
    }
    throw failure("should hear a page of history, but hears" + described(List.of(frame)));
  }

  /** Takes all frames not yet read. */
  public List<Frame> hearsAll() {
    List<Frame> all = unread();
    unread.clear();
    return all;
  }

  /**
   * Checks that every frame was read.
   *
   * @throws AssertionError if not
   */
  public void hearsNothing() {
    if (!unread.isEmpty()) {
      throw failure("should hear nothing more, but hears" + described(unread()));
    }
  }

  private List<Frame> unread() {
    return unread.stream().map(Heard::frame).toList();
  }

  void forget() {
    unread.clear();
  }

  private Heard next() {
    Heard heard = unread.poll();
    if (heard == null) {
      throw failure("should hear something, but does not");
    }
    return heard;
  }

  private String described(List<Frame> frames) {
    return frames.isEmpty()
        ? " nothing"
        : frames.stream()
            .map(frame -> "\n  " + kit.happened().describe(frame, id()))
            .collect(Collectors.joining());
  }

  private AssertionError failure(String words) {
    return new AssertionError(this + " " + words + "\n" + kit.transcript());
  }

  // ---- what is heard of it ----

  @Override
  public Frame joined() {
    return frame(new Event.Joined(nickname));
  }

  @Override
  public Frame frame(Event event) {
    return new Frame(id(), entry.room(), event, kit.clock().instant());
  }

  @Override
  public String toString() {
    return self == null ? nickname : roster.getOrDefault(self, nickname) + " (" + self + ")";
  }
}
