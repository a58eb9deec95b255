package im.xpro.xnest;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a {@link Bot} does in one room. Any thread, also long after the room is gone; nothing here
 * blocks. What is said from one thread is heard in that order.
 *
 * <pre>{@code
 * Bot echo = voice -> frame -> {
 *   if (frame.event() instanceof Event.Whispered whispered) {
 *     voice.whisper(frame.from(), whispered.text());
 *     voice.after(Duration.ofMinutes(1), () -> voice.say("Who else?"));
 *   }
 * };
 * }</pre>
 *
 * <p>Messages pass the filters like everybody's; what goes wrong with them later is an {@code
 * error} frame for the bot. A message is not taken, and false returned, if the room is gone, if the
 * bot has sent {@link Limits#botMessages} in the last 10 s, or if too many of its own still wait;
 * the latter two are reported, once until one is taken again.
 */
public final class Voice {
  private static final Duration RATE_TIME = Duration.ofSeconds(10);

  private final House house;
  private final Room room;
  private final Seat seat;
  private final Hearing hearing;

  /** What is said now is not taken, and that was reported. */
  private final AtomicBoolean dropping = new AtomicBoolean();

  /** When it has sent what counts for its rate; guarded by itself. */
  private final Deque<Instant> sent = new ArrayDeque<>();

  Voice(House house, Room room, Seat seat, Hearing hearing) {
    this.house = house;
    this.room = room;
    this.seat = seat;
    this.hearing = hearing;
  }

  /** The room that it is in. */
  public RoomId room() {
    return room.id;
  }

  /** Its own id, the {@code pid} on the wire. */
  public MemberId id() {
    return seat.id;
  }

  /**
   * Says {@code text} to everybody, exactly as it is: nothing in it is a command.
   *
   * @return false if it was not taken
   * @throws IllegalArgumentException if it has more than {@link Limits#maxTextBytes} of UTF-8, or a
   *     surrogate without its partner
   */
  public boolean say(String text) {
    return ask(new Command.Say(text), bytesOf(text));
  }

  /**
   * Says {@code text} to one member; an {@code error} frame comes back if nobody there has that id.
   *
   * @return false if it was not taken
   * @throws IllegalArgumentException as {@link #say}
   */
  public boolean whisper(MemberId to, String text) {
    return ask(new Command.Whisper(Objects.requireNonNull(to, "to"), text), bytesOf(text));
  }

  /**
   * Takes another nickname.
   *
   * @param nickname cleaned first, as everybody's
   * @return false if it was not taken
   * @throws IllegalArgumentException if nothing is left of it, or more than {@link
   *     Limits#maxNicknameCharacters}
   */
  public boolean rename(String nickname) {
    String cleaned = Bots.nickname(nickname, house.limits().maxNicknameCharacters());
    return ask(new Command.Rename(cleaned), Utf8.length(cleaned));
  }

  /**
   * Shares media.
   *
   * @param content from its position to its limit; belongs to xnest from now on
   * @return false if it was not taken
   * @throws IllegalArgumentException if it is empty, or has, with one byte for its kind, more than
   *     {@link Limits#maxBinaryBytes}
   */
  public boolean share(BlobKind kind, ByteBuffer content) {
    Objects.requireNonNull(kind, "kind");
    int bytes = Objects.requireNonNull(content, "content").remaining();
    int max = house.limits().maxBinaryBytes() - 1;
    if (bytes < 1 || bytes > max) {
      throw new IllegalArgumentException("content has " + bytes + " bytes, must have 1 to " + max);
    }
    return ask(new Command.Share(kind, content.slice()), bytes + 1);
  }

  /**
   * Who is in the room, bots too, in the order in which they joined; empty if it is gone. Completes
   * on the bot's thread, like what it hears and between that.
   */
  public CompletionStage<List<Participant>> participants() {
    return hearing.participants(room, seat);
  }

  /** Runs {@code task} on the bot's thread after {@code delay}, even if the room is gone then. */
  public void after(Duration delay, Runnable task) {
    Objects.requireNonNull(task, "task");
    if (Objects.requireNonNull(delay, "delay").isNegative()) {
      throw new IllegalArgumentException("delay is " + delay + ", must be 0 or more");
    }
    house.timer().after(delay, () -> hearing.execute(task));
  }

  /**
   * Reports what went wrong elsewhere than in a call of xnest, as what the bot throws is reported.
   *
   * @param doing what was being done, for a log
   */
  public void failed(String doing, Throwable cause) {
    hearing.report(
        Objects.requireNonNull(doing, "doing") + " of", Objects.requireNonNull(cause, "cause"));
  }

  private int bytesOf(String text) {
    Objects.requireNonNull(text, "text");
    int bytes = Utf8.length(text);
    int max = house.limits().maxTextBytes();
    if (bytes > max) {
      throw new IllegalArgumentException("text has " + bytes + " bytes of UTF-8, may have " + max);
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("text has a surrogate without its partner");
    }
    return bytes;
  }

  private boolean ask(Command command, int size) {
    boolean isInRate = !seat.inlet.hasLeft() && isInRate();
    boolean taken = isInRate && seat.inlet.ask(command, size);
    if (taken) {
      dropping.set(false);
    } else if (!seat.inlet.hasLeft() && dropping.compareAndSet(false, true)) {
      String why =
          isInRate
              ? "too much of it waits"
              : "it has sent " + house.limits().botMessages() + " messages in 10 s";
      hearing.report("taking messages of", new IllegalStateException(why));
    }
    return taken;
  }

  /** Whether one more is within its rate; it then counts. A clock that is set back forgives all. */
  private boolean isInRate() {
    Instant now = house.clock().instant();
    synchronized (sent) {
      sent.removeIf(at -> at.isAfter(now) || !at.plus(RATE_TIME).isAfter(now));
      return sent.size() < house.limits().botMessages() && sent.add(now);
    }
  }
}
