package im.xpro.xnest.robot;

import java.time.Clock;
import java.util.Random;
import java.util.concurrent.CompletionStage;

/**
 * Knows the answers of a {@link Robot}. The same for all rooms, which may ask at the same time.
 *
 * <pre>{@code
 * Brain parrot = question -> CompletableFuture.completedStage(question.text());
 * Xnest xnest = Xnest.builder().bot("robot", Robot.with(parrot)).build();
 * }</pre>
 */
@FunctionalInterface
public interface Brain {
  /**
   * Answers a question, best at once or later from another thread: until it returns, the robot
   * hears nothing more in that room. If it throws, or the stage fails, that is reported and the
   * asker is told.
   *
   * @return never null, nor what it completes with. When the answer is no longer wanted its {@link
   *     CompletionStage#toCompletableFuture} is cancelled
   */
  CompletionStage<String> answer(Question question);

  /**
   * Knows, in English and Chinese: help, the time in the system's zone, who is here, dice, echo.
   */
  static Brain rules() {
    return new Rules(Clock.systemDefaultZone(), new Random());
  }
}
