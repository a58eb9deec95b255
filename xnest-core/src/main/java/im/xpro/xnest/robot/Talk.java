package im.xpro.xnest.robot;

import im.xpro.xnest.Participant;
import im.xpro.xnest.Voice;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a robot does in one room, on the bot's thread; answers come on any thread. */
final class Talk {
  private static final String CALL = "@robot";

  /** A question without an answer yet. Compared by identity. */
  private static final class Open {
    final String text;
    final MemberId asker;
    final boolean isPrivate;
    @Nullable CompletionStage<String> answer;

    Open(String text, MemberId asker, boolean isPrivate) {
      this.text = text;
      this.asker = asker;
      this.isPrivate = isPrivate;
    }
  }

  private final Voice voice;
  private final Brain brain;

  /** Who removes a question is the one who closes it. */
  private final Set<Open> open = ConcurrentHashMap.newKeySet();

  Talk(Voice voice, Brain brain) {
    this.voice = voice;
    this.brain = brain;
  }

  void hear(Frame frame) {
    if (frame.event() instanceof Event.Said said) {
      String text = Words.after(CALL, said.text());
      if (text != null) {
        ask(new Open(text, frame.from(), false));
      }
    } else if (frame.event() instanceof Event.Whispered whispered) {
      String text = Words.after(CALL, whispered.text());
      ask(new Open(text == null ? whispered.text().strip() : text, frame.from(), true));
    } else if (frame.event() instanceof Event.Left) {
      open.stream().filter(one -> one.asker.equals(frame.from())).forEach(this::giveUp);
    }
  }

  private void ask(Open question) {
    if (open.size() >= Robot.OPEN_QUESTIONS) {
      voice.whisper(
          question.asker,
          Words.isChinese(question.text)
              ? "问题太多了，请稍后再问。"
              : "There are too many questions now. Please ask again later.");
      return;
    }
    open.add(question);
    voice.participants().whenComplete((there, failure) -> reporting(() -> think(question, there)));
  }

  private void think(Open question, List<Participant> there) {
    List<Member> members = there.stream().map(Participant::member).toList();
    Member asker =
        members.stream().filter(one -> one.id().equals(question.asker)).findAny().orElse(null);
    if (asker == null || !open.contains(question)) {
      open.remove(question);
      return;
    }
    CompletionStage<String> answer;
    try {
      answer =
          Objects.requireNonNull(
              brain.answer(new Question(question.text, asker, members)), "the brain's answer");
    } catch (Throwable failure) {
      answer = CompletableFuture.failedStage(failure);
    }
    question.answer = answer;
    answer.whenComplete((text, failure) -> reporting(() -> finish(question, text, failure)));
    if (open.contains(question)) {
      voice.after(Robot.TIME, () -> tooLate(question));
    }
  }

  private void tooLate(Open question) {
    if (giveUp(question)) {
      fail(question, new TimeoutException("no answer within " + Robot.TIME));
    }
  }

  /** Whether it was still open. */
  private boolean giveUp(Open question) {
    boolean wasOpen = open.remove(question);
    CompletionStage<String> answer = question.answer;
    if (wasOpen && answer != null) {
      answer.toCompletableFuture().cancel(true);
    }
    return wasOpen;
  }

  private void finish(Open question, @Nullable String text, @Nullable Throwable failure) {
    if (!open.remove(question)) {
      return;
    }
    if (failure != null || text == null) {
      fail(question, failure == null ? new NullPointerException("the brain's answer") : failure);
    } else {
      tell(question, text);
    }
  }

  private void fail(Open question, Throwable why) {
    voice.failed("asking the brain", why);
    tell(
        question,
        Words.isChinese(question.text) ? "对不起，我现在答不上来。" : "Sorry, I cannot answer that now.");
  }

  private void tell(Open question, String text) {
    int end = Math.min(text.length(), Robot.ANSWER_CHARACTERS);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    // a surrogate without its partner becomes a question mark
    String valid =
        new String(text.substring(0, end).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    if (question.isPrivate) {
      voice.whisper(question.asker, valid);
    } else {
      voice.say(valid);
    }
  }

  /** A stage would swallow what its continuation throws. */
  private void reporting(Runnable task) {
    try {
      task.run();
    } catch (Throwable failure) {
      voice.failed("answering questions", failure);
    }
  }
}
