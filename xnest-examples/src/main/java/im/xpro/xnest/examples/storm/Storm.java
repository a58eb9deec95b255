package im.xpro.xnest.examples.storm;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Load and faults for a server, and a check of all that its members hear.
 *
 * <pre>java -cp xnest-examples/target/xnest-server.jar im.xpro.xnest.examples.storm.Storm --help
 * </pre>
 */
@Command(
    name = "storm",
    description = {
      "Many members in many rooms of a server: they talk, come and go, break off, flood, read slowly",
      "and send nonsense, and check all that they hear. Exits with 1 if anything was lost, repeated",
      "or out of order, if anybody was let go who did nothing wrong, or if members and history did",
      "not fit; with 2 if the arguments are wrong."
    },
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false)
final class Storm implements Callable<Integer> {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Words of the pair in ten seconds. */
  private static final int RECENT = 200;

  @Spec private CommandSpec spec;

  @Option(
      names = "--url",
      description =
          "What the URL of a room begins with, ws://127.0.0.1:8080/xgate/websocket. Without it the"
              + " example server is started, with its defaults and -Xmx256m.")
  private @Nullable URI url;

  @Option(
      names = "--pid",
      description = "Process of the server at --url, if its memory is to be measured too.")
  private @Nullable Long pid;

  @Option(names = "--seconds", defaultValue = "60", description = "How long (default: 60).")
  private int seconds;

  @Option(names = "--rooms", defaultValue = "20", description = "Rooms (default: 20).")
  private int rooms;

  @Option(
      names = "--members",
      defaultValue = "20",
      description = "Members of each, every second of whom comes and goes (default: 20).")
  private int members;

  @Option(
      names = "--talk",
      defaultValue = "0.5",
      description = "What each of them does in a second (default: 0.5).")
  private double talk;

  @Option(
      names = "--slow",
      defaultValue = "4",
      description = "More who read nothing for a while (default: 4).")
  private int slow;

  @Option(
      names = "--flooders",
      defaultValue = "2",
      description = "More who talk as fast as they can (default: 2).")
  private int flooders;

  @Option(
      names = "--vandals",
      defaultValue = "4",
      description = "More who send what is no message (default: 4).")
  private int vandals;

  @Option(
      names = "--p99",
      defaultValue = "500",
      paramLabel = "MILLIS",
      description =
          "What 99 of 100 words of a pair in a room of its own may take, 0 for any time (default:"
              + " 500).")
  private int p99;

  @Option(
      names = "--seed",
      description = "Of the plan; the same again does the same again. Default: another each time.")
  private @Nullable Long seed;

  private final Breaks breaks = new Breaks();
  private final List<String> curve = new ArrayList<>();
  private int toldBreaks;
  private CompletableFuture<Void> sampling = CompletableFuture.completedFuture(null);

  public static void main(String[] args) {
    System.exit(command().execute(args));
  }

