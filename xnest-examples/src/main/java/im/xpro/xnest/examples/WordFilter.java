package im.xpro.xnest.examples;

import im.xpro.xnest.Draft;
import im.xpro.xnest.Filter;
import im.xpro.xnest.Verdict;
import im.xpro.xnest.protocol.Command;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Masks words in what is said or whispered, and refuses nicknames that have one of them. */
public final class WordFilter implements Filter {
  private final Pattern words;

  /** Masks each of {@code words}, in any case, where it stands alone. */
  public WordFilter(Collection<String> words) {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("words is empty");
    }
    String any = words.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    this.words =
        Pattern.compile(
            "\\b(?:" + any + ")\\b", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);
  }

  @Override
  public CompletionStage<Verdict> judge(Draft draft) {
    return CompletableFuture.completedStage(verdict(draft));
  }

  private Verdict verdict(Draft draft) {
    Matcher found = words.matcher(draft.text());
    if (!found.find()) {
      return draft.pass();
    }
    return draft.command() instanceof Command.Rename
        ? draft.refuse("this nickname is not welcome")
        : draft.withText(found.replaceAll(word -> "*".repeat(word.group().length())));
  }
}
