package im.xpro.xnest;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Erases entries of one room, a step at a time until none is left, and behind each step its media.
 * It takes turns with appends, so nobody waits for more than a step. One thread at a time.
 *
 * <pre>
 *   append thread: entries -> storage thread: their media -> the room's mailbox: the next step
 * </pre>
 *
 * <p>A crash after the entries of a step leaves its media without a trace in the history: they can
 * be fetched by who knows their URL, until the blob store forgets them for their age.
 */
final class Erasing {
  /** The numbers that are searched in one step for what came from one sender. */
  private static final int NUMBERS_PER_STEP = 10_000;

  private final RoomId room;
  private final HistoryStore history;
  private final BlobStore blobs;
  private final HistoryWriter writer;
  private final Executor uploads;
  private final Executor mailbox;
  private final Consumer<Erasure> erased;
  private final Storage.Answer<Integer> answer;

  private Erasure rest;
  private int count;

  /**
   * @param erased told in the mailbox, as soon as all that it covers is erased
   * @param answer how many entries were erased, in the mailbox
   */
  Erasing(
      RoomId room,
      Erasure what,
      HistoryStore history,
      BlobStore blobs,
      HistoryWriter writer,
      Executor uploads,
      Executor mailbox,
      Consumer<Erasure> erased,
      Storage.Answer<Integer> answer) {
    this.room = room;
    this.rest = what;
    this.history = history;
    this.blobs = blobs;
    this.writer = writer;
    this.uploads = uploads;
    this.mailbox = mailbox;
    this.erased = erased;
    this.answer = answer;
  }

  void goOn() {
    writer.between(this::step);
  }

  private void step() {
    try {
      if (rest.last() == Long.MAX_VALUE) {
        rest = rest.within(1, history.last(room));
      }
      Erasure asked = rest.sender() == null && rest.identity() == null ? rest : someOfTheRest();
      List<HistoryEntry> entries =
          asked.isEmpty()
              ? List.of()
              : Objects.requireNonNull(history.erase(room, asked), "the history store's answer");
      if (entries.isEmpty()) {
        mailbox.execute(() -> erasedUpTo(asked.last()));
        return;
      }
      long newest = entries.get(entries.size() - 1).number();
      mailbox.execute(() -> erased.accept(asked.within(1, newest)));
      count += entries.size();
      removeMedia(entries, newest);
    } catch (Throwable failure) {
      fail(failure);
    }
  }

  private Erasure someOfTheRest() {
    return rest.within(1, rest.first() + NUMBERS_PER_STEP - 1);
  }

  private void removeMedia(List<HistoryEntry> entries, long newest) {
    List<String> media =
        entries.stream()
            .filter(entry -> entry.message() instanceof Event.Shared)
            .map(entry -> ((Event.Shared) entry.message()).blob())
            .toList();
    if (media.isEmpty()) {
      mailbox.execute(() -> erasedUpTo(newest));
    } else {
      uploads.execute(
          () -> {
            Throwable failure = remove(media);
            if (failure == null) {
              mailbox.execute(() -> erasedUpTo(newest));
            } else {
              fail(failure);
            }
          });
    }
  }

  /** Tries all of them; null if all are gone. */
  private @Nullable Throwable remove(List<String> media) {
    IOException failure = null;
    for (String blob : media) {
      try {
        blobs.remove(room, blob);
      } catch (Throwable stays) {
        if (failure == null) {
          failure = new IOException("the entries are erased, but not all of their media", stays);
        } else {
          failure.addSuppressed(stays);
        }
      }
    }
    return failure;
  }

  private void fail(Throwable failure) {
    mailbox.execute(() -> answer.accept(null, failure));
  }

  private void erasedUpTo(long number) {
    rest = rest.within(number + 1, rest.last());
    if (rest.isEmpty()) {
      answer.accept(count, null);
    } else {
      goOn();
    }
  }
}
