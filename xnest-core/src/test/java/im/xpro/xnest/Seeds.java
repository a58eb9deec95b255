package im.xpro.xnest;

import java.util.List;
import java.util.Random;

/** Where random tests begin: new each time, or {@code -Dxnest.seed=…} to see a failure again. */
final class Seeds {
  private Seeds() {}

  static List<Long> some(int count) {
    Long one = Long.getLong("xnest.seed");
    return one != null ? List.of(one) : new Random().longs(count).boxed().toList();
  }
}
