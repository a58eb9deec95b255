package im.xpro.xnest.examples;

import im.xpro.xnest.Limits;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.examples.Operations.Answer;
import im.xpro.xnest.robot.Brain;
import im.xpro.xnest.robot.Robot;
import im.xpro.xnest.server.Gateway;
import im.xpro.xnest.server.Origins;
import im.xpro.xnest.server.TrustedProxies;
import im.xpro.xnest.server.metrics.XnestMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The chat server: sockets on one port, the page and the blobs on another, or all on one.
 *
 * <pre>java -jar xnest-examples/target/xnest-server.jar --help</pre>
 */
@Command(
    name = "xnest-server",
    description = "Chat rooms over WebSocket, with a page to use them from a browser.",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    versionProvider = ChatServer.Version.class,
    sortOptions = false)
public final class ChatServer implements Callable<Integer> {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  @Spec private CommandSpec spec;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on, 0.0.0.0 for all (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "Port of the sockets, 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--http-port",
      defaultValue = "8081",
      description = "Port of the page and the blobs, 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int httpPort;

  @Option(
      names = "--server",
      paramLabel = "NAME",
      defaultValue = "java-websocket",
      description =
          "java-websocket, or netty: then the page and the blobs are on --port too, and "
              + "--http-port is not used (default: ${DEFAULT-VALUE}).")
  private String engine;

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "Where a proxy in front serves the page, the media and the sockets: "
              + "https://chat.example.com. Without it media are at --host, or at an address of "
              + "this machine if that is 0.0.0.0.")
  private @Nullable URI publicUrl;

  @Option(
      names = "--origin",
      paramLabel = "URL",
      description =
          "Let pages of this site connect, such as https://www.example.com, and refuse those of "
              + "others with 403; repeatable. Default: pages of all sites may.")
  private List<String> origins = List.of();

  @Option(
      names = "--same-host",
      description = "Let pages of the host that they connect to do so, on any port, and no others.")
  private boolean sameHost;

  @Option(
      names = "--trusted-proxy",
      paramLabel = "CIDR",
      description =
          "Believe Forwarded and X-Forwarded-For, -Proto and -Host of peers with such an address, "
              + "as 10.0.0.0/8; repeatable.")
  private List<String> trustedProxies = List.of();

  @Option(
      names = "--robot",
      description =
          "Let a robot answer what begins with @robot: help, time, who, dice, echo. With "
              + "XNEST_ROBOT_URL and XNEST_ROBOT_MODEL in the environment, and XNEST_ROBOT_KEY "
              + "if it needs one, the robot asks that chat-completions service instead.")
  private boolean robot;

  @Option(
      names = "--rate",
      defaultValue = "100",
      description = {
        "Messages that a member may send in a second, and twice as many at once; who sends more is",
        "read more slowly. 0: no rates at all, for media, pages and joins neither (default:",
        "${DEFAULT-VALUE})."
      })
  private int rate;

  @Option(
      names = "--metrics-for-all",
      description = "Answer /metrics and /health to peers on other machines too.")
  private boolean metricsForAll;

  @Mixin private Tls tls;

  @Mixin private Storage storage;

