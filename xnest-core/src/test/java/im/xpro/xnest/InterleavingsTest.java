package im.xpro.xnest;

import im.xpro.xnest.protocol.RoomId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/**
 * Where threads meet, in the orders in which they can: Lincheck runs them one at a time, switches
 * at accesses of shared memory, and prints the order that fails. {@code -Dxnest.interleavings=…}
 * tries more of them.
 */
class InterleavingsTest {
  private static final int TRIES = Integer.getInteger("xnest.interleavings", 100);
  private static final RoomId LOBBY = new RoomId("lobby");

  @Test
  void mailboxForgetsNoTaskAndRunsThemOneAtATimeInTheOrderOfEachSender() {
    Lincheck.runConcurrentTest(
        TRIES,
        () -> {
          List<String> done = new ArrayList<>();
          AtomicReference<Throwable> failed = new AtomicReference<>();
          Mailbox mailbox = new Mailbox(Runnable::run, () -> {}, failed::set);
          int[] running = new int[1];
          atOnce(
              () -> send(mailbox, List.of("a1", "a2"), running, done),
              () -> send(mailbox, List.of("b1", "b2"), running, done));
          check(failed.get() == null, "tasks at once");
          check(done.size() == 4, "a task is forgotten");
          check(done.indexOf("a1") < done.indexOf("a2"), "not in the order of a");
          check(done.indexOf("b1") < done.indexOf("b2"), "not in the order of b");
        });
  }

  private static void send(Mailbox mailbox, List<String> tasks, int[] running, List<String> done) {
    for (String task : tasks) {
      mailbox.execute(
          () -> {
            check(++running[0] == 1, "not alone");
            done.add(task);
            running[0]--;
          });
    }
  }

  @Test
  void whoHoldsARoomHoldsTheOneOfItsName() {
    House house = TestHouse.with(Runnable::run, new Tails(1_000_000), new XnestListener() {});
    Lincheck.runConcurrentTest(
        TRIES,
        () -> {
          RoomRegistry rooms = new RoomRegistry(house);
          atOnce(() -> holdAndRelease(rooms), () -> holdAndRelease(rooms));
          check(rooms.size() == 0, "a room that nobody holds is still there");
        });
  }

  private static void holdAndRelease(RoomRegistry rooms) {
    Room held = rooms.hold(LOBBY);
    check(rooms.get(LOBBY) == held, "the room of this name is another one");
    rooms.release(held);
  }

  /** What a thread throws is thrown here. */
  private static void atOnce(Runnable one, Runnable other) {
    AtomicReference<Throwable> fault = new AtomicReference<>();
    Thread beside =
        new Thread(
            () -> {
              try {
                one.run();
              } catch (Throwable thrown) {
                fault.set(thrown);
              }
            });
    beside.start();
    other.run();
    try {
      beside.join();
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
    if (fault.get() != null) {
      throw new AssertionError(fault.get());
    }
  }

  private static void check(boolean holds, String why) {
    if (!holds) {
      throw new AssertionError(why);
    }
  }
}
