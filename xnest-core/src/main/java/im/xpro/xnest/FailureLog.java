package im.xpro.xnest;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failures so that neither a peer nor an outage can misuse the log, for transports and stores.
 * What may come from a peer is one line, at most 500 characters, with control and format characters
 * escaped. Of failures of one kind the first is told at once, then every 10 s how many more there
 * were. Those that are no {@link RuntimeException} or {@link Error} have no stack trace, unless the
 * logger is at DEBUG. Any thread.
 *
 * <pre>{@code
 * void tell(FailureLog log, RoomId room, Exception failure) {
 *   log.failed("reading the history of room '" + room + "'", failure);
 * }
 * }</pre>
 */
public final class FailureLog {
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final int CHARACTERS = 500;
  private static final int CAUSES = 10;
  private static final int KINDS = 100;

  /** What the names and numbers of a case begin with. */
  private static final Pattern CASE = Pattern.compile("['<\\d]");

  private static final class Kind {
    private final String name;
    private long leftOut;

    Kind(String name) {
      this.name = name;
    }
  }

  private final Logger log;
  private final Timer timer;

  /** Told of within the last while; a kind's count is guarded by the map's computations. */
  private final ConcurrentMap<String, Kind> told = new ConcurrentHashMap<>();

  /**
   * @param of whose name the logger has
   * @param timer runs what tells how many more there were
   */
  public FailureLog(Class<?> of, Timer timer) {
    this(LoggerFactory.getLogger(Objects.requireNonNull(of, "of")), timer);
  }

  FailureLog(Logger log, Timer timer) {
    this.log = log;
    this.timer = Objects.requireNonNull(timer, "timer");
  }

  /**
   * Tells that something failed, or counts it.
   *
   * @param doing what was being done; its kind is what stands before the first quoted name, number
   *     or id, and the class of the cause
   */
  public void failed(String doing, Throwable cause) {
    if (isNew(doing, cause)) {
      boolean isBug =
          cause instanceof Error
              || cause instanceof RuntimeException && !(cause instanceof UncheckedIOException);
      if (isBug || log.isDebugEnabled()) {
        log.warn("Failed {}", escaped(doing), Shown.of(cause, CAUSES));
      } else {
        log.warn("Failed {}: {}", escaped(doing), escaped(causes(cause)));
      }
    }
  }

  private boolean isNew(String doing, Throwable cause) {
    Matcher theCase = CASE.matcher(doing);
    String what = theCase.find() ? doing.substring(0, theCase.start()) : doing;
    String name = what.strip() + " (" + cause.getClass().getSimpleName() + ")";
    String known = told.size() < KINDS || told.containsKey(name) ? name : "other things";
    Kind fresh = new Kind(known);
    Kind kind =
        told.compute(
            known,
            (same, before) -> {
              if (before != null) {
                before.leftOut++;
              }
              return before == null ? fresh : before;
            });
    if (kind == fresh) {
      tellLater(kind);
    }
    return kind == fresh;
  }

  private void tellLater(Kind kind) {
    try {
      timer.after(QUIET, () -> tellHowMany(kind));
    } catch (RuntimeException | Error noTimer) {
      // then each failure is told, which is better than none
      told.remove(kind.name);
    }
  }

  private void tellHowMany(Kind kind) {
    long[] more = new long[1];
    told.computeIfPresent(
        kind.name,
        (same, now) -> {
          more[0] = now.leftOut;
          now.leftOut = 0;
          return more[0] == 0 ? null : now;
        });
    if (more[0] > 0) {
      log.warn("Failed {}: {} more in {} s", escaped(kind.name), more[0], QUIET.toSeconds());
      tellLater(kind);
    }
  }

  private static String causes(Throwable failure) {
    StringBuilder all = new StringBuilder(failure.toString());
    Throwable cause = failure.getCause();
    for (int i = 0; cause != null && i < CAUSES; i++) {
      all.append(", caused by ").append(cause);
      cause = cause.getCause();
    }
    return all.toString();
  }

  /** Nothing in it ends a line, moves a cursor, or turns the direction of what follows. */
  static String escaped(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(CHARACTERS)
        .forEach(
            character -> {
              switch (Character.getType(character)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    safe.append(String.format("\\u%04X", character));
                default -> safe.appendCodePoint(character);
              }
            });
    return text.codePointCount(0, text.length()) > CHARACTERS ? safe + "..." : safe.toString();
  }

  /** A failure whose messages are safe to print. */
  private static final class Shown extends Exception {
    private static final long serialVersionUID = 1;

    private Shown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }

    static @Nullable Shown of(@Nullable Throwable failure, int depth) {
      if (failure == null || depth == 0) {
        return null;
      }
      Shown shown = new Shown(escaped(failure.toString()), of(failure.getCause(), depth - 1));
      shown.setStackTrace(failure.getStackTrace());
      return shown;
    }

    @Override
    public String toString() {
      return String.valueOf(getMessage());
    }
  }
}
