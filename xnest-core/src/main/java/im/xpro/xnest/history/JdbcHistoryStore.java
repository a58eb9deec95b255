package im.xpro.xnest.history;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the past in a database: SQLite, PostgreSQL, MySQL, MariaDB or H2, through any {@link
 * DataSource}, best one with a pool. A batch is one transaction. Blocks; any thread.
 *
 * <pre>{@code
 * Retention month = Retention.newest(1_000).noOlderThan(Duration.ofDays(30));
 * Xnest xnest = Xnest.builder().history(JdbcHistoryStore.on(database, month)).build();
 * }</pre>
 *
 * <p>Two tables, made at the first start: {@code xnest_room} with each room's last number, and
 * {@code xnest_entry} with key {@code (room, number)}. All reads are ranges of that key, so their
 * cost does not grow with age. A text with a NUL, which not all databases can hold, is kept with
 * {@code \0} for it and {@code \\} for a backslash, and the kind {@code text-nul}.
 *
 * <p>Two processes on one database by mistake cannot mix up a room unseen: who comes second to a
 * number gets a {@link HistoryStore.ConflictException}.
 */
public final class JdbcHistoryStore implements HistoryStore {
  private static final int SCHEMA = 1;

  /**
   * Where another process makes the tables just now, each of the four steps may fail once, and
   * SQLite may be locked without waiting; it is tried again with pauses of 10 to 640 ms.
   */
  private static final int STARTS = 8;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

  /** The next one sees what was kept by whoever was faster; of many writers, by one of them. */
  private static final int APPENDS = 10;

  private static final int ROWS_PER_FETCH = 10;

  /** A step of erasing reads no further row once their texts have passed this. */
  private static final int LENGTH_PER_STEP = 1 << 20;

  /** Of an entry, but for its room. */
  private static final String COLUMNS =
      "number, sent_at, kind, sender, nickname, content, identity";

  private static final String TEXT_WITH_NUL = "text-nul";

  private final DataSource database;
  private final Dialect dialect;
  private final Forgetting forgetting;

  /** Rooms whose newest batch is perhaps kept: that the next attempt fails does not undo it. */
  private final Set<RoomId> doubtful = ConcurrentHashMap.newKeySet();

  private JdbcHistoryStore(DataSource database, Dialect dialect, Forgetting forgetting) {
    this.database = database;
    this.dialect = dialect;
    this.forgetting = forgetting;
  }

  /** Opens a store that never forgets; else as {@link #on(DataSource, Retention)}. */
  public static JdbcHistoryStore on(DataSource database) throws IOException {
    return on(database, Retention.forever());
  }

  /**
   * Makes the tables if they are not there; several processes may do so at once.
   *
   * @throws IOException if the database does not answer for a second, or its tables are of a newer
   *     version
   */
  public static JdbcHistoryStore on(DataSource database, Retention retention) throws IOException {
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(retention, "retention");
    for (int attempt = 1; ; attempt++) {
      try (Session session = Session.ofStatements(database)) {
        Dialect dialect = Dialect.of(session.connection);
        migrate(session.connection, dialect);
        return new JdbcHistoryStore(
            database, dialect, new Forgetting(dialect, retention, InstantSource.system()));
      } catch (SQLException failure) {
        boolean poolHasWaited = failure instanceof SQLTransientConnectionException;
        if (attempt == STARTS || poolHasWaited) {
          throw new IOException(
              "the history database cannot be used: " + reasonOf(failure), failure);
        }
      }
      LockSupport.parkNanos(FIRST_PAUSE.toNanos() << (attempt - 1));
    }
  }

  /** A pool says that it has no connection; its cause says why. */
  private static @Nullable String reasonOf(SQLException failure) {
    String reason = failure.getMessage();
    for (Throwable cause = failure.getCause();
        cause instanceof SQLException;
        cause = cause.getCause()) {
      reason = cause.getMessage();
    }
    return reason;
  }

