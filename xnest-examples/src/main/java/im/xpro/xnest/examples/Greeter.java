package im.xpro.xnest.examples;

import im.xpro.xnest.Bot;
import im.xpro.xnest.Voice;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A bot to copy: greets in private who comes, and says so when nobody has said anything for a
 * while.
 *
 * <pre>{@code
 * Xnest xnest = Xnest.builder().bot("greeter", new Greeter(Duration.ofMinutes(5))).build();
 * }</pre>
 */
public final class Greeter implements Bot {
  private final Duration quiet;

  /**
   * @param quiet how long nobody says anything, up to twice as long, before it does
   */
  public Greeter(Duration quiet) {
    this.quiet = quiet;
  }

  @Override
  public Consumer<Frame> enter(Voice voice) {
    return new InOneRoom(voice)::hear;
  }

  /** What it knows of one room; xnest calls it on one thread at a time. */
  private final class InOneRoom {
    private final Voice voice;
    private long messages;
    private boolean watching;

    InOneRoom(Voice voice) {
      this.voice = voice;
    }

    void hear(Frame frame) {
      if (frame.event() instanceof Event.Joined joined) {
        voice.whisper(frame.from(), "Welcome, " + joined.nickname() + "!");
      } else if (frame.event() instanceof Event.Message) {
        messages++;
        watch();
      }
    }

    /** Once at a time: what waits does not grow with what is said. */
    private void watch() {
      if (!watching) {
        watching = true;
        long now = messages;
        voice.after(quiet, () -> look(now));
      }
    }

    private void look(long then) {
      watching = false;
      if (messages == then) {
        voice.say("It has become quiet here.");
      } else {
        watch();
      }
    }
  }
}
