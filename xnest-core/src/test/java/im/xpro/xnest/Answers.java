package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Answers that must be there already. */
final class Answers {
  private Answers() {}

  static <T> T now(CompletionStage<T> answer) {
    assertThat(answer.toCompletableFuture()).isDone();
    return answer.toCompletableFuture().join();
  }

  /** Why there is no answer. */
  static Throwable failure(CompletionStage<?> answer) {
    assertThat(answer.toCompletableFuture()).isCompletedExceptionally();
    try {
      answer.toCompletableFuture().join();
    } catch (CompletionException failed) {
      return failed.getCause();
    }
    throw new AssertionError("has not failed");
  }
}
