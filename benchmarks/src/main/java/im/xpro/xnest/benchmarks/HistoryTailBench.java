package im.xpro.xnest.benchmarks;

import im.xpro.xnest.Inlet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The newest page of a room that has kept some messages, as a joiner gets it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HistoryTailBench {
  @Param({"0", "50", "1000"})
  public int kept;

  private final QuietHouse house = new QuietHouse();

  @Setup
  public void fill() {
    Inlet speaker = house.enter("hall");
    for (int i = 0; i < kept; i++) {
      speaker.text("a line of about sixty bytes, as people write them in chats..");
    }
  }

  @TearDown
  public void close() {
    house.close();
  }

  @Benchmark
  public long joinAndLeave() {
    house.enter("hall").leave();
    return house.bytes();
  }
}
