package im.xpro.xnest.examples.storm;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What has been done and measured so far. */
final class Tally {
  private final Map<String, Integer> faults = new TreeMap<>();
  private long[] nanos = new long[1 << 10];
  private int times;
  long said;
  long deliveries;
  long joins;

  void fault(String name) {
    faults.merge(name, 1, Integer::sum);
  }

  int faults() {
    return faults.values().stream().mapToInt(Integer::intValue).sum();
  }

  String faultsByName() {
    return faults.entrySet().stream()
        .map(fault -> fault.getValue() + " " + fault.getKey())
        .collect(Collectors.joining(", "));
  }

  /** How long a word of the healthy pair took from one to the other. */
  void took(long time) {
    if (times == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * times);
    }
    nanos[times++] = time;
  }

  int times() {
    return times;
  }

  /** In milliseconds, of the times from number {@code first} on; 0 if there are none. */
  double percentile(double part, int first) {
    long[] sorted = Arrays.copyOfRange(nanos, Math.max(0, first), times);
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(part * sorted.length) - 1] / 1e6;
  }
}
