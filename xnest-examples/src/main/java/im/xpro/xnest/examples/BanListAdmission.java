package im.xpro.xnest.examples;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps out who is on a list, by address or by the identity that a login before it has found:
 * {@code login.and(bans)}. Whoever is in a room already stays. Any thread may change the list.
 */
public final class BanListAdmission implements Admission {
  private static final Pattern ADDRESS = Pattern.compile("address ([0-9.]+|[0-9A-Fa-f:.]*:.*)");
  private static final Pattern IDENTITY = Pattern.compile("identity (.+)");

  private final Set<InetAddress> addresses = ConcurrentHashMap.newKeySet();
  private final Set<String> identities = ConcurrentHashMap.newKeySet();

  /** A list that is empty at first. */
  public BanListAdmission() {}

  /**
   * Reads a list with a line for each: {@code address 192.0.2.1} or {@code identity user:42}. Empty
   * lines and those that begin with {@code #} do not count.
   *
   * @throws IOException naming the line that cannot be read
   */
  public static BanListAdmission read(Path file) throws IOException {
    BanListAdmission bans = new BanListAdmission();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#") && !bans.add(line)) {
        throw new IOException(file + ", line " + (i + 1) + ": neither an address nor an identity");
      }
    }
    return bans;
  }

  private boolean add(String line) throws UnknownHostException {
    Matcher address = ADDRESS.matcher(line);
    Matcher identity = IDENTITY.matcher(line);
    if (address.matches()) {
      addresses.add(InetAddress.getByName(address.group(1)));
    } else if (identity.matches()) {
      identities.add(identity.group(1));
    }
    return address.matches() || identity.matches();
  }

  /** Whose connections come from these; may be changed. Behind a proxy all come from the proxy. */
  public Set<InetAddress> addresses() {
    return addresses;
  }

  /** Who is known by these; may be changed. */
  public Set<String> identities() {
    return identities;
  }

  @Override
  public CompletionStage<Decision> decide(Entry entry) {
    InetSocketAddress remote = entry.remote();
    String identity = entry.grant().identity();
    boolean isBanned =
        remote != null && addresses.contains(remote.getAddress())
            || identity != null && identities.contains(identity);
    return CompletableFuture.completedStage(
        isBanned ? Decision.refuse(403, "you are banned") : Decision.accept(entry));
  }
}
