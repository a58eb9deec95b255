package im.xpro.xnest.examples;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/** Answers operators with a text; for all others nothing is here. */
final class Operations implements Resource {
  /**
   * What is answered.
   *
   * @param status of HTTP
   * @param type of the text
   */
  record Answer(int status, String type, String text) {}

  private final String path;
  private final boolean isForAll;
  private final Supplier<Answer> answers;

  /**
   * @param path at which it is, and nothing below
   * @param isForAll whether peers on other machines are answered too
   */
  Operations(String path, boolean isForAll, Supplier<Answer> answers) {
    this.path = path;
    this.isForAll = isForAll;
    this.answers = answers;
  }

  @Override
  public Reply answer(Ask ask) {
    if (!ask.path().equals(path) || !isForAll && !isLocal(ask)) {
      return Reply.of(404);
    }
    if (!ask.method().equals("GET")) {
      return Reply.notAllowed("GET");
    }
    Answer answer = answers.get();
    return new Reply(
        answer.status(),
        Map.of("Content-Type", answer.type(), "Cache-Control", "no-store"),
        answer.text().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether who asks is on this machine, and no proxy on it asks for somebody else. */
  static boolean isLocal(Ask ask) {
    return ask.peer().isLoopbackAddress()
        && ask.header().apply("X-Forwarded-For") == null
        && ask.header().apply("Forwarded") == null;
  }
}
