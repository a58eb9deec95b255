package im.xpro.xnest.testkit;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What contracts expect, said so that a failure can be understood without a debugger. */
final class Expect {
  private static final int SHOWN_CHARACTERS = 120;
  private static final int SECONDS = 60;

  private Expect() {}

  static void equal(String what, @Nullable Object expected, @Nullable Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError(
          what + " should be\n  " + show(expected) + "\nbut is\n  " + show(actual));
    }
  }

  static void that(boolean isTrue, String what) {
    if (!isTrue) {
      throw new AssertionError(what);
    }
  }

  static void entries(String what, List<HistoryEntry> expected, List<HistoryEntry> actual) {
    that(actual != null, what + " should be a list, but is null");
    equal("the numbers of " + what, numbers(expected), numbers(actual));
    for (int i = 0; i < expected.size(); i++) {
      equal("entry " + i + " of " + what, expected.get(i), actual.get(i));
    }
  }

  private static List<Long> numbers(List<HistoryEntry> entries) {
    return entries.stream().map(HistoryEntry::number).toList();
  }

  /** An attempt that has to fail in a certain way. */
  static void refused(String what, Class<? extends Exception> how, Check.Body attempt) {
    try {
      attempt.run();
    } catch (Exception refusal) {
      if (how.isInstance(refusal)) {
        return;
      }
      throw new AssertionError(
          what + " should be refused with " + how.getSimpleName() + ", but failed with " + refusal,
          refusal);
    }
    throw new AssertionError(
        what + " should be refused with " + how.getSimpleName() + ", but was accepted");
  }

  /** Runs all side by side, and fails as the first of them does. */
  static void together(List<Check.Body> bodies) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(bodies.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Check.Body body : bodies) {
        Callable<Boolean> task =
            () -> {
              body.run();
              return true;
            };
        running.add(threads.submit(task));
      }
      for (Future<?> one : running) {
        one.get(SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof AssertionError unexpected) {
        throw unexpected;
      }
      throw failure;
    } finally {
      threads.shutdownNow();
    }
  }

  private static String show(@Nullable Object value) {
    if (value instanceof HistoryEntry entry) {
      return "number "
          + entry.number()
          + ", room "
          + show(entry.room().value())
          + ", from "
          + show(entry.from().value())
          + ", nickname "
          + show(entry.nickname())
          + ", time "
          + entry.time()
          + ", "
          + show(entry.message());
    }
    if (value instanceof Event.Said said) {
      return "text of " + said.text().length() + " characters " + show(said.text());
    }
    return value instanceof String text ? quote(text) : String.valueOf(value);
  }

  /** What is not plain ASCII is written by its number, so that what looks the same differs. */
  private static String quote(String text) {
    StringBuilder shown = new StringBuilder("'");
    for (int i = 0; i < Math.min(text.length(), SHOWN_CHARACTERS); i++) {
      char c = text.charAt(i);
      shown.append(c >= ' ' && c <= '~' ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return shown.append(text.length() > SHOWN_CHARACTERS ? "'…" : "'").toString();
  }
}
