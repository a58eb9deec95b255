package im.xpro.xnest.benchmarks;

import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a text to a command, and from a frame to JSON: once for each message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProtocolBench {
  @Param({"a line of about sixty bytes, as people write them in chats..", "大家好，今天你吃饭了吗？"})
  public String text = "";

  private final CommandParser parser = new CommandParser(64);
  private final FrameWriter writer =
      new FrameWriter(URI.create("http://chat.example.com/"), ZoneOffset.UTC);
  private final MemberId member = new MemberId("<0.31891.2>");
  private final RoomId room = new RoomId("f45c6d7720375d90f660a7b7e3ae11bf");
  private final Instant time = Instant.parse("2015-04-08T14:02:06Z");

  @Benchmark
  public Command parse() {
    return parser.text(text);
  }

  @Benchmark
  public String write() {
    return writer.write(new Frame(member, room, new Event.Said(text), time));
  }
}