  /** Runs until Ctrl-C or TERM; then drains and exits with 0. Exits with 1 or 2 if it cannot. */
  public static void main(String[] args) {
    // else the JDK's server, before 25, holds back the end of a small answer for 40 ms
    System.setProperty("sun.net.httpserver.nodelay", "true");
    // seconds; else half a request, of TLS too, holds a thread for ever
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    // media whose readers stop are cut long before
    System.setProperty("sun.net.httpserver.maxRspTime", "600");
    System.exit(
        new CommandLine(new ChatServer())
            .setExecutionExceptionHandler(ChatServer::explain)
            .setParameterExceptionHandler(ChatServer::explainUse)
            .execute(args));
  }

  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    command.getErr().println("xnest-server: " + failure.getMessage());
    return 1;
  }

  private static int explainUse(ParameterException failure, String[] args) {
    PrintWriter err = failure.getCommandLine().getErr();
    err.println("xnest-server: " + failure.getMessage() + " (--help tells more)");
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Running running = start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.close();
                  // else the exit code would tell of the signal, not of the orderly end
                  Runtime.getRuntime().halt(0);
                },
                "xnest-shutdown"));
    PrintWriter out = spec.commandLine().getOut();
    out.println("xnest listening on " + running.sockets() + "{room}?nickname={name}");
    out.println("Open " + running.page() + " in a browser. Ctrl-C ends.");
    out.println(running.promise());
    if (running.fingerprint() != null) {
      out.println("The certificate is self-signed; its SHA-256 is " + running.fingerprint());
    }
    new CountDownLatch(1).await();
    return 0;
  }

  /**
   * A server that runs.
   *
   * @param page its URL
   * @param sockets what the URL of a room's socket begins with
   * @param promise what it says of the things that it keeps
   * @param fingerprint of a certificate that was made for it
   */
  record Running(
      URI page,
      URI sockets,
      String promise,
      @Nullable String fingerprint,
      Health health,
      Opened opened)
      implements AutoCloseable {
    @Override
    public void close() {
      health.close();
      opened.close();
    }
  }

  /** Starts with the options as they are set. */
  Running start() throws IOException {
    check(port >= 0 && port <= 0xFFFF, "--port must be 0 to 65535, is " + port);
    check(httpPort >= 0 && httpPort <= 0xFFFF, "--http-port must be 0 to 65535, is " + httpPort);
    check(rate >= 0 && rate <= 1_000_000, "--rate must be 0 to 1000000, is " + rate);
    check(
        List.of("java-websocket", "netty").contains(engine),
        "--server must be java-websocket or netty, is '" + engine + "'");
    check(publicUrl == null || isHttp(publicUrl), "--public-url must be http(s)://host[:port]");
    Opened opened = new Opened();
    try {
      return start(opened);
    } catch (IOException | RuntimeException failure) {
      opened.close();
      throw failure;
    }
  }

  private Running start(Opened opened) throws IOException {
    InetAddress address = addressOf(host);
    String own = address.isAnyLocalAddress() ? ownName() : address.getHostAddress();
    Tls.Loaded secure = tls.isOn() ? tls.load(System.getenv(), List.of("127.0.0.1", own)) : null;
    Front front =
        engine.equals("netty")
            ? new OnePort(address, port, secure)
            : new TwoPorts(address, port, httpPort, secure);
    opened.add(front);
    Storage.Stores stores = storage.open(opened);
    String name = address.isAnyLocalAddress() ? "localhost" : nameOf(address);
    URI page =
        URI.create((secure == null ? "http://" : "https://") + name + ":" + front.httpPort() + "/");
    URI reachable = address.isAnyLocalAddress() ? withHost(page, own) : page;
    URI base = publicUrl == null ? reachable : publicUrl;
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Health health = new Health(InstantSource.system(), Limits.defaults().storeTime());
    Xnest.Builder house =
        Xnest.builder()
            .history(stores.history())
            .blobs(stores.blobs())
            .blobBase(base.resolve("/blobs"))
            .limits(limits())
            .listener(new XnestMetrics(registry))
            .listener(health);
    if (robot) {
      house.bot("robot", Robot.with(brain(System.getenv())));
    }
    Xnest xnest = opened.add(house.build());
    int socketPort =
        front.serve(
            xnest,
            gateway(xnest),
            stores.blobs(),
            at -> {
              Page served = new Page(base, publicUrl != null, secure != null, at);
              return resources(served, registry, health);
            },
            opened);
    URI sockets =
        URI.create(
            (secure == null ? "ws://" : "wss://") + name + ":" + socketPort + "/xgate/websocket/");
    String fingerprint = secure == null ? null : secure.fingerprint();
    URI shown = publicUrl == null ? page : publicUrl;
    return new Running(shown, sockets, stores.promise(), fingerprint, health, opened);
  }

  private Map<String, Resource> resources(
      Page page, PrometheusMeterRegistry registry, Health health) {
    Stream.of(new JvmMemoryMetrics(), new JvmThreadMetrics(), new ProcessorMetrics())
        .forEach(binder -> binder.bindTo(registry));
    return Map.of(
        "/",
        page,
        "/metrics",
        new Operations(
            "/metrics", metricsForAll, () -> new Answer(200, PROMETHEUS_TEXT, registry.scrape())),
        "/health",
        new Operations(
            "/health",
            metricsForAll,
            () -> {
              String problem = health.problem();
              return problem == null
                  ? new Answer(200, PLAIN_TEXT, "ok\n")
                  : new Answer(503, PLAIN_TEXT, problem + "\n");
            }));
  }

  private Gateway gateway(Xnest xnest) {
    return Gateway.builder(xnest)
        .origins(checked("--origin", this::origins))
        .trustedProxies(
            checked(
                "--trusted-proxy", () -> TrustedProxies.in(trustedProxies.toArray(String[]::new))))
        .build();
  }

  /** Those that go with the rate. */
  Limits limits() {
    return rate == 0
        ? Limits.builder().withoutRates().build()
        : Limits.builder().messageRate(rate).messageBurst(2 * rate).build();
  }

  private Origins origins() {
    Origins listed = Origins.only(origins.toArray(String[]::new));
    if (sameHost) {
      return Origins.sameHost().or(listed);
    }
    return origins.isEmpty() ? Origins.any() : listed;
  }

  private <T> T checked(String option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), option + ": " + wrong.getMessage());
    }
  }

  /** The robot's, as the environment wants it. */
  Brain brain(Map<String, String> environment) {
    String url = environment.get("XNEST_ROBOT_URL");
    if (url == null) {
      return Brain.rules();
    }
    String model = environment.get("XNEST_ROBOT_MODEL");
    check(model != null, "XNEST_ROBOT_URL needs XNEST_ROBOT_MODEL");
    try {
      String key = environment.get("XNEST_ROBOT_KEY");
      return new ChatCompletionsBrain(URI.create(url), model, key);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          spec.commandLine(),
          "XNEST_ROBOT_URL or XNEST_ROBOT_KEY cannot be used: " + wrong.getMessage());
    }
  }

  private void check(boolean good, String otherwise) {
    if (!good) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private static boolean isHttp(URI url) {
    String scheme = url.getScheme();
    return ("http".equals(scheme) || "https".equals(scheme))
        && url.getHost() != null
        && url.getPath().matches("/?");
  }

  private static InetAddress addressOf(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException unknown) {
      throw new IOException("--host " + host + " is unknown", unknown);
    }
  }

  /** By which other machines may reach this one; localhost if there is none. */
  private static String ownName() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(own -> own instanceof Inet4Address)
        .filter(own -> !own.isLoopbackAddress() && !own.isLinkLocalAddress())
        .findFirst()
        .map(InetAddress::getHostAddress)
        .orElse("localhost");
  }

  private static URI withHost(URI url, String host) {
    return URI.create(url.getScheme() + "://" + host + ":" + url.getPort() + "/");
  }

  /** As it stands in a URL. */
  static String nameOf(InetAddress address) {
    String ip = address.getHostAddress();
    return ip.contains(":") ? "[" + ip + "]" : ip;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = ChatServer.class.getPackage().getImplementationVersion();
      return new String[] {"xnest-server " + (version == null ? "(not packaged)" : version)};
    }
  }
}
