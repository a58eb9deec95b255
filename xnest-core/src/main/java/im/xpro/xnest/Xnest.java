package im.xpro.xnest;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A house of chat rooms. Opens no socket: a transport asks to {@link #admit} and {@link #enter}.
 *
 * <pre>{@code
 * try (Xnest xnest = Xnest.inMemory();
 *     XnestServer server = XnestServer.builder(xnest).port(8080).start()) {
 *   Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p>Any thread may call any method. Nothing blocks but {@link #close}.
 */
public final class Xnest implements AutoCloseable {
  /** The newest records of each room that {@link #inMemory} keeps. */
  private static final int ENTRIES_PER_ROOM = 1_000;

  private static final long LAST_TASKS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Decision.Refused GOING_AWAY =
      new Decision.Refused(503, "the server is going away");

  private static final String TOO_MANY_ROOMS = "there are too many rooms";

  final House house;
  final RoomRegistry rooms;
  private final Admission admission;
  private final Supplier<String> nicknames;
  private final List<ExecutorService> ownThreads;
  private final CountDownLatch emptied = new CountDownLatch(1);
  private volatile boolean closing;

  private Xnest(Builder from) {
    Limits limits = from.limits;
    ownThreads = new ArrayList<>();
    Executor executor = from.executor;
    if (executor == null) {
      executor = own(Threads.pool("xnest-room", Runtime.getRuntime().availableProcessors() + 1));
    }
    Executor appends = from.storageExecutor;
    Executor reads = from.storageExecutor;
    Executor uploads = from.storageExecutor;
    if (appends == null || reads == null || uploads == null) {
      appends = own(Threads.pool("xnest-append", 1));
      reads = own(Threads.pool("xnest-read", 4));
      uploads = own(Threads.pool("xnest-upload", 4));
    }
    Timer timer = from.timer;
    if (timer == null) {
      ScheduledThreadPoolExecutor thread = Threads.timer("xnest-timer");
      own(thread);
      timer = Threads.on(thread);
    }
    Executor botThreads = from.botExecutor;
    if (botThreads == null) {
      botThreads = own(Threads.pool("xnest-bot", 4, limits.rooms()));
    }
    ShieldedListener listener =
        new ShieldedListener(from.listeners, new FailureLog(Xnest.class, timer));
    HistoryWriter writer = new HistoryWriter(from.history, appends, timer, listener);
    URI blobBase = from.blobBase;
    house =
        new House(
            limits,
            new CommandParser(limits.maxNicknameCharacters()),
            new FrameWriter(blobBase == null ? URI.create("") : blobBase, from.zone),
            from.clock,
            timer,
            executor,
            new Storage(
                from.history, from.blobs, reads, uploads, writer, limits, timer, listener::failed),
            new Filters(from.filters, limits, timer, listener::failed),
            new Bots(from.bots, botThreads, limits),
            from.policy,
            new Tails(limits.tailBytes()),
            new Sanctions(limits.bans()),
            from.memberIds,
            from.blobIds,
            blobBase != null,
            new AtomicLong(),
            listener);
    rooms = new RoomRegistry(house);
    admission = from.admission;
    nicknames = from.nicknames;
  }

  private <T extends ExecutorService> T own(T threads) {
    ownThreads.add(threads);
    return threads;
  }

  /** Rooms whose history is in memory, the newest 1,000 records of each, and that take no media. */
  public static Xnest inMemory() {
    return builder().build();
  }

  /** Starts from the defaults: everything in memory, everybody may enter. */
  public static Builder builder() {
    return new Builder();
  }

  /** The limits it was built with; a transport keeps those on connections and bytes. */
  public Limits limits() {
    return house.limits();
  }

  /**
   * Tells all the listeners that it was built with: a transport's way to report what rooms do not
   * see, such as a handshake that it refuses itself. Never throws.
   */
  public XnestListener listener() {
    return house.listener();
  }

  /**
   * Decides on somebody's wish to enter, as it came with a handshake (PROTOCOL section 1): asks the
   * limits first, gives a nickname where there is none, then asks the application's {@link
   * Admission}. Who may enter a room that too many join at once is told when it is its turn ({@link
   * Limits#joinTime}). The answer may come on any thread.
   *
   * @return never fails; what goes wrong is a {@link Decision.Refused}
   */
  public CompletionStage<Decision> admit(Entry entry) {
    Objects.requireNonNull(entry, "entry");
    Decision.Refused refused = refusal(entry);
    if (refused != null) {
      return CompletableFuture.completedStage(told(entry, refused));
    }
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    try {
      Entry named = named(entry);
      answered(admission.decide(named))
          .whenComplete(
              (decision, failure) -> answer.complete(checked(decision, failure, named.nickname())));
    } catch (Throwable failure) {
      answer.complete(failed(failure));
    }
    if (!answer.isDone()) {
      house.timer().after(limits().admissionTime(), () -> tooLate(answer));
    }
    return answer.thenCompose(this::inItsTurn).thenApply(decision -> told(entry, decision));
  }

  /** Who may enter has to wait where too many join one room at once. */
  private CompletionStage<Decision> inItsTurn(Decision decision) {
    if (!(decision instanceof Decision.Accepted accepted)) {
      return CompletableFuture.completedStage(decision);
    }
    Room room = rooms.get(accepted.entry().room());
    long wait = room == null ? 0 : room.expect();
    if (wait == 0) {
      return CompletableFuture.completedStage(decision);
    }
    if (wait < 0) {
      return CompletableFuture.completedStage(
          new Decision.Refused(429, "too many join the room at once"));
    }
    CompletableFuture<Decision> turn = new CompletableFuture<>();
    house
        .timer()
        .after(
            Duration.ofMillis(wait),
            () -> turn.complete(closing ? GOING_AWAY : ifMayComeIn(accepted)));
    return turn;
  }

  private <T extends Decision> T told(Entry entry, T decision) {
    if (decision instanceof Decision.Refused refused) {
      house.listener().entryRefused(entry.room(), refused);
    }
    return decision;
  }

  private void tooLate(CompletableFuture<Decision> answer) {
    if (answer.complete(Decision.refuse(503, "the admission rule took too long"))) {
      house
          .listener()
          .failed(
              "asking the admission rule",
              new TimeoutException("no answer within " + limits().admissionTime()));
    }
  }

  private static <T> T answered(@Nullable T answer) {
    return Objects.requireNonNull(answer, "the admission rule's answer");
  }

  private Decision.@Nullable Refused refusal(Entry entry) {
    Limits limits = limits();
    if (closing) {
      return GOING_AWAY;
    }
    if (entry.room().characters() > limits.maxRoomIdCharacters()) {
      return new Decision.Refused(
          400, "the room id has more than " + limits.maxRoomIdCharacters() + " characters");
    }
    String nickname = entry.nickname();
    if (nickname != null && Nicknames.characters(nickname) > limits.maxNicknameCharacters()) {
      return new Decision.Refused(
          400, "the nickname has more than " + limits.maxNicknameCharacters() + " characters");
    }
    Room room = rooms.get(entry.room());
    if (room == null && rooms.isFull()) {
      return new Decision.Refused(429, TOO_MANY_ROOMS);
    }
    return null;
  }

  private Decision ifMayComeIn(Decision.Accepted accepted) {
    Entry entry = accepted.entry();
    String why =
        house
            .sanctions()
            .whyKeptOut(entry.room(), entry.grant(), entry.remote(), house.clock().instant());
    if (why != null) {
      return new Decision.Refused(403, why);
    }
    Room room = rooms.get(entry.room());
    return room == null || room.hasRoomFor(entry.grant())
        ? accepted
        : new Decision.Refused(429, "the room is full");
  }

  private Entry named(Entry entry) {
    if (entry.nickname() != null) {
      return entry;
    }
    Entry named = entry.withNickname(nicknames.get());
    if (named.nickname() == null) {
      throw new IllegalStateException("the nickname made up for somebody is blank");
    }
    return named;
  }

  private Decision checked(
      @Nullable Decision decision, @Nullable Throwable failure, @Nullable String asked) {
    try {
      if (failure != null) {
        return failed(failure);
      }
      return answered(decision) instanceof Decision.Accepted accepted
          ? ifMayComeIn(new Decision.Accepted(named(checked(accepted.entry(), asked))))
          : decision;
    } catch (RuntimeException wrong) {
      return failed(wrong);
    }
  }

  private Entry checked(Entry accepted, @Nullable String asked) {
    String given = accepted.nickname();
    int max = limits().maxNicknameCharacters();
    if (given != null && !given.equals(asked) && Nicknames.characters(given) > max) {
      throw new IllegalArgumentException(
          "the admission rule gave a nickname of "
              + Nicknames.characters(given)
              + " characters, may have "
              + max);
    }
    return accepted;
  }

  private Decision failed(Throwable failure) {
    house.listener().failed("asking the admission rule", Threads.cause(failure));
    return new Decision.Refused(500, "the admission rule failed");
  }

  /**
   * Lets somebody in, without asking again. The member hears its welcome through {@code outlet},
   * perhaps before this returns, perhaps later: its messages may be handed in at once and wait.
   *
   * @param entry best one that {@link #admit} has accepted
   * @return its way in; where it cannot enter, {@code outlet} is closed with 1001 or 1013, or with
   *     1008 if it is kept out
   */
  public Inlet enter(Entry entry, Outlet outlet) {
    Objects.requireNonNull(entry, "entry");
    Objects.requireNonNull(outlet, "outlet");
    String nickname = Objects.requireNonNull(named(entry).nickname());
    MemberId id = house.newMember();
    house.storage().keepTidy();
    Room held = rooms.enter(entry.room());
    Room room = held == null ? new Room(entry.room(), house, unheld -> {}) : held;
    Seat seat = new Seat(house, room, id, entry, nickname, outlet, false);
    if (held == null) {
      room.refuse(seat, TOO_MANY_ROOMS);
      return seat.inlet;
    }
    room.enter(seat);
    if (closing) {
      room.letGo(seat, Close.GOING_AWAY, "going away");
    }
    return seat.inlet;
  }

  /**
   * Lets members go with 1001, because the transport that they came by goes away: each once it has
   * heard what became of its words, or after {@link Limits#closeTime}, and then it is told that
   * nothing is known. What is handed in from now on is ignored. Where {@code members} are many
   * their close frames ask them to come back one after the other (PROTOCOL section 5).
   */
  public void dismiss(Collection<Inlet> members) {
    Supplier<String> reasons = Close.goingAway(Objects.requireNonNull(members, "members").size());
    members.forEach(member -> member.dismiss(reasons.get()));
  }

  /**
   * The open rooms, in no order, as they are now.
   *
   * @throws IllegalStateException if xnest is closed
   */
  public List<ChatRoom> rooms() {
    checkOpen();
    return rooms.all().stream().filter(Room::isOpen).map(room -> chatRoom(room.id)).toList();
  }

  /**
   * The room of this name, open or not.
   *
   * @param id at most {@link Limits#maxRoomIdCharacters}
   * @throws IllegalStateException if xnest is closed
   */
  public ChatRoom room(RoomId id) {
    int characters = Objects.requireNonNull(id, "id").characters();
    int max = limits().maxRoomIdCharacters();
    if (characters > max) {
      throw new IllegalArgumentException(
          "id has " + characters + " characters, must have 1 to " + max);
    }
    checkOpen();
    return chatRoom(id);
  }

  /** As {@link #room(RoomId)}. */
  public ChatRoom room(String id) {
    return room(new RoomId(Objects.requireNonNull(id, "id")));
  }

  private ChatRoom chatRoom(RoomId id) {
    return new ChatRoom(this, house, rooms, id);
  }

  boolean isClosing() {
    return closing;
  }

  void checkOpen() {
    if (closing) {
      throw new IllegalStateException("xnest is closed");
    }
  }

  /**
   * Refuses whoever comes, finishes what waits for the stores, lets all members go with 1001, each
   * once it has heard what became of its words, and ends the threads that xnest has made. Blocks
   * until then. After {@link Limits#closeTime} whoever still waits is told so and let go, and what
   * is not done is reported. May be called again.
   */
  @Override
  public void close() {
    closing = true;
    rooms.whenEmpty(emptied::countDown);
    Collection<Room> all = rooms.all();
    Supplier<String> reasons = Close.goingAway(all.stream().mapToInt(Room::size).sum());
    all.forEach(room -> room.empty(Close.GOING_AWAY, reasons, () -> {}));
    try {
      if (!emptied.await(limits().closeTime().toMillis(), TimeUnit.MILLISECONDS)) {
        house
            .listener()
            .failed(
                "closing: " + rooms.size() + " rooms still wait for their store",
                new IllegalStateException("closed before all was kept"));
        giveUp();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    ownThreads.forEach(ExecutorService::shutdown);
    awaitOwnThreads();
  }

  /** They are done with all but what hangs, which nothing can be done about. */
  private void awaitOwnThreads() {
    long deadline = System.nanoTime() + LAST_TASKS_NANOS;
    try {
      for (ExecutorService threads : ownThreads) {
        threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rooms do not block, so this is soon done, unless their executor has died. */
  private void giveUp() throws InterruptedException {
    Collection<Room> late = rooms.all();
    CountDownLatch told = new CountDownLatch(late.size());
    late.forEach(room -> room.giveUp(Close.GOING_AWAY, "going away", told::countDown));
    told.await(limits().closeTime().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Collects what an {@link Xnest} is made of. One thread at a time. */
  public static final class Builder {
    private HistoryStore history = HistoryStore.inMemory(ENTRIES_PER_ROOM);
    private BlobStore blobs = BlobStore.inMemory();
    private @Nullable URI blobBase;
    private Admission admission = Admission.open();
    private final List<Filter> filters = new ArrayList<>();
    private final List<Bots.Named> bots = new ArrayList<>();
    private @Nullable RoomPolicy policy;
    private Limits limits = Limits.defaults();
    private final List<XnestListener> listeners = new ArrayList<>();
    private ZoneId zone = ZoneId.systemDefault();
    private InstantSource clock = InstantSource.system();
    private @Nullable Timer timer;
    private @Nullable Executor executor;
    private @Nullable Executor storageExecutor;
    private @Nullable Executor botExecutor;
    private Supplier<MemberId> memberIds = new Ids()::member;
    private Supplier<String> blobIds = Ids::blob;
    private Supplier<String> nicknames = new FriendlyNames();

    private Builder() {}

    /** Where messages are kept. Default: in memory, the newest 1,000 of each room. */
    public Builder history(HistoryStore store) {
      history = Objects.requireNonNull(store, "history");
      return this;
    }

    /** Where media are kept. Default: in memory. */
    public Builder blobs(BlobStore store) {
      blobs = Objects.requireNonNull(store, "blobs");
      return this;
    }

    /**
     * Where clients fetch media: a blob's URL is {@code {base}/{room}/{id}} (PROTOCOL section 4).
     * Without it, the default, media are answered with an {@code error}.
     *
     * @throws IllegalArgumentException unless it is absolute, of http or https, without a query
     */
    public Builder blobBase(URI base) {
      String scheme = Objects.requireNonNull(base, "blobBase").getScheme();
      boolean isHttp = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
      boolean hasMore = base.getRawQuery() != null || base.getRawFragment() != null;
      if (!isHttp || base.getRawAuthority() == null || hasMore) {
        throw new IllegalArgumentException(
            "blobBase is " + base + ", must be an absolute http or https URL without a query");
      }
      blobBase = base;
      return this;
    }

    /** Who may enter. Default: everybody. */
    public Builder admission(Admission rule) {
      admission = Objects.requireNonNull(rule, "admission");
      return this;
    }

    /** Adds a rule of what may be published; asked behind those that were added before. */
    public Builder filter(Filter rule) {
      filters.add(Objects.requireNonNull(rule, "filter"));
      return this;
    }

    /**
     * Adds a member that is code to every room, behind those that were added before.
     *
     * @throws IllegalArgumentException if nothing is left of the nickname when it is cleaned; from
     *     {@link #build} if it has more than {@link Limits#maxNicknameCharacters}
     */
    public Builder bot(String nickname, Bot bot) {
      String cleaned = Bots.nickname(nickname, Integer.MAX_VALUE);
      bots.add(new Bots.Named(cleaned, Objects.requireNonNull(bot, "bot")));
      return this;
    }

    /** What holds in each room. Default: in all of them what {@link RoomOptions#of} says. */
    public Builder policy(RoomPolicy rule) {
      policy = Objects.requireNonNull(rule, "policy");
      return this;
    }

    /** Default: {@link Limits#defaults}. */
    public Builder limits(Limits values) {
      limits = Objects.requireNonNull(values, "limits");
      return this;
    }

    /**
     * Adds one who hears what happens, behind those that were added before. Default: nobody;
     * failures are logged in any case.
     */
    public Builder listener(XnestListener hears) {
      listeners.add(Objects.requireNonNull(hears, "listener"));
      return this;
    }

    /** Of every {@code send_time}. Default: the system's. */
    public Builder zone(ZoneId of) {
      zone = Objects.requireNonNull(of, "zone");
      return this;
    }

    /** Tells the time of events. Default: the system's clock. */
    public Builder clock(InstantSource source) {
      clock = Objects.requireNonNull(source, "clock");
      return this;
    }

    /** Runs what comes later. Default: one daemon thread. */
    public Builder timer(Timer runs) {
      timer = Objects.requireNonNull(runs, "timer");
      return this;
    }

    /**
     * Runs the rooms' turns, which never block; what it refuses is reported and run by the calling
     * thread. Default: daemon threads, one more than there are processors. With {@code
     * Runnable::run} everything happens within the call.
     */
    public Builder executor(Executor runs) {
      executor = Objects.requireNonNull(runs, "executor");
      return this;
    }

    /**
     * Runs what asks the stores, and may block. Default: daemon threads, one for appends, four for
     * reads and four for media, so that none waits for another kind.
     */
    public Builder storageExecutor(Executor runs) {
      storageExecutor = Objects.requireNonNull(runs, "storageExecutor");
      return this;
    }

    /**
     * Runs the bots, which may take their time. What it refuses is reported, and tried again with
     * what the bot hears next. Default: four daemon threads.
     */
    public Builder botExecutor(Executor runs) {
      botExecutor = Objects.requireNonNull(runs, "botExecutor");
      return this;
    }

    /** Gives each member an id that was never given before (PROTOCOL section 2). */
    public Builder memberIds(Supplier<MemberId> ids) {
      memberIds = Objects.requireNonNull(ids, "memberIds");
      return this;
    }

    /** Gives each blob an id with at least 128 random bits (PROTOCOL section 4). */
    public Builder blobIds(Supplier<String> ids) {
      blobIds = Objects.requireNonNull(ids, "blobIds");
      return this;
    }

    /** Gives a name to who brings none. Default: a friendly one, Chinese or English. */
    public Builder nicknames(Supplier<String> names) {
      nicknames = Objects.requireNonNull(names, "nicknames");
      return this;
    }

    /** Starts no thread until there is something to do. */
    public Xnest build() {
      return new Xnest(this);
    }
  }
}
