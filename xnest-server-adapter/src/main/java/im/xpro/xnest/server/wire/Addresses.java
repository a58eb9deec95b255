package im.xpro.xnest.server.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** How many connections each address has; knows only those that have one. Any thread. */
public final class Addresses {
  private final int most;
  private final ConcurrentMap<Object, Integer> connections = new ConcurrentHashMap<>();

  /**
   * @param most of one address; 0 for any number
   */
  public Addresses(int most) {
    this.most = most;
  }

  /**
   * Counts one more, unless those are too many.
   *
   * @return whether it was counted; {@link #release} must follow
   */
  public boolean take(@Nullable InetAddress address) {
    if (most == 0 || address == null) {
      return true;
    }
    boolean[] taken = {false};
    connections.compute(
        network(address),
        (same, there) -> {
          int now = there == null ? 0 : there;
          taken[0] = now < most;
          return taken[0] ? Integer.valueOf(now + 1) : there;
        });
    return taken[0];
  }

  /** Counts one less. */
  public void release(@Nullable InetAddress address) {
    if (most > 0 && address != null) {
      connections.computeIfPresent(
          network(address), (same, there) -> there == 1 ? null : Integer.valueOf(there - 1));
    }
  }

  /** Somebody who has one address of IPv6 mostly has a whole network of 64 bits. */
  private static Object network(InetAddress address) {
    return address instanceof Inet6Address
        ? Long.valueOf(ByteBuffer.wrap(address.getAddress()).getLong())
        : address;
  }

  int size() {
    return connections.size();
  }
}
