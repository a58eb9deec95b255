package im.xpro.xnest;

import java.time.Duration;
import java.util.Objects;

/**
 * Every number that bounds xnest, each with its unit and default. Immutable; varied by {@link
 * #builder}. Limits on members and rooms are kept by the core, so they hold on every server; those
 * on connections and bytes on the wire by the server's adapter.
 *
 * <pre>{@code
 * Limits limits = Limits.builder().roomMembers(200).maxTextBytes(4_096).build();
 * Xnest xnest = Xnest.builder().limits(limits).build();
 * }</pre>
 */
public final class Limits {
  private final int maxTextBytes;
  private final int maxBinaryBytes;
  private final int maxRoomIdCharacters;
  private final int maxNicknameCharacters;
  private final int pageEntries;
  private final int pageBytes;
  private final int pageEnds;
  private final int roomMembers;
  private final int rooms;
  private final int systemMembers;
  private final int bans;
  private final int inletMessages;
  private final int inletBytes;
  private final long allInletBytes;
  private final int messageRate;
  private final int messageBurst;
  private final int byteRate;
  private final int byteBurst;
  private final Duration rateTime;
  private final int historyRate;
  private final int historyBurst;
  private final int uploadRate;
  private final int joinRate;
  private final int joinBurst;
  private final Duration joinTime;
  private final int roomWaitingMessages;
  private final int roomWaitingBytes;
  private final long waitingBytes;
  private final long tailBytes;
  private final int outboxBytes;
  private final long allOutboxBytes;
  private final int botMessages;
  private final int botBacklog;
  private final Duration admissionTime;
  private final Duration filterTime;
  private final Duration storeTime;
  private final int connections;
  private final int connectionsPerAddress;
  private final int pendingHandshakes;
  private final Duration handshakeTime;
  private final int handshakeBytes;
  private final int handshakeLines;
  private final int fragments;
  private final Duration messageTime;
  private final int progressBytes;
  private final long unfinishedBytes;
  private final int pingRate;
  private final int pingBurst;
  private final Duration pingEvery;
  private final Duration silence;
  private final Duration stall;
  private final Duration closeTime;

  private Limits(Builder from) {
    maxTextBytes = from.maxTextBytes;
    maxBinaryBytes = from.maxBinaryBytes;
    maxRoomIdCharacters = from.maxRoomIdCharacters;
    maxNicknameCharacters = from.maxNicknameCharacters;
    pageEntries = from.pageEntries;
    pageBytes = from.pageBytes;
    pageEnds = from.pageEnds;
    roomMembers = from.roomMembers;
    rooms = from.rooms;
    systemMembers = from.systemMembers;
    bans = from.bans;
    inletMessages = from.inletMessages;
    inletBytes = from.inletBytes;
    allInletBytes = from.allInletBytes;
    messageRate = from.messageRate;
    messageBurst = from.messageBurst;
    byteRate = from.byteRate;
    byteBurst = from.byteBurst;
    rateTime = from.rateTime;
    historyRate = from.historyRate;
    historyBurst = from.historyBurst;
    uploadRate = from.uploadRate;
    joinRate = from.joinRate;
    joinBurst = from.joinBurst;
    joinTime = from.joinTime;
    roomWaitingMessages = from.roomWaitingMessages;
    roomWaitingBytes = from.roomWaitingBytes;
    waitingBytes = from.waitingBytes;
    tailBytes = from.tailBytes;
    outboxBytes = from.outboxBytes;
    allOutboxBytes = from.allOutboxBytes;
    botMessages = from.botMessages;
    botBacklog = from.botBacklog;
    admissionTime = from.admissionTime;
    filterTime = from.filterTime;
    storeTime = from.storeTime;
    connections = from.connections;
    connectionsPerAddress = from.connectionsPerAddress;
    pendingHandshakes = from.pendingHandshakes;
    handshakeTime = from.handshakeTime;
    handshakeBytes = from.handshakeBytes;
    handshakeLines = from.handshakeLines;
    fragments = from.fragments;
    messageTime = from.messageTime;
    progressBytes = from.progressBytes;
    unfinishedBytes = from.unfinishedBytes;
    pingRate = from.pingRate;
    pingBurst = from.pingBurst;
    pingEvery = from.pingEvery;
    silence = from.silence;
    stall = from.stall;
    closeTime = from.closeTime;
  }

