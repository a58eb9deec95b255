package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.server.testkit.TestedServer;

/** A container, embedded. */
interface JakartaServer extends TestedServer {
  Running start(Setup setup, ChatFilter chat) throws Exception;

  @Override
  default Running start(Setup setup) throws Exception {
    return start(setup, ChatFilter.on(setup.xnest(), setup.gateway()));
  }
}
