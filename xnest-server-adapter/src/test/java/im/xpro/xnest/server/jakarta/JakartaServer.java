package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.LoneServer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A container, embedded. */
interface JakartaServer extends LoneServer {
  Running start(Setup setup, ChatFilter chat) throws Exception;

  @Override
  default Running start(Setup setup) throws Exception {
    return start(setup, ChatFilter.on(setup.xnest(), setup.gateway()));
  }

  /** The contract, and what the filter promises beyond it. */
  @Override
  default Stream<DynamicTest> get() {
    return Stream.concat(LoneServer.super.get(), new DoorRules(this).tests());
  }
}
