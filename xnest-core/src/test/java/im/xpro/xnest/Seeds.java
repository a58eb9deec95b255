package im.xpro.xnest;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Where random tests begin, or {@code -Dxnest.seed=…} to see a failure again. */
final class Seeds {
  private Seeds() {}

  static List<Long> some(int count) {
    Long one = Long.getLong("xnest.seed");
    return one != null ? List.of(one) : new Random().longs(count).boxed().toList();
  }

  /** The same {@code count} each time and a new one, or only the one that is to be seen again. */
  static List<Long> sameAndOneNew(int count) {
    boolean onlyOne = Long.getLong("xnest.seed") != null;
    Stream<Long> same = LongStream.rangeClosed(1, onlyOne ? 0 : count).boxed();
    return Stream.concat(same, some(1).stream()).toList();
  }
}
