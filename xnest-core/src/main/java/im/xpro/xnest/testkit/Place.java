package im.xpro.xnest.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Where the stores of one check keep their data. Belongs to the thread of the check. */
final class Place<S> {
  /** What a contract asks of a store. */
  interface Rule<S> {
    void check(Place<S> place) throws Exception;
  }

  private final Callable<? extends S> door;
  private final List<S> opened = new ArrayList<>();

  private Place(Callable<? extends S> door) {
    this.door = door;
  }

  /** A check that has a place of its own, and leaves nothing open. */
  static <S> Check check(
      String name, Callable<? extends Callable<? extends S>> freshPlace, Rule<S> rule) {
    return new Check(
        name,
        () -> {
          Callable<? extends S> door = freshPlace.call();
          Place<S> place = new Place<>(door);
          try {
            rule.check(place);
          } finally {
            place.close();
            closeIfItCan(door);
          }
        });
  }

  /** Opens one more store on the same data. */
  S open() throws Exception {
    S store = door.call();
    opened.add(store);
    return store;
  }

  /** Closes all stores and opens one on what they have left. */
  S reopen() throws Exception {
    close();
    return open();
  }

  private void close() throws Exception {
    List<S> all = List.copyOf(opened);
    opened.clear();
    for (S store : all) {
      closeIfItCan(store);
    }
  }

  private static void closeIfItCan(Object any) throws Exception {
    if (any instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }
}
