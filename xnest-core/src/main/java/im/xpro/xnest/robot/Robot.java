package im.xpro.xnest.robot;

import im.xpro.xnest.Bot;
import im.xpro.xnest.Voice;
import im.xpro.xnest.protocol.Frame;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A bot that answers everything that begins with {@code @robot}, in any case: said to everybody, to
 * everybody; what is whispered to it, with or without that call, in private.
 *
 * <pre>{@code
 * Xnest xnest = Xnest.builder().bot("robot", Robot.with(Brain.rules())).build();
 * }</pre>
 *
 * <p>In each room at most 4 questions are open at a time; who asks one more is told so. A question
 * is given up, and its answer cancelled, after 30 s, or when its asker has left. An answer is cut
 * after 4,000 characters.
 */
public final class Robot implements Bot {
  static final int OPEN_QUESTIONS = 4;
  static final Duration TIME = Duration.ofSeconds(30);
  static final int ANSWER_CHARACTERS = 4_000;

  private final Brain brain;

  private Robot(Brain brain) {
    this.brain = brain;
  }

  /** One that asks {@code brain}. */
  public static Robot with(Brain brain) {
    return new Robot(Objects.requireNonNull(brain, "brain"));
  }

  @Override
  public Consumer<Frame> enter(Voice voice) {
    return new Talk(voice, brain)::hear;
  }
}
