package im.xpro.xnest.examples.bench;

import im.xpro.xnest.examples.ChatServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One room of 100 members, one of them with 16 messages in flight: deliveries per second and the
 * server's CPU per delivery, of xnest and of a hand-written server in turn. Compare the ratios of
 * one run; absolute figures drift with the machine.
 *
 * <pre>java -cp xnest-examples/target/xnest-server.jar im.xpro.xnest.examples.bench.BroadcastBench
 * </pre>
 */
final class BroadcastBench {
  private static final int MEMBERS = 100;
  private static final int IN_FLIGHT = 16;
  private static final int ROUNDS = 5;
  private static final double WARM_UP_SECONDS = 4;
  private static final double SECONDS = 4;
  private static final Pattern SOCKETS = Pattern.compile("listening on (ws://[^/]+/\\S*?)(\\{|$)");

  private record Figures(double deliveriesPerSecond, double cpuMicros) {}

  private BroadcastBench() {}

  public static void main(String[] args) throws IOException {
    List<Figures> hand = new ArrayList<>();
    List<Figures> xnest = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      hand.add(measure(HandWrittenServer.class));
      xnest.add(
          measure(
              ChatServer.class, "--in-memory", "--rate", "0", "--port", "0", "--http-port", "0"));
      print("hand-written, round " + round, hand.get(round - 1));
      print("xnest,        round " + round, xnest.get(round - 1));
    }
    double[] speed = new double[ROUNDS];
    double[] cpu = new double[ROUNDS];
    Arrays.setAll(speed, i -> xnest.get(i).deliveriesPerSecond / hand.get(i).deliveriesPerSecond);
    Arrays.setAll(cpu, i -> xnest.get(i).cpuMicros / hand.get(i).cpuMicros);
    System.out.printf(
        "xnest / hand-written, medians: %.2f of the deliveries/s, %.2f of the CPU per delivery%n",
        median(speed), median(cpu));
  }

  private static Figures measure(Class<?> server, String... arguments) throws IOException {
    Process process = start(server, arguments);
    try (Crowd crowd = new Crowd(roomOf(process), MEMBERS, IN_FLIGHT)) {
      crowd.talk(WARM_UP_SECONDS);
      Duration cpuBefore = cpu(process);
      long began = System.nanoTime();
      long deliveries = crowd.talk(SECONDS);
      double seconds = (System.nanoTime() - began) / 1e9;
      double micros = cpu(process).minus(cpuBefore).toNanos() / 1e3;
      crowd.hearAll();
      return new Figures(deliveries / seconds, micros / deliveries);
    } finally {
      process.destroyForcibly();
    }
  }

  static Process start(Class<?> server, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(server.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** A room of the server, once it listens. */
  static URI roomOf(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher sockets = SOCKETS.matcher(line);
      if (sockets.find()) {
        return URI.create(sockets.group(1) + "bench");
      }
    }
    throw new IOException("the server did not start");
  }

  private static Duration cpu(Process process) {
    return process.info().totalCpuDuration().orElseThrow();
  }

  private static void print(String name, Figures figures) {
    System.out.printf(
        "%s: %,9.0f deliveries/s, %.2f us CPU per delivery%n",
        name, figures.deliveriesPerSecond, figures.cpuMicros);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