  private static void migrate(Connection connection, Dialect dialect)
      throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS xnest_schema (version INTEGER NOT NULL PRIMARY KEY)");
      int version;
      try (ResultSet row = statement.executeQuery("SELECT MAX(version) FROM xnest_schema")) {
        version = row.next() ? row.getInt(1) : 0;
      }
      if (version > SCHEMA) {
        throw new IOException(
            "the history database has version "
                + version
                + " of the tables; this xnest knows no newer one than "
                + SCHEMA);
      }
      if (version < SCHEMA) {
        for (String step : dialect.version1()) {
          statement.execute(step);
        }
        statement.execute("INSERT INTO xnest_schema (version) VALUES (" + SCHEMA + ")");
      }
    }
  }

  @Override
  public Durability durability() {
    try (Connection connection = database.getConnection()) {
      return dialect.durability(connection);
    } catch (SQLException | RuntimeException cannotTell) {
      return Durability.UNKNOWN;
    }
  }

  @Override
  public void append(List<HistoryEntry> batch) throws IOException {
    Set<RoomId> rooms = batch.stream().map(HistoryEntry::room).collect(Collectors.toSet());
    try {
      keep(batch, rooms);
    } catch (SQLException failure) {
      String what = "appending " + batch.size() + " entries: " + failure.getMessage();
      throw Collections.disjoint(rooms, doubtful)
          ? new NotKeptException(what, failure)
          : new IOException(what, failure);
    }
    doubtful.removeAll(rooms);
  }

  /** Again, if another writer was faster: what it kept can be seen then, and compared. */
  private void keep(List<HistoryEntry> batch, Set<RoomId> rooms) throws SQLException, IOException {
    for (int attempt = 1; ; attempt++) {
      try (Session session = attempt == 1 ? reach() : Session.ofTransaction(database)) {
        write(session.connection, batch);
        doubtful.addAll(rooms);
        session.connection.commit();
        return;
      } catch (SQLException failure) {
        if (attempt == APPENDS || !dialect.isLostRace(failure)) {
          throw failure;
        }
      }
      // of two that lock each other out again and again, one must come first
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(FIRST_PAUSE.toNanos() * attempt));
    }
  }

  private Session reach() throws UnreachableException {
    try {
      return Session.ofTransaction(database);
    } catch (SQLException failure) {
      throw new UnreachableException(
          "the history database does not answer: " + failure.getMessage(), failure);
    }
  }

  private void write(Connection connection, List<HistoryEntry> batch)
      throws SQLException, ConflictException {
    // in one order, so that two writers do not wait for each other
    Map<RoomId, List<HistoryEntry>> rooms = new TreeMap<>(Comparator.comparing(RoomId::value));
    for (HistoryEntry entry : batch) {
      List<HistoryEntry> before = rooms.computeIfAbsent(entry.room(), room -> new ArrayList<>());
      if (!before.isEmpty()) {
        checkFollows(entry, before.get(before.size() - 1).number());
      }
      before.add(entry);
    }
    List<HistoryEntry> fresh = new ArrayList<>(batch.size());
    try (PreparedStatement advance =
        connection.prepareStatement(
            "UPDATE xnest_room SET last_number = ? WHERE room = ? AND last_number = ?")) {
      for (Map.Entry<RoomId, List<HistoryEntry>> room : rooms.entrySet()) {
        List<HistoryEntry> entries = room.getValue();
        advance.setLong(1, entries.get(entries.size() - 1).number());
        dialect.setRoom(advance, 2, room.getKey().value());
        advance.setLong(3, entries.get(0).number() - 1);
        boolean follows = advance.executeUpdate() == 1;
        fresh.addAll(follows ? entries : whatIsNew(connection, room.getKey(), entries));
      }
    }
    insert(connection, fresh);
  }

  /** A new room, or a batch that comes again: what is kept already must be the same. */
  private List<HistoryEntry> whatIsNew(
      Connection connection, RoomId room, List<HistoryEntry> entries)
      throws SQLException, ConflictException {
    long last = last(connection, room);
    long first = entries.get(0).number();
    long newest = entries.get(entries.size() - 1).number();
    if (first > last) {
      checkFollows(entries.get(0), Math.max(last, 0));
    }
    List<HistoryEntry> kept = read(connection, room, newest + 1, entries.size(), Long.MAX_VALUE);
    for (HistoryEntry other : kept) {
      long at = other.number() - first;
      if (at >= 0 && !entries.get((int) at).equals(other)) {
        throw new ConflictException(
            "entry " + other.number() + " of room '" + room + "' is another one already");
      }
    }
    List<HistoryEntry> fresh = entries.stream().filter(entry -> entry.number() > last).toList();
    if (!fresh.isEmpty()) {
      setLast(connection, room, last, newest);
    }
    return fresh;
  }

  private static void checkFollows(HistoryEntry entry, long last) throws ConflictException {
    if (entry.number() != last + 1) {
      throw new ConflictException(
          "entry " + entry.number() + " of room '" + entry.room() + "' does not follow " + last);
    }
  }

  private void setLast(Connection connection, RoomId room, long last, long newest)
      throws SQLException {
    String sql =
        last < 0
            ? "INSERT INTO xnest_room (last_number, room) VALUES (?, ?)"
            : "UPDATE xnest_room SET last_number = ? WHERE room = ? AND last_number = " + last;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, newest);
      dialect.setRoom(statement, 2, room.value());
      if (statement.executeUpdate() == 0) {
        throw Dialect.lostRace("room '" + room + "' was appended to by another writer");
      }
    }
  }

  private void insert(Connection connection, List<HistoryEntry> entries) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO xnest_entry (room, " + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (HistoryEntry entry : entries) {
        dialect.setRoom(insert, 1, entry.room().value());
        insert.setLong(2, entry.number());
        insert.setLong(3, entry.time().toEpochMilli());
        insert.setString(4, kind(entry.message()));
        insert.setString(5, entry.from().value());
        insert.setString(6, entry.nickname());
        insert.setString(7, content(entry.message()));
        insert.setString(8, entry.identity());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static String kind(Event.Message message) {
    if (message instanceof Event.Shared shared) {
      return shared.kind().name().toLowerCase(Locale.ROOT);
    }
    return ((Event.Said) message).text().indexOf('\0') < 0 ? "text" : TEXT_WITH_NUL;
  }

  private static String content(Event.Message message) {
    if (message instanceof Event.Shared shared) {
      return shared.blob();
    }
    String text = ((Event.Said) message).text();
    return text.indexOf('\0') < 0 ? text : text.replace("\\", "\\\\").replace("\0", "\\0");
  }

  private static Event.Message message(String kind, String content) {
    return switch (kind) {
      case "text" -> new Event.Said(content);
      case TEXT_WITH_NUL -> new Event.Said(withNul(content));
      default -> new Event.Shared(BlobKind.valueOf(kind.toUpperCase(Locale.ROOT)), content);
    };
  }

  private static String withNul(String escaped) {
    StringBuilder text = new StringBuilder(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '\\') {
        i++;
        c = escaped.charAt(i) == '0' ? '\0' : '\\';
      }
      text.append(c);
    }
    return text.toString();
  }

  /** Kept with the room, so that it holds after a restart before the room has opened again. */
  @Override
  public void retain(RoomId room, @Nullable Retention retention) throws IOException {
    if (Objects.equals(retention, ask(connection -> forgetting.retention(connection, room)))) {
      return;
    }
    try (Session session = Session.ofTransaction(database)) {
      forgetting.retain(session.connection, room, retention);
      session.connection.commit();
    } catch (SQLException failure) {
      throw new IOException("setting a retention: " + failure.getMessage(), failure);
    }
  }

  /** Forgets what {@link Retention} does not keep, a few rows at a time. */
  @Override
  public boolean tidy() throws IOException {
    try (Session session = Session.ofStatements(database)) {
      return forgetting.step(session.connection);
    } catch (SQLException failure) {
      throw new IOException("forgetting old history: " + failure.getMessage(), failure);
    }
  }

  @Override
  public List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    return ask(connection -> read(connection, room, before, limit, maxLength));
  }

  private List<HistoryEntry> read(
      Connection connection, RoomId room, long before, int limit, long maxLength)
      throws SQLException {
    List<HistoryEntry> page;
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + COLUMNS
                + " FROM xnest_entry WHERE room = ? AND number < ? ORDER BY number DESC LIMIT ?")) {
      dialect.setRoom(select, 1, room.value());
      select.setLong(2, before);
      select.setInt(3, limit);
      page = entries(select, room, maxLength);
    }
    Collections.reverse(page);
    return page;
  }

  @Override
  public List<HistoryEntry> erase(RoomId room, Erasure what) throws IOException {
    List<HistoryEntry> erased = ask(connection -> covered(connection, room, what));
    if (erased.isEmpty()) {
      return erased;
    }
    try (Session session = Session.ofTransaction(database);
        PreparedStatement delete =
            session.connection.prepareStatement(
                "DELETE FROM xnest_entry WHERE room = ? AND number = ?")) {
      for (HistoryEntry entry : erased) {
        dialect.setRoom(delete, 1, room.value());
        delete.setLong(2, entry.number());
        delete.addBatch();
      }
      delete.executeBatch();
      session.connection.commit();
    } catch (SQLException failure) {
      throw new IOException(
          "erasing " + erased.size() + " entries: " + failure.getMessage(), failure);
    }
    return erased;
  }

  /** Databases take for one what differs in case or accents, so the last word is Java's. */
  private List<HistoryEntry> covered(Connection connection, RoomId room, Erasure what)
      throws SQLException {
    Erasure rest = what;
    while (true) {
      List<HistoryEntry> like = like(connection, room, rest);
      List<HistoryEntry> covered = like.stream().filter(what::covers).toList();
      if (like.isEmpty() || !covered.isEmpty()) {
        return covered;
      }
      rest = rest.within(like.get(like.size() - 1).number() + 1, rest.last());
    }
  }

  /** The oldest that the database takes for covered. */
  private List<HistoryEntry> like(Connection connection, RoomId room, Erasure what)
      throws SQLException {
    String sql =
        "SELECT "
            + COLUMNS
            + " FROM xnest_entry WHERE room = ? AND number >= ? AND number <= ?"
            + (what.sender() == null ? "" : " AND sender = ?")
            + (what.identity() == null ? "" : " AND identity = ?")
            + " ORDER BY number LIMIT ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int index = 1;
      dialect.setRoom(select, index++, room.value());
      select.setLong(index++, what.first());
      select.setLong(index++, what.last());
      if (what.sender() != null) {
        select.setString(index++, what.sender().value());
      }
      if (what.identity() != null) {
        select.setString(index++, what.identity());
      }
      select.setInt(index, Erasure.STEP);
      return entries(select, room, LENGTH_PER_STEP);
    }
  }

  private static List<HistoryEntry> entries(PreparedStatement select, RoomId room, long maxLength)
      throws SQLException {
    List<HistoryEntry> entries = new ArrayList<>();
    select.setFetchSize(ROWS_PER_FETCH);
    try (ResultSet row = select.executeQuery()) {
      long length = 0;
      while (length <= maxLength && row.next()) {
        HistoryEntry entry = entry(room, row);
        entries.add(entry);
        length += entry.length();
      }
    }
    return entries;
  }

  private static HistoryEntry entry(RoomId room, ResultSet row) throws SQLException {
    long number = row.getLong(1);
    try {
      return new HistoryEntry(
          room,
          number,
          new MemberId(row.getString(4)),
          row.getString(5),
          message(row.getString(3), row.getString(6)),
          Instant.ofEpochMilli(row.getLong(2)),
          row.getString(7));
    } catch (IllegalArgumentException | IndexOutOfBoundsException damage) {
      throw new SQLException("entry " + number + " of room '" + room + "' is damaged", damage);
    }
  }

  @Override
  public long last(RoomId room) throws IOException {
    return Math.max(0L, ask(connection -> last(connection, room)));
  }

  /** -1 if there never was an entry. */
  private long last(Connection connection, RoomId room) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT last_number FROM xnest_room WHERE room = ?")) {
      dialect.setRoom(select, 1, room.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : -1;
      }
    }
  }

  private interface Question<T extends @Nullable Object> {
    T ask(Connection connection) throws SQLException;
  }

  private <T extends @Nullable Object> T ask(Question<T> question) throws IOException {
    try (Session session =
        dialect.readsInTransactions()
            ? Session.ofTransaction(database)
            : Session.ofStatements(database)) {
      return question.ask(session.connection);
    } catch (SQLException failure) {
      throw new IOException("reading the history: " + failure.getMessage(), failure);
    }
  }

  /** A connection, given back as it came; what a transaction did not commit is undone. */
  private static final class Session implements AutoCloseable {
    final Connection connection;
    private final boolean isTransaction;
    private final boolean autoCommit;

    /**
     * SQLite's driver believes itself in a transaction that it could not begin, and lets each
     * statement commit by itself, until auto-commit is turned on again.
     */
    private Session(DataSource database, boolean isTransaction) throws SQLException {
      this.isTransaction = isTransaction;
      connection = database.getConnection();
      try {
        autoCommit = connection.getAutoCommit();
        if (!autoCommit) {
          connection.setAutoCommit(true);
        }
        if (isTransaction) {
          connection.setAutoCommit(false);
        }
      } catch (SQLException failure) {
        try (connection) {
          connection.setAutoCommit(true);
        } catch (SQLException noTransaction) {
          failure.addSuppressed(noTransaction);
        }
        throw failure;
      }
    }

    static Session ofTransaction(DataSource database) throws SQLException {
      return new Session(database, true);
    }

    /** Each commits by itself. */
    static Session ofStatements(DataSource database) throws SQLException {
      return new Session(database, false);
    }

    @Override
    public void close() throws SQLException {
      try (connection) {
        giveBack();
      }
    }

    private void giveBack() throws SQLException {
      try {
        if (isTransaction) {
          connection.rollback();
        }
      } finally {
        connection.setAutoCommit(autoCommit);
      }
    }
  }
}
