package im.xpro.xnest.examples.bench;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Two members who talk to each other in a room of their own, 20 messages a second each, on a thread
 * of their own. Each checks that it hears all of both, once and in order, and how long that took.
 */
final class Pair implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double PATIENCE_SECONDS = 30;
  private static final String MARK = "\"type\":\"normal\",\"payload\":\"";

  /**
   * What the two have lived through.
   *
   * @param heard how many messages they heard, both counted
   * @param lost how many they did not hear, heard twice or in a wrong order
   * @param millis how long each took from when it was due to when it was heard, sorted
   * @param error that one of them was told, null if there was none
   * @param closed why one of them had to go, null if both are there
   */
  record Report(
      long heard, long lost, double[] millis, @Nullable String error, @Nullable String closed) {
    /** The time within which so many of a hundred messages were heard. */
    double percentile(int percent) {
      return millis.length == 0
          ? 0
          : millis[Math.min(millis.length - 1, millis.length * percent / 100)];
    }
  }

  private final Raid raid;
  private final List<Peer> both;
  private final Thread thread = new Thread(this::talk, "siege-pair");
  private final long[][] next = new long[2][2];
  private final List<Double> millis = new ArrayList<>();
  private long said;
  private long wrong;
  private @Nullable IOException failure;
  private @Nullable String error;
  private volatile boolean silent;
  private volatile boolean closing;

  Pair(URI sockets, String room) throws IOException {
    raid = new Raid(sockets);
    both = raid.enter(2, number -> room);
    for (int i = 0; i < 2; i++) {
      int own = i;
      both.get(i).listen(text -> hear(own, text));
    }
    thread.setDaemon(true);
    thread.start();
  }

  private void talk() {
    try {
      long due = System.nanoTime();
      while (!closing) {
        raid.turn(due - System.nanoTime());
        synchronized (this) {
          if (silent) {
            due = System.nanoTime();
            notifyAll();
          }
          while (!silent && System.nanoTime() >= due) {
            say(due);
            due += EVERY_NANOS;
          }
        }
      }
      raid.close();
    } catch (IOException | RuntimeException unexpected) {
      synchronized (this) {
        failure = new IOException(unexpected);
        notifyAll();
      }
    }
  }

  private void say(long due) {
    for (int i = 0; i < 2; i++) {
      both.get(i).say(i + " " + said + " " + due);
    }
    said++;
    notifyAll();
  }

  private synchronized void hear(int who, String json) {
    int at = json.indexOf(MARK);
    if (at < 0) {
      error = json.contains("\"type\":\"error\"") ? json : error;
      return;
    }
    at += MARK.length();
    String[] parts = json.substring(at, json.indexOf('"', at)).split(" ");
    int from = Integer.parseInt(parts[0]);
    long number = Long.parseLong(parts[1]);
    wrong += Math.abs(number - next[who][from]);
    next[who][from] = number + 1;
    millis.add((System.nanoTime() - Long.parseLong(parts[2])) / 1e6);
  }

  /** Lets them fall silent, waits until they have heard all, and tells what was since the last. */
  synchronized Report fallSilent() throws InterruptedException {
    silent = true;
    long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
    wait(TimeUnit.NANOSECONDS.toMillis(EVERY_NANOS) * 2);
    while (missing() > 0 && closed() == null && System.nanoTime() < end) {
      wait(100);
    }
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    Report report = new Report(millis.size(), wrong + missing(), sorted, error, closed());
    millis.clear();
    wrong = 0;
    return report;
  }

  /** Lets them talk again, and waits until they do. */
  synchronized void talkOn() throws InterruptedException {
    long before = said;
    Arrays.stream(next).forEach(heard -> Arrays.fill(heard, before));
    silent = false;
    long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
    while (said == before && closed() == null && System.nanoTime() < end) {
      wait(100);
    }
  }

  private long missing() {
    return Arrays.stream(next).flatMapToLong(Arrays::stream).map(heard -> said - heard).sum();
  }

  private @Nullable String closed() {
    if (failure != null) {
      return failure.toString();
    }
    for (Peer peer : both) {
      if (peer.hasEnded() || peer.closeCode() != 0) {
        return "closed with " + peer.closeCode();
      }
    }
    return null;
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
