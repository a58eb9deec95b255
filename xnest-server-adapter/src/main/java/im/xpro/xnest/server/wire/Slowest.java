package im.xpro.xnest.server.wire;

import java.util.Comparator;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those peers of one server go for whom most waits. One thread at a time. */
public final class Slowest {
  private static final Logger log = LoggerFactory.getLogger(Slowest.class);
  private static final long TOLD_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record Waits<P>(P peer, long bytes) {}

  private long toldAt = System.nanoTime() - TOLD_NANOS;

  /**
   * Has them go until the rest fits, and logs how many, once a minute at most.
   *
   * @param bytes that wait for a peer
   * @param shed lets go of a peer, and of what waits for it
   */
  public <P> void letGo(
      BooleanSupplier isOver, Stream<P> all, ToLongFunction<P> bytes, Consumer<P> shed) {
    Iterator<Waits<P>> most =
        all.map(peer -> new Waits<>(peer, bytes.applyAsLong(peer)))
            .filter(waits -> waits.bytes() > 0)
            .sorted(Comparator.<Waits<P>>comparingLong(Waits::bytes).reversed())
            .iterator();
    int cut = 0;
    while (isOver.getAsBoolean() && most.hasNext()) {
      P next = most.next().peer();
      if (bytes.applyAsLong(next) > 0) {
        shed.accept(next);
        cut++;
      }
    }
    if (cut > 0 && System.nanoTime() - toldAt > TOLD_NANOS) {
      toldAt = System.nanoTime();
      log.warn("lets go {} who read slowest: too much waits for all together", cut);
    }
  }
}