  /** The defaults. */
  public static Limits defaults() {
    return builder().build();
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Bytes of UTF-8 in a text message; over it the connection closes with 1009 (PROTOCOL section 5).
   * Default {@code 1 << 20}.
   */
  public int maxTextBytes() {
    return maxTextBytes;
  }

  /**
   * Bytes in a binary message, its first byte included; over it: 1009 (PROTOCOL section 5). Default
   * {@code 8 << 20}.
   */
  public int maxBinaryBytes() {
    return maxBinaryBytes;
  }

  /**
   * Code points in a room id; a longer one is refused with 400, never cut (PROTOCOL section 1).
   * Default {@code 128}.
   */
  public int maxRoomIdCharacters() {
    return maxRoomIdCharacters;
  }

  /**
   * Code points in a cleaned nickname; a longer one is refused (PROTOCOL section 1). Default {@code
   * 64}.
   */
  public int maxNicknameCharacters() {
    return maxNicknameCharacters;
  }

  /**
   * Records in a page of history, the welcome's too (PROTOCOL section 3, history). Default {@code
   * 50}.
   */
  public int pageEntries() {
    return pageEntries;
  }

  /**
   * Bytes of JSON in a page of history; it ends early rather than pass this, but holds at least one
   * record (PROTOCOL section 3, history). Default {@code 1 << 20}.
   */
  public int pageBytes() {
    return pageBytes;
  }

  /**
   * Ends of pages that are remembered for one member, where they cannot be counted (PROTOCOL
   * section 3, history). Default {@code 1_000}.
   */
  public int pageEnds() {
    return pageEnds;
  }

  /** Members in one room; the next one is refused with 429. Default {@code 5_000}. */
  public int roomMembers() {
    return roomMembers;
  }

  /**
   * Rooms with members; who would open one more is refused with 429, or closed with 1013 if its
   * handshake is over. Default {@code 100_000}.
   */
  public int rooms() {
    return rooms;
  }

  /**
   * System members of one open room, as which the application posts; in the name of one more it
   * cannot. Default {@code 8}.
   */
  public int systemMembers() {
    return systemMembers;
  }

  /**
   * Persons in all rooms who are kept out for a time, and as many who are muted; for one more, the
   * one of them whose time ends first is pardoned. Default {@code 10_000}.
   */
  public int bans() {
    return bans;
  }

  /**
   * Messages of one member that wait to be done with. At a sixteenth of it reading pauses; one more
   * than all of it, from a transport that cannot pause, closes with 1008. Default {@code 1_000}.
   */
  public int inletMessages() {
    return inletMessages;
  }

  /** Bytes of one member's messages that wait, in the same way. Default {@code 16 << 20}. */
  public int inletBytes() {
    return inletBytes;
  }

  /**
   * Bytes of all members' messages that wait, 128 more counted for each; a message beyond is
   * answered with an error, unless all that waits of its sender is within its share: this, divided
   * by {@link #connections}. The last quarter is for senders of whom 16 KiB at most wait. Default
   * {@code 32L << 20}.
   */
  public long allInletBytes() {
    return allInletBytes;
  }

  /**
   * Messages that a member may send in a second, all that it asks for included; more wait, it is
   * read more slowly, and let go with 1008 after {@link #rateTime} (PROTOCOL section 5). 0 for any
   * number. Default {@code 100}.
   */
  public int messageRate() {
    return messageRate;
  }

  /** Messages that it may send at once, out of what it has saved. Default {@code 200}. */
  public int messageBurst() {
    return messageBurst;
  }

  /** Bytes of a member's messages in a second, in the same way. Default {@code 2 << 20}. */
  public int byteRate() {
    return byteRate;
  }

  /** Bytes that it may send at once; one message may be larger. Default {@code 16 << 20}. */
  public int byteBurst() {
    return byteBurst;
  }

  /**
   * How long a member may be over its rate: it is let go with 1008 when something of it has to wait
   * and it has not saved its whole burst again for this long (PROTOCOL section 5). Media that wait
   * are no reason. Default 30 s.
   */
  public Duration rateTime() {
    return rateTime;
  }

  /**
   * Pages of history that a member may ask for in a second; more wait, and what it sends behind
   * them. 0 for any number. Default {@code 5}.
   */
  public int historyRate() {
    return historyRate;
  }

  /** Pages that it may ask for at once. Default {@code 20}. */
  public int historyBurst() {
    return historyBurst;
  }

  /**
   * Media that a member may send in a minute, and as many at once; one more is answered with an
   * error. 0 for any number. Default {@code 20}.
   */
  public int uploadRate() {
    return uploadRate;
  }

  /**
   * Members that may join one room in a second; more wait, for {@link #joinTime} at most. 0 for any
   * number. Default {@code 100}.
   */
  public int joinRate() {
    return joinRate;
  }

  /** Members that may join one room at once. Default {@code 500}. */
  public int joinBurst() {
    return joinBurst;
  }

  /**
   * How long somebody may wait to join; who would have to wait longer is refused at once, with 429,
   * or 1013 if its handshake is over. Default 10 s.
   */
  public Duration joinTime() {
    return joinTime;
  }

  /**
   * Messages of one room that wait to be kept; the sender of one more hears an error. Default
   * {@code 1_000}.
   */
  public int roomWaitingMessages() {
    return roomWaitingMessages;
  }

  /**
   * Bytes of one room's messages that wait to be kept, in the same way; one alone may be larger.
   * Default {@code 4 << 20}.
   */
  public int roomWaitingBytes() {
    return roomWaitingBytes;
  }

  /**
   * Bytes of all rooms' messages and media that wait to be kept, in the same way; each counts 200
   * more, for what it takes in memory beside its content. The last quarter is for those of 16 KiB
   * at most. Default {@code 32L << 20}.
   */
  public long waitingBytes() {
    return waitingBytes;
  }

  /**
   * Bytes that the newest records of all rooms may use in memory, where joiners find them; over it
   * the room longest quiet reads its own from the store again. A sixteenth of the heap by default.
   */
  public long tailBytes() {
    return tailBytes;
  }

  /**
   * Bytes that may wait for a member who reads slowly; with more it is let go with 1013. One
   * message alone may be larger (PROTOCOL section 5). Default {@code 8 << 20}.
   */
  public int outboxBytes() {
    return outboxBytes;
  }

  /**
   * Bytes that may wait for all members of a server together, each counted once however many share
   * it, and 100 more for each message and member; with more, those for whom most waits are let go
   * with 1013, or cut, until the rest fits. A quarter over it, whoever is sent more than 2 MiB at
   * once is let go with 1013, too. A quarter of the heap by default.
   */
  public long allOutboxBytes() {
    return allOutboxBytes;
  }

  /**
   * Messages that a {@link Bot} may send in one room within 10 s; more are not taken. Default
   * {@code 50}.
   */
  public int botMessages() {
    return botMessages;
  }

  /**
   * Frames that may wait for a {@link Bot} in one room, and {@link #outboxBytes} in all; it misses
   * what comes beyond. Default {@code 1_000}.
   */
  public int botBacklog() {
    return botBacklog;
  }

  /**
   * How long an {@link Admission} may take; then the handshake is refused with 503. Default 10 s.
   */
  public Duration admissionTime() {
    return admissionTime;
  }

  /** How long all {@link Filter}s together may take; then the draft is refused. Default 10 s. */
  public Duration filterTime() {
    return filterTime;
  }

  /** How long a store may take to answer; then those who wait for it are told. Default 10 s. */
  public Duration storeTime() {
    return storeTime;
  }

  /**
   * Connections of a server; one more is refused when it is accepted. A server takes less where the
   * process has not enough descriptors. Default {@code 10_000}.
   */
  public int connections() {
    return connections;
  }

  /**
   * Connections of one address, or of one network of 64 bits in IPv6; one more is refused when it
   * is accepted. 0 for any number, as behind a proxy, whose address all have there. Default {@code
   * 0}.
   */
  public int connectionsPerAddress() {
    return connectionsPerAddress;
  }

  /**
   * Connections whose handshake has not arrived yet; one more is refused when it is accepted. Who
   * waits for an answer to it is bounded by {@link #connections}, {@link #admissionTime} and {@link
   * #joinTime}. Default {@code 1_000}.
   */
  public int pendingHandshakes() {
    return pendingHandshakes;
  }

  /** How long a handshake may take to arrive; then the connection is cut. Default 10 s. */
  public Duration handshakeTime() {
    return handshakeTime;
  }

  /** Bytes in a handshake; one that is larger is refused with 431. Default {@code 16 << 10}. */
  public int handshakeBytes() {
    return handshakeBytes;
  }

  /** Lines in a handshake, in the same way. Default {@code 100}. */
  public int handshakeLines() {
    return handshakeLines;
  }

  /** Fragments of one message; with more the connection closes with 1009. Default {@code 1_024}. */
  public int fragments() {
    return fragments;
  }

  /**
   * How long a message may take from its first byte to its last, or to {@link #progressBytes} more;
   * then: 1008. Default 30 s.
   */
  public Duration messageTime() {
    return messageTime;
  }

  /**
   * Bytes of a message with which it gains another {@link #messageTime}: so large ones may come
   * slowly, but not for ever. Default {@code 512 << 10}.
   */
  public int progressBytes() {
    return progressBytes;
  }

  /**
   * Bytes of what peers of a server have begun and not finished, all of them together; with more,
   * those go with 1013, or 503 in a handshake, who hold most for the speed at which it comes. Never
   * less than two of the largest messages. 32 MiB by default, an eighth of the heap at most.
   */
  public long unfinishedBytes() {
    return unfinishedBytes;
  }

  /**
   * Pings that a peer may send in a second; of more the newest is answered later, and with 1,000
   * more before it has saved its whole burst again the connection closes with 1008. Default {@code
   * 10}.
   */
  public int pingRate() {
    return pingRate;
  }

  /** Pings that it may send at once. Default {@code 50}. */
  public int pingBurst() {
    return pingBurst;
  }

  /** The time between two pings (PROTOCOL section 5). Default 20 s. */
  public Duration pingEvery() {
    return pingEvery;
  }

  /**
   * How long nothing at all may come from a peer, pongs included; then it is gone (PROTOCOL section
   * 5). Default 50 s.
   */
  public Duration silence() {
    return silence;
  }

  /** How long a peer may take nothing of what waits for it; then it is let go. Default 10 s. */
  public Duration stall() {
    return stall;
  }

  /**
   * How long a peer may take to end a closed connection; then it is cut (PROTOCOL section 5).
   * Default 5 s.
   */
  public Duration closeTime() {
    return closeTime;
  }

  /** Checks each value as it is set. One thread at a time. */
  public static final class Builder {
    private int maxTextBytes = 1 << 20;
    private int maxBinaryBytes = 8 << 20;
    private int maxRoomIdCharacters = 128;
    private int maxNicknameCharacters = 64;
    private int pageEntries = 50;
    private int pageBytes = 1 << 20;
    private int pageEnds = 1_000;
    private int roomMembers = 5_000;
    private int rooms = 100_000;
    private int systemMembers = 8;
    private int bans = 10_000;
    private int inletMessages = 1_000;
    private int inletBytes = 16 << 20;
    private long allInletBytes = 32L << 20;
    private int messageRate = 100;
    private int messageBurst = 200;
    private int byteRate = 2 << 20;
    private int byteBurst = 16 << 20;
    private Duration rateTime = Duration.ofSeconds(30);
    private int historyRate = 5;
    private int historyBurst = 20;
    private int uploadRate = 20;
    private int joinRate = 100;
    private int joinBurst = 500;
    private Duration joinTime = Duration.ofSeconds(10);
    private int roomWaitingMessages = 1_000;
    private int roomWaitingBytes = 4 << 20;
    private long waitingBytes = 32L << 20;
    private long tailBytes = Runtime.getRuntime().maxMemory() / 16;
    private int outboxBytes = 8 << 20;
    private long allOutboxBytes = Runtime.getRuntime().maxMemory() / 4;
    private int botMessages = 50;
    private int botBacklog = 1_000;
    private Duration admissionTime = Duration.ofSeconds(10);
    private Duration filterTime = Duration.ofSeconds(10);
    private Duration storeTime = Duration.ofSeconds(10);
    private int connections = 10_000;
    private int connectionsPerAddress = 0;
    private int pendingHandshakes = 1_000;
    private Duration handshakeTime = Duration.ofSeconds(10);
    private int handshakeBytes = 16 << 10;
    private int handshakeLines = 100;
    private int fragments = 1_024;
    private Duration messageTime = Duration.ofSeconds(30);
    private int progressBytes = 512 << 10;
    private long unfinishedBytes = Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 8);
    private int pingRate = 10;
    private int pingBurst = 50;
    private Duration pingEvery = Duration.ofSeconds(20);
    private Duration silence = Duration.ofSeconds(50);
    private Duration stall = Duration.ofSeconds(10);
    private Duration closeTime = Duration.ofSeconds(5);

    private Builder() {}

    /** Sets {@link Limits#maxTextBytes}, 1 or more. */
    public Builder maxTextBytes(int value) {
      maxTextBytes = (int) atLeast(1, "maxTextBytes", value);
      return this;
    }

    /** Sets {@link Limits#maxBinaryBytes}, 2 or more. */
    public Builder maxBinaryBytes(int value) {
      maxBinaryBytes = (int) atLeast(2, "maxBinaryBytes", value);
      return this;
    }

    /** Sets {@link Limits#maxRoomIdCharacters}, 1 or more. */
    public Builder maxRoomIdCharacters(int value) {
      maxRoomIdCharacters = (int) atLeast(1, "maxRoomIdCharacters", value);
      return this;
    }

    /** Sets {@link Limits#maxNicknameCharacters}, 1 or more. */
    public Builder maxNicknameCharacters(int value) {
      maxNicknameCharacters = (int) atLeast(1, "maxNicknameCharacters", value);
      return this;
    }

    /** Sets {@link Limits#pageEntries}, 1 or more. */
    public Builder pageEntries(int value) {
      pageEntries = (int) atLeast(1, "pageEntries", value);
      return this;
    }

    /** Sets {@link Limits#pageBytes}, 1 or more. */
    public Builder pageBytes(int value) {
      pageBytes = (int) atLeast(1, "pageBytes", value);
      return this;
    }

    /** Sets {@link Limits#pageEnds}, 1 or more. */
    public Builder pageEnds(int value) {
      pageEnds = (int) atLeast(1, "pageEnds", value);
      return this;
    }

    /** Sets {@link Limits#roomMembers}, 1 or more. */
    public Builder roomMembers(int value) {
      roomMembers = (int) atLeast(1, "roomMembers", value);
      return this;
    }

    /** Sets {@link Limits#rooms}, 1 or more. */
    public Builder rooms(int value) {
      rooms = (int) atLeast(1, "rooms", value);
      return this;
    }

    /** Sets {@link Limits#systemMembers}, 1 or more. */
    public Builder systemMembers(int value) {
      systemMembers = (int) atLeast(1, "systemMembers", value);
      return this;
    }

    /** Sets {@link Limits#bans}, 1 or more. */
    public Builder bans(int value) {
      bans = (int) atLeast(1, "bans", value);
      return this;
    }

    /** Sets {@link Limits#inletMessages}, 32 or more. */
    public Builder inletMessages(int value) {
      inletMessages = (int) atLeast(32, "inletMessages", value);
      return this;
    }

    /** Sets {@link Limits#inletBytes}, 32 or more. */
    public Builder inletBytes(int value) {
      inletBytes = (int) atLeast(32, "inletBytes", value);
      return this;
    }

    /** Sets {@link Limits#allInletBytes}, 1 or more. */
    public Builder allInletBytes(long value) {
      allInletBytes = atLeast(1, "allInletBytes", value);
      return this;
    }

    /** Sets {@link Limits#messageRate}, 0 or more. */
    public Builder messageRate(int value) {
      messageRate = (int) atLeast(0, "messageRate", value);
      return this;
    }

    /** Sets {@link Limits#messageBurst}, 1 or more. */
    public Builder messageBurst(int value) {
      messageBurst = (int) atLeast(1, "messageBurst", value);
      return this;
    }

    /** Sets {@link Limits#byteRate}, 0 or more. */
    public Builder byteRate(int value) {
      byteRate = (int) atLeast(0, "byteRate", value);
      return this;
    }

    /** Sets {@link Limits#byteBurst}, 1 or more. */
    public Builder byteBurst(int value) {
      byteBurst = (int) atLeast(1, "byteBurst", value);
      return this;
    }

    /** Sets {@link Limits#rateTime}. */
    public Builder rateTime(Duration value) {
      rateTime = positive("rateTime", value);
      return this;
    }

    /** Sets {@link Limits#historyRate}, 0 or more. */
    public Builder historyRate(int value) {
      historyRate = (int) atLeast(0, "historyRate", value);
      return this;
    }

    /** Sets {@link Limits#historyBurst}, 1 or more. */
    public Builder historyBurst(int value) {
      historyBurst = (int) atLeast(1, "historyBurst", value);
      return this;
    }

    /** Sets {@link Limits#uploadRate}, 0 or more. */
    public Builder uploadRate(int value) {
      uploadRate = (int) atLeast(0, "uploadRate", value);
      return this;
    }

    /** Sets {@link Limits#joinRate}, 0 or more. */
    public Builder joinRate(int value) {
      joinRate = (int) atLeast(0, "joinRate", value);
      return this;
    }

    /** Sets {@link Limits#joinBurst}, 1 or more. */
    public Builder joinBurst(int value) {
      joinBurst = (int) atLeast(1, "joinBurst", value);
      return this;
    }

    /** Sets {@link Limits#joinTime}. */
    public Builder joinTime(Duration value) {
      joinTime = positive("joinTime", value);
      return this;
    }

    /** Sets all rates to 0, for tests and trusted peers: {@link #messageRate} and its kind. */
    public Builder withoutRates() {
      return messageRate(0).byteRate(0).historyRate(0).uploadRate(0).joinRate(0);
    }

    /** Sets {@link Limits#roomWaitingMessages}, 1 or more. */
    public Builder roomWaitingMessages(int value) {
      roomWaitingMessages = (int) atLeast(1, "roomWaitingMessages", value);
      return this;
    }

    /** Sets {@link Limits#roomWaitingBytes}, 1 or more. */
    public Builder roomWaitingBytes(int value) {
      roomWaitingBytes = (int) atLeast(1, "roomWaitingBytes", value);
      return this;
    }

    /** Sets {@link Limits#waitingBytes}, 1 or more. */
    public Builder waitingBytes(long value) {
      waitingBytes = atLeast(1, "waitingBytes", value);
      return this;
    }

    /** Sets {@link Limits#tailBytes}, 0 or more. */
    public Builder tailBytes(long value) {
      tailBytes = atLeast(0, "tailBytes", value);
      return this;
    }

    /** Sets {@link Limits#outboxBytes}, 1 or more. */
    public Builder outboxBytes(int value) {
      outboxBytes = (int) atLeast(1, "outboxBytes", value);
      return this;
    }

    /** Sets {@link Limits#allOutboxBytes}, 1 or more. */
    public Builder allOutboxBytes(long value) {
      allOutboxBytes = atLeast(1, "allOutboxBytes", value);
      return this;
    }

    /** Sets {@link Limits#botMessages}, 1 or more. */
    public Builder botMessages(int value) {
      botMessages = (int) atLeast(1, "botMessages", value);
      return this;
    }

    /** Sets {@link Limits#botBacklog}, 1 or more. */
    public Builder botBacklog(int value) {
      botBacklog = (int) atLeast(1, "botBacklog", value);
      return this;
    }

    /** Sets {@link Limits#admissionTime}. */
    public Builder admissionTime(Duration value) {
      admissionTime = positive("admissionTime", value);
      return this;
    }

    /** Sets {@link Limits#filterTime}. */
    public Builder filterTime(Duration value) {
      filterTime = positive("filterTime", value);
      return this;
    }

    /** Sets {@link Limits#storeTime}. */
    public Builder storeTime(Duration value) {
      storeTime = positive("storeTime", value);
      return this;
    }

    /** Sets {@link Limits#connections}, 1 or more. */
    public Builder connections(int value) {
      connections = (int) atLeast(1, "connections", value);
      return this;
    }

    /** Sets {@link Limits#connectionsPerAddress}, 0 or more. */
    public Builder connectionsPerAddress(int value) {
      connectionsPerAddress = (int) atLeast(0, "connectionsPerAddress", value);
      return this;
    }

    /** Sets {@link Limits#pendingHandshakes}, 1 or more. */
    public Builder pendingHandshakes(int value) {
      pendingHandshakes = (int) atLeast(1, "pendingHandshakes", value);
      return this;
    }

    /** Sets {@link Limits#handshakeTime}. */
    public Builder handshakeTime(Duration value) {
      handshakeTime = positive("handshakeTime", value);
      return this;
    }

    /** Sets {@link Limits#handshakeBytes}, 256 or more. */
    public Builder handshakeBytes(int value) {
      handshakeBytes = (int) atLeast(256, "handshakeBytes", value);
      return this;
    }

    /** Sets {@link Limits#handshakeLines}, 4 or more. */
    public Builder handshakeLines(int value) {
      handshakeLines = (int) atLeast(4, "handshakeLines", value);
      return this;
    }

    /** Sets {@link Limits#fragments}, 1 or more. */
    public Builder fragments(int value) {
      fragments = (int) atLeast(1, "fragments", value);
      return this;
    }

    /** Sets {@link Limits#messageTime}. */
    public Builder messageTime(Duration value) {
      messageTime = positive("messageTime", value);
      return this;
    }

    /** Sets {@link Limits#progressBytes}, 1 or more. */
    public Builder progressBytes(int value) {
      progressBytes = (int) atLeast(1, "progressBytes", value);
      return this;
    }

    /** Sets {@link Limits#unfinishedBytes}, 1 or more. */
    public Builder unfinishedBytes(long value) {
      unfinishedBytes = atLeast(1, "unfinishedBytes", value);
      return this;
    }

    /** Sets {@link Limits#pingRate}, 1 or more. */
    public Builder pingRate(int value) {
      pingRate = (int) atLeast(1, "pingRate", value);
      return this;
    }

    /** Sets {@link Limits#pingBurst}, 1 or more. */
    public Builder pingBurst(int value) {
      pingBurst = (int) atLeast(1, "pingBurst", value);
      return this;
    }

    /** Sets {@link Limits#pingEvery}. */
    public Builder pingEvery(Duration value) {
      pingEvery = positive("pingEvery", value);
      return this;
    }

    /** Sets {@link Limits#silence}. */
    public Builder silence(Duration value) {
      silence = positive("silence", value);
      return this;
    }

    /** Sets {@link Limits#stall}. */
    public Builder stall(Duration value) {
      stall = positive("stall", value);
      return this;
    }

    /** Sets {@link Limits#closeTime}. */
    public Builder closeTime(Duration value) {
      closeTime = positive("closeTime", value);
      return this;
    }

    /** The limits as they are set now. */
    public Limits build() {
      return new Limits(this);
    }

    private static long atLeast(long least, String name, long value) {
      if (value < least) {
        throw new IllegalArgumentException(
            name + " is " + value + ", must be " + least + " or more");
      }
      return value;
    }

    private static Duration positive(String name, Duration value) {
      if (Objects.requireNonNull(value, name).isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " is " + value + ", must be positive");
      }
      return value;
    }
  }
}
