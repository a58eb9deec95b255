package im.xpro.xnest.examples.storm;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;

/** Somebody in a room, from its handshake to its end, and all that it does there. */
final class Member {
  enum Kind {
    /** Stays, talks, whispers, renames itself, uploads, reads the past. */
    RESIDENT,
    /** The same for a while, without whispers; then it leaves. */
    GUEST,
    /** Asks for the past and reads no answer. */
    SLOW,
    /** Talks as fast as the server reads. */
    FLOODER,
    /** Sends what is no message. */
    VANDAL,
    /** Says what time it is. */
    CLOCK,
    /** Hears what time it was. */
    LISTENER,
    /** Comes at the end, to see who and what is there. */
    LATECOMER;

    /** Whether another life of the kind follows. */
    boolean comesAgain() {
      return this == GUEST || isTrouble();
    }

    /** Whether the server may let it go. */
    boolean isTrouble() {
      return this == SLOW || this == FLOODER || this == VANDAL;
    }
  }

  private static final long MILLI = 1_000_000;
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final long UPLOAD_EVERY = Duration.ofSeconds(4).toNanos();
  private static final int PAGES = 3;
  private static final String TICK = "tick ";
  private static final String[] SPICE = {
    "",
    "你好,世界",
    "\"quoted\" \\ and /",
    "<b>&amp;</b>",
    "\uD83D\uDC4B\uD83C\uDFFD",
    "a\u0000b\u2028c",
    "@to:nobody|  \t"
  };
  private static final String[] NONSENSE = {
    "81026869", // not masked
    "81820000000028c3", // a character that begins with its end
    "838000000000", // a reserved opcode
    "c18000000000", // a reserved bit
    "82ff000001000000000000000000", // a terabyte is announced
    "88810000000001", // half a close code
    "808000000000" // the end of nothing
  };

  private final Swarm swarm;
  private final Kind kind;
  private final Room room;
  private final Random random;
  private final Seat seat;
  private final Wire wire;
  private final Deque<byte[]> uploads = new ArrayDeque<>();
  private boolean isHere;
  private boolean isLeaving;
  private boolean isOver;

  /** When what it waits for has to have happened, in nanoseconds. */
  private long deadline = System.nanoTime() + PATIENCE;

  /** When it ends what it does, in nanoseconds. */
  private long until;

  private int spoken;
  private int page = PAGES;
  private int pageSize;
  private long nextUpload;

  /** Begins to connect. Who stays in the room is one of its residents from now on. */
  Member(Swarm swarm, Kind kind, Room room, long seed) throws IOException {
    this.swarm = swarm;
    this.kind = kind;
    this.room = room;
    random = new Random(seed);
    boolean isKept = random.nextInt(5) > 0;
    boolean isWitness = room.residents().isEmpty();
    seat = new Seat(room.ledger(), isWitness, isKept, kind == Kind.FLOODER);
    wire =
        new Wire(
            swarm.selector(),
            URI.create(
                "%s%s?nickname=%s&is_store_history=%b"
                    .formatted(swarm.url(), room.ledger().room, kind, isKept)),
            kind == Kind.SLOW ? 4 << 10 : 0,
            this);
    if (!kind.comesAgain()) {
      room.residents().add(this);
    }
  }

  Kind kind() {
    return kind;
  }

  Room room() {
    return room;
  }

  Seat seat() {
    return seat;
  }

  boolean isLatecomer() {
    return kind == Kind.LATECOMER;
  }

  /** Whether its connection has ended. */
  boolean isOver() {
    return isOver;
  }

  private void broken(String what, Object... values) {
    room.ledger().broken("%s %s %s", kind, seat.pid(), what.formatted(values));
  }

  /** The selector has something for it. */
  void turn() {
    for (String text : wire.turn()) {
      try {
        hear(text);
      } catch (JsonParseException | IllegalStateException | NullPointerException failure) {
        broken("hears what is no frame: %s: %s", failure, text);
      }
    }
    if (!isHere && seat.isWelcome()) {
      isHere = true;
      swarm.joinsNoMore();
      swarm.tally().joins++;
      until = System.nanoTime() + life();
    }
    endsIfItHas();
  }

  private long life() {
    return MILLI
        * switch (kind) {
          case GUEST -> 500 + random.nextInt(10_000);
          case SLOW -> 15_000 + random.nextInt(10_000);
          case FLOODER -> 3_000 + random.nextInt(40_000);
          default -> 0;
        };
  }

  private void endsIfItHas() {
    String end = wire.end();
    if (end == null || isOver) {
      return;
    }
    isOver = true;
    seat.close();
    if (!isHere) {
      swarm.joinsNoMore();
      broken("does not get in: %s", end);
    } else if (!isLeaving && !kind.isTrouble()) {
      broken("is let go and did nothing wrong: %s", end);
    } else if (!isLeaving) {
      String code = end.split(" ", 2)[0];
      swarm.tally().fault(kind + " let go" + (code.matches("1\\d+") ? " with " + code : ""));
    }
    swarm.isOver(this, random.nextLong());
  }

