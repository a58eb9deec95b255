package im.xpro.xnest;

import im.xpro.xnest.Deed.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lists of random steps, and the shortest part of one that still fails. */
final class Deeds {
  private static final List<What> WEIGHED =
      Stream.of(What.values())
          .flatMap(what -> Stream.generate(() -> what).limit(what.weight))
          .toList();

  private Deeds() {}

  static List<Deed> random(Random random, int count) {
    List<Deed> deeds = new ArrayList<>();
    for (int word = 1; word <= count; word++) {
      What what = WEIGHED.get(random.nextInt(WEIGHED.size()));
      deeds.add(new Deed(what, random.nextInt(Play.SLOTS), random.nextInt(1_000), word));
    }
    return deeds;
  }

  /**
   * Leaves out parts, half of it first and single deeds last, as long as the rest {@code fails}.
   */
  static <D> List<D> shrink(List<D> failing, Predicate<List<D>> fails) {
    List<D> deeds = failing;
    for (int part = deeds.size() / 2; part > 0; part = part == 1 ? 0 : (part + 1) / 2) {
      boolean shorter;
      do {
        shorter = false;
        for (int from = 0; from < deeds.size(); ) {
          List<D> rest = new ArrayList<>(deeds.subList(0, from));
          rest.addAll(deeds.subList(Math.min(from + part, deeds.size()), deeds.size()));
          if (fails.test(rest)) {
            deeds = rest;
            shorter = true;
          } else {
            from += part;
          }
        }
      } while (shorter && part == 1);
    }
    return deeds;
  }

  static String list(List<?> deeds) {
    return deeds.stream().map(deed -> "\n  " + deed).collect(Collectors.joining());
  }
}
