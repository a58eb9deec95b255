package im.xpro.xnest.examples;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened, to be closed in the opposite order. One thread at a time. */
final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> all = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    all.push(resource);
    return resource;
  }

  /** Closes all; what fails to is told and does not keep the others open. */
  @Override
  public void close() {
    while (!all.isEmpty()) {
      try {
        all.pop().close();
      } catch (Exception failure) {
        System.err.println("xnest-server: while closing: " + failure);
      }
    }
  }
}
