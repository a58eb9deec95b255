package im.xpro.xnest.benchmarks;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Runs a server's {@code main} in this process and answers the driver, a line for a line: {@code
 * heap} with the bytes that live after a collection, {@code allocated} with those that the threads
 * have allocated. Ends when the driver does.
 */
final class Hosted {
  private Hosted() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Thread answers = new Thread(Hosted::answer, "answers");
    answers.setDaemon(true);
    answers.start();
    Method main = Class.forName(args[0]).getDeclaredMethod("main", String[].class);
    main.setAccessible(true);
    main.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  private static void answer() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String asked = in.readLine(); asked != null; asked = in.readLine()) {
        System.out.println(asked + " " + (asked.equals("heap") ? heap() : allocated()));
      }
    } catch (IOException driverGone) {
      System.err.println(driverGone);
    }
    Runtime.getRuntime().halt(0);
  }

  private static long heap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    // what references and cleaners let go in one collection is free after the next
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  /** By the threads that are alive: none of the servers ends those that work. */
  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (long of : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      bytes += Math.max(0, of);
    }
    return bytes;
  }
}
