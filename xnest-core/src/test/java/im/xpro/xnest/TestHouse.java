package im.xpro.xnest;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.FrameWriter;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** A house for rooms that are tested without an {@link Xnest} around them. */
final class TestHouse {
  private TestHouse() {}

  /** With everything in memory, and a timer that never rings. */
  static House with(Executor rooms, Tails tails, XnestListener listener) {
    Limits limits = Limits.defaults();
    HistoryStore history = HistoryStore.inMemory(1_000);
    Timer never = (delay, task) -> {};
    ShieldedListener shielded =
        new ShieldedListener(List.of(listener), new FailureLog(Xnest.class, never));
    HistoryWriter writer = new HistoryWriter(history, Runnable::run, never, shielded);
    return new House(
        limits,
        new CommandParser(limits.maxNicknameCharacters()),
        new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC),
        InstantSource.system(),
        never,
        rooms,
        new Storage(
            history,
            BlobStore.inMemory(),
            Runnable::run,
            Runnable::run,
            writer,
            limits,
            never,
            shielded::failed),
        new Filters(List.of(), limits, never, shielded::failed),
        new Bots(List.of(), Runnable::run, limits),
        null,
        tails,
        new Sanctions(limits.bans()),
        new Ids()::member,
        () -> "blob",
        true,
        new AtomicLong(),
        shielded);
  }
}
