package im.xpro.xnest.server.testkit;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.testkit.Check;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** One run of a check: serves houses, and ends them. */
final class Trial {
  /** What the contract asks of a server. */
  interface Rule {
    void check(Trial trial) throws Exception;
  }

  private final TestedServer server;
  private final @Nullable SSLContext tls;
  private final Deque<Served> houses = new ArrayDeque<>();

  private Trial(TestedServer server, @Nullable SSLContext tls) {
    this.server = server;
    this.tls = tls;
  }

  static Check check(String name, TestedServer server, boolean securely, Rule rule) {
    return new Check(
        name,
        () -> {
          Trial trial = new Trial(server, securely ? TestCertificate.context() : null);
          try {
            rule.check(trial);
          } finally {
            trial.end();
          }
        });
  }

  Served serve() throws Exception {
    return serve(Limits.builder());
  }

  Served serve(Limits.Builder limits) throws Exception {
    return serve(Xnest.builder().limits(limits.build()));
  }

  Served serve(Xnest.Builder house) throws Exception {
    return serve(house, Gateway::of);
  }

  Served serve(Xnest.Builder house, Function<Xnest, Gateway> gateway) throws Exception {
    Served served = new Served(server, house, gateway, tls);
    houses.push(served);
    return served;
  }

  boolean isSecure() {
    return tls != null;
  }

  boolean deviates(Deviation how) {
    return server.deviations().contains(how);
  }

  private void end() throws Exception {
    for (Served house : houses) {
      house.end();
    }
  }
}
