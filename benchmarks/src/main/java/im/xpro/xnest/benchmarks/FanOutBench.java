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

/** One message through a room in memory, from its inlet to all outlets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBench {
  @Param({"10", "100", "1000"})
  public int members;

  private final QuietHouse house = new QuietHouse();
  private Inlet speaker = house.enter("hall");

  @Setup
  public void fill() {
    for (int i = 1; i < members; i++) {
      speaker = house.enter("hall");
    }
  }

  @TearDown
  public void close() {
    house.close();
  }

  /** Returns the bytes that all members were offered so far. */
  @Benchmark
  public long say() {
    speaker.text("a line of about sixty bytes, as people write them in chats..");
    return house.bytes();
  }
}