  static CommandLine command() {
    return new CommandLine(new Storm())
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println("storm: " + failure);
              return 1;
            })
        .setParameterExceptionHandler(
            (failure, wrong) -> {
              PrintWriter err = failure.getCommandLine().getErr();
              err.println("storm: " + failure.getMessage() + " (--help tells more)");
              return CommandLine.ExitCode.USAGE;
            });
  }

  @Override
  public Integer call() throws IOException {
    check(url == null || isRoom(url), "--url must be ws://host:port/path, is " + url);
    check(pid == null || url != null, "--pid is for --url");
    inRange("--seconds", seconds, 1, 1_000_000);
    inRange("--rooms", rooms, 1, 10_000);
    inRange("--members", members, 2, 5_000);
    inRange("--slow", slow, 0, 1_000);
    inRange("--flooders", flooders, 0, 1_000);
    inRange("--vandals", vandals, 0, 1_000);
    inRange("--p99", p99, 0, 60_000);
    check(talk >= 0.01 && talk <= 20, "--talk must be 0.01 to 20, is " + talk);
    if (url != null) {
      return run(url.toString().endsWith("/") ? url : URI.create(url + "/"), pid);
    }
    try (ExampleServer server = new ExampleServer()) {
      return run(server.sockets(), server.pid());
    }
  }

  private static boolean isRoom(URI url) {
    return "ws".equals(url.getScheme())
        && url.getHost() != null
        && url.getPort() > 0
        && url.getRawPath().length() > 1
        && url.getRawQuery() == null;
  }

  private void inRange(String option, int value, int least, int most) {
    check(
        value >= least && value <= most,
        "%s must be %d to %d, is %d".formatted(option, least, most, value));
  }

  private void check(boolean good, String otherwise) {
    if (!good) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private int run(URI where, @Nullable Long process) throws IOException {
    long plan = seed == null ? new Random().nextInt(1_000_000) : seed;
    tell("storm of %d s on %s, --seed %d", seconds, where, plan);
    Swarm.Load load = new Swarm.Load(rooms, members, talk, slow, flooders, vandals);
    String name = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    try (Swarm swarm = new Swarm(where, name, load, plan, breaks)) {
      sample("0", swarm.people(), process);
      blow(swarm, process);
      swarm.end();
      summarize(swarm);
    }
    sample("after", 0, process);
    sampling.join();
    if (process != null) {
      tell("| minute | people | live heap, MiB | resident, MiB |%n|---|---|---|---|");
      curve.forEach(row -> tell("%s", row));
    }
    tellBreaks();
    tell(
        breaks.count() == 0 ? "nothing is broken" : "%d times something is broken", breaks.count());
    return breaks.count() == 0 ? 0 : 1;
  }

  private void blow(Swarm swarm, @Nullable Long process) throws IOException {
    Tally tally = swarm.tally();
    long start = System.nanoTime();
    long said = 0;
    long heard = 0;
    for (int second = 1; second <= seconds && swarm.isAlive(); second++) {
      while (System.nanoTime() - start < second * SECOND) {
        swarm.turn();
      }
      tell(
          "%5d s  people %,d  messages %,d/s  deliveries %,d/s  p99 %.0f ms  faults %,d%s  broken %d",
          second,
          swarm.people(),
          tally.said - said,
          tally.deliveries - heard,
          tally.percentile(.99, tally.times() - RECENT),
          tally.faults(),
          process == null ? "" : "  resident " + text(Memory.resident(process)) + " MiB",
          breaks.count());
      tellBreaks();
      said = tally.said;
      heard = tally.deliveries;
      if (second % 60 == 0) {
        sample(Integer.toString(second / 60), swarm.people(), process);
      }
    }
  }

  private void summarize(Swarm swarm) {
    Tally tally = swarm.tally();
    double worst = tally.percentile(1, 0);
    double most = tally.percentile(.99, 0);
    tell(
        "%,d messages, %,d deliveries, %,d joins; faults: %s",
        tally.said, tally.deliveries, tally.joins, tally.faultsByName());
    tell(
        "the healthy pair: p50 %.1f ms, p99 %.1f ms, worst %.0f ms; the slowest leave %d ms",
        tally.percentile(.5, 0), most, worst, swarm.slowestLeave());
    if (p99 > 0 && most > p99) {
      breaks.add("pair", "p99 is %.0f ms, over %d", most, p99);
    }
  }

  /** Measures the memory meanwhile; one at a time. */
  private void sample(String minute, int people, @Nullable Long process) {
    if (process != null) {
      sampling =
          sampling.thenRunAsync(
              () -> {
                OptionalLong resident = Memory.resident(process);
                OptionalLong live = Memory.live(process);
                curve.add(
                    "| %s | %d | %s | %s |".formatted(minute, people, text(live), text(resident)));
              });
    }
  }

  /** Those that have not been told yet. */
  private void tellBreaks() {
    List<String> first = breaks.first();
    first.subList(toldBreaks, first.size()).forEach(what -> tell("BROKEN %s", what));
    toldBreaks = first.size();
  }

  private static String text(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "?";
  }

  private void tell(String what, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(what + "%n", values);
    out.flush();
  }
}
