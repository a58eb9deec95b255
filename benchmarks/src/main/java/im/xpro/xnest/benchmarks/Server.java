package im.xpro.xnest.benchmarks;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Those that are compared, each as its users would set it up. */
enum Server {
  HAND_WRITTEN(
      "Java-WebSocket, hand-written `broadcast()`",
      "im.xpro.xnest.examples.bench.HandWrittenServer",
      List.of()),
  XNEST("**xnest**", "im.xpro.xnest.examples.ChatServer", chat("--in-memory")),
  XNEST_SQLITE(
      "**xnest**, history in SQLite",
      "im.xpro.xnest.examples.ChatServer",
      chat("--data", Child.FOLDER)),
  NETTY("Netty 4.2, hand-written, one flush per turn", NettyServer.class.getName(), List.of()),
  SPRING("Spring WebSocket on Tomcat", SpringServer.class.getName(), List.of()),
  SOCKET_IO("netty-socketio 2.0", SocketIoServer.class.getName(), List.of()),
  XNEST_NETTY(
      "Netty", "im.xpro.xnest.examples.ChatServer", chat("--in-memory", "--server", "netty")),
  TOMCAT("Tomcat, hand-written", WebServer.class.getName(), List.of("tomcat")),
  XNEST_TOMCAT("Tomcat", WebServer.class.getName(), List.of("tomcat", WebServer.WITH_XNEST)),
  JETTY("Jetty, hand-written", WebServer.class.getName(), List.of("jetty")),
  XNEST_JETTY("Jetty", WebServer.class.getName(), List.of("jetty", WebServer.WITH_XNEST)),
  UNDERTOW("Undertow, hand-written", WebServer.class.getName(), List.of("undertow")),
  XNEST_UNDERTOW("Undertow", WebServer.class.getName(), List.of("undertow", WebServer.WITH_XNEST)),
  XNEST_SPRING("Spring on Tomcat", SpringServer.class.getName(), List.of(WebServer.WITH_XNEST));

  /** Those that a developer would choose between. */
  static final Set<Server> PEERS = EnumSet.range(HAND_WRITTEN, SOCKET_IO);

  /** For the report, in Markdown. */
  final String title;

  final String main;
  final List<String> arguments;

  Server(String title, String main, List<String> arguments) {
    this.title = title;
    this.main = main;
    this.arguments = arguments;
  }

  private static List<String> chat(String... storage) {
    List<String> arguments = new ArrayList<>(List.of(storage));
    arguments.addAll(List.of("--rate", "0", "--port", "0", "--http-port", "0"));
    return arguments;
  }

  Dialect dialect() {
    return this == SOCKET_IO ? Dialect.SOCKET_IO : Dialect.PLAIN;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
