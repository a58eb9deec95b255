package im.xpro.xnest.server.testkit;

import static im.xpro.xnest.server.testkit.RawClient.close;

import im.xpro.xnest.Limits;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Many at once, and the end. */
final class CrowdRules {
  private static final int ROOMS = 10;
  private static final int MEMBERS = 100;

  /** Of the JDK, for everybody. */
  private static final Pattern SHARED =
      Pattern.compile(
          "(ForkJoinPool.commonPool|Cleaner-|Common-Cleaner|Keep-Alive-|HttpClient-).*");

  private CrowdRules() {}

  static void addTo(Map<String, Trial.Rule> rules) {
    rules.put("thousandMembersHearTheirRooms", CrowdRules::thousandMembersHearTheirRooms);
    rules.put("stopUnderLoadTellsAllAndLeavesNothing", CrowdRules::stopUnderLoad);
  }

  private static void thousandMembersHearTheirRooms(Trial trial) throws Exception {
    // they answer no pings
    Served house = trial.serve(Limits.builder().withoutRates().silence(Duration.ofMinutes(10)));
    List<RawClient> members = new ArrayList<>();
    for (int i = 0; i < ROOMS * MEMBERS; i++) {
      RawClient one = house.connect();
      one.shakeHands("room" + i % ROOMS + "?nickname=m" + i);
      members.add(one);
    }
    for (int room = 0; room < ROOMS; room++) {
      members.get(room).hears("join", "m" + (ROOMS * MEMBERS - ROOMS + room));
      members.get(room).say("words of " + room);
    }

    for (int i = 0; i < ROOMS * MEMBERS; i++) {
      members.get(i).hears("normal", "words of " + i % ROOMS);
    }
    for (RawClient one : members) {
      one.disconnect();
    }
    Expect.soon("all leave", () -> house.left.size() == ROOMS * MEMBERS);
  }

  private static void stopUnderLoad(Trial trial) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Served house = trial.serve();
    int count = 40;
    AtomicInteger words = new AtomicInteger();
    ConcurrentLinkedQueue<Integer> codes = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> talking = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RawClient one = house.enter("room" + i % 4, "m" + i);
      talking.add(
          new Thread(
              () -> {
                try {
                  codes.add(talk(one, words));
                } catch (IOException | RuntimeException failure) {
                  failures.add(failure);
                }
              }));
    }
    talking.forEach(Thread::start);
    Expect.soon("words are heard", () -> words.get() > 10 * count);

    house.stop();

    for (Thread one : talking) {
      one.join();
    }
    for (Throwable failure : failures) {
      throw new AssertionError("a member should be told 1001, but was cut", failure);
    }
    codes.forEach(code -> Expect.equal("the code", 1001, code));
    Expect.soon("all leave", () -> house.left.size() == count);
    Expect.that(isFree(house), "the port should be free");
    house.end();
    Expect.soon("no thread is left of\n  " + started(before), () -> started(before).isEmpty());
  }

  /** Says a word whenever one is heard, until the server closes; gives the code. */
  private static int talk(RawClient member, AtomicInteger words) throws IOException {
    member.say("first");
    for (RawClient.Frame frame = member.read(); frame != null; frame = member.read()) {
      if (frame.opcode() == 8) {
        member.writeUntilCut(close(frame.closeCode()));
        member.disconnect();
        return frame.closeCode();
      }
      if (words.incrementAndGet() % 10 == 0) {
        member.writeUntilCut(RawClient.text("word"));
      }
    }
    throw new IOException("the connection ended without a close frame");
  }

  private static boolean isFree(Served house) {
    try {
      house.connect();
      return false;
    } catch (ConnectException refused) {
      return true;
    } catch (IOException other) {
      return false;
    }
  }

  private static List<String> started(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread) && thread.isAlive())
        .map(Thread::getName)
        .filter(name -> !SHARED.matcher(name).matches())
        .toList();
  }
}