  private void hear(String text) {
    JsonObject frame = JsonParser.parseString(text).getAsJsonObject();
    String type = frame.get("type").getAsString();
    if (type.equals("error")) {
      if (!kind.isTrouble()) {
        broken("is answered with an error: %s", frame.get("payload"));
      }
      return;
    }
    long before = seat.deliveries();
    boolean isLater = seat.isWelcome();
    seat.hear(frame);
    swarm.tally().deliveries += seat.deliveries() - before;
    if (isLater && type.equals("history") && page < PAGES) {
      pageSize = frame.get("payload").getAsJsonArray().size();
      page++;
      askOn();
    } else if (frame.get("from").getAsString().equals(seat.pid())
        && (type.equals("picture") || type.equals("file"))
        && !uploads.isEmpty()) {
      swarm.fetch(room.ledger(), frame.get("payload").getAsString(), uploads.remove());
    } else if (kind == Kind.LISTENER && type.equals("normal")) {
      String payload = frame.get("payload").getAsString();
      if (payload.startsWith(TICK)) {
        swarm.tally().took(System.nanoTime() - Long.parseLong(payload.substring(TICK.length())));
      }
    }
  }

  private void askOn() {
    if (page == PAGES || pageSize < Ledger.PAGE) {
      page = PAGES;
      seat.hasPages(pageSize < Ledger.PAGE);
    } else {
      wire.say("@history:" + page);
    }
  }

  /** Does its next thing; returns when to do another, in nanoseconds. */
  long act() {
    long now = System.nanoTime();
    long next = now + 20 * MILLI;
    if (!isHere || isLeaving) {
      if (now > deadline) {
        broken(isHere ? "has asked to leave and is not let go" : "waits for its welcome");
        wire.reset();
      }
    } else if (swarm.isEnding() && kind.comesAgain()) {
      wire.pause(false);
      if (kind == Kind.GUEST) {
        leave(true);
      } else {
        reset();
      }
    } else if (!swarm.isEnding()) {
      next = now + live(now);
    }
    endsIfItHas();
    return next;
  }

  /** Returns for how long to do nothing then. */
  private long live(long now) {
    switch (kind) {
      case RESIDENT, GUEST -> {
        if (kind == Kind.GUEST && now > until) {
          leaveSomehow();
          return 20 * MILLI;
        }
        converse(now);
        return (long) (-Math.log(1 - random.nextDouble()) * 1e9 / swarm.talk());
      }
      case SLOW -> {
        wire.pause(now < until);
        if (now > until + 2_000 * MILLI) {
          reset();
        } else if (now < until && wire.isIdle()) {
          seat.asksForPages();
          wire.say("@history:0");
        }
        return 250 * MILLI;
      }
      case FLOODER -> {
        for (int i = 0; i < 500 && wire.isIdle() && wire.end() == null; i++) {
          say("x".repeat(1_000));
        }
        if (now > until) {
          reset();
        }
        return 20 * MILLI;
      }
      case VANDAL -> {
        leaves("nonsense");
        wire.raw(HexFormat.of().parseHex(NONSENSE[random.nextInt(NONSENSE.length)]));
        return 20 * MILLI;
      }
      case CLOCK -> {
        tell(TICK + System.nanoTime());
        return 50 * MILLI;
      }
      default -> {
        return 50 * MILLI;
      }
    }
  }

  private void converse(long now) {
    int dice = random.nextInt(100);
    if (dice < 6 && kind == Kind.RESIDENT) {
      whisper();
    } else if (dice < 10) {
      String name = "name " + random.nextInt(1_000_000);
      room.ledger().says(seat.pid(), "changename", name);
      wire.say("@changename:" + name);
    } else if (dice < 13 && page == PAGES) {
      seat.asksForPages();
      page = 0;
      wire.say("@history:0");
    } else if (dice < 15 && now > nextUpload) {
      nextUpload = now + UPLOAD_EVERY;
      upload();
    } else {
      say(SPICE[random.nextInt(SPICE.length)] + "-".repeat(random.nextInt(200)));
    }
  }

  private void whisper() {
    Member other = room.residents().get(random.nextInt(room.residents().size()));
    if (other.isHere && !other.isOver) {
      String text = Ledger.whisper(seat.pid() + " " + spoken++);
      other.seat.isToldBy(seat.pid(), text);
      wire.say("@to:" + other.seat.pid() + "|" + text);
      swarm.tally().said++;
    }
  }

  private void upload() {
    byte[] message = new byte[2 + random.nextInt(40_000)];
    random.nextBytes(message);
    message[0] = (byte) (2 + random.nextInt(2));
    uploads.add(message);
    room.ledger().says(seat.pid(), message[0] == 2 ? "picture" : "file", "");
    wire.upload(message);
    swarm.tally().said++;
  }

  private void say(String text) {
    tell(seat.pid() + " " + spoken++ + " " + text);
  }

  private void tell(String text) {
    room.ledger().says(seat.pid(), "normal", text);
    wire.say(text);
    swarm.tally().said++;
  }

  private void leaveSomehow() {
    switch (random.nextInt(3)) {
      case 0 -> reset();
      case 1 -> leave(false);
      default -> leave(true);
    }
  }

  private void reset() {
    leaves("reset");
    wire.reset();
  }

  /** With last words that are to be heard. */
  private void leave(boolean isOrderly) {
    say("almost the last words");
    say("the last words");
    room.ledger().saysGoodbye(seat.pid());
    if (isOrderly || !wire.isIdle()) {
      leaves("close");
      wire.close();
    } else {
      leaves("half close");
      wire.halfClose();
    }
  }

  /** Ends it without a word, and without another life. */
  void cut() {
    isOver = true;
    wire.reset();
  }

  private void leaves(String how) {
    isLeaving = true;
    deadline = System.nanoTime() + PATIENCE;
    room.ledger().isGone(seat.pid());
    swarm.tally().fault(how);
  }
}
