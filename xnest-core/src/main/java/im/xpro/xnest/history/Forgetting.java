package im.xpro.xnest.history;

import im.xpro.xnest.protocol.RoomId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks through all rooms, a few at a step, and deletes what is to be kept no longer, a few rows at
 * a step: never long enough to be felt by who appends. A room's last number stays. One thread at a
 * time.
 */
final class Forgetting {
  private static final int ROOMS_PER_STEP = 100;
  private static final int ROWS_PER_STEP = 500;

  private record RoomEnd(RoomId room, long last, Retention retention) {}

  private final Dialect dialect;
  private final Retention retention;
  private final InstantSource clock;

  /** The rooms up to this one, in the order of their bytes, were seen; all room ids are greater. */
  private String seen = "";

  Forgetting(Dialect dialect, Retention retention, InstantSource clock) {
    this.dialect = dialect;
    this.retention = retention;
    this.clock = clock;
  }

  /** True if there is more to do. The connection commits each statement by itself. */
  boolean step(Connection connection) throws SQLException {
    List<RoomEnd> rooms = next(connection);
    for (RoomEnd end : rooms) {
      if (forget(connection, end)) {
        return true;
      }
      seen = end.room.value();
    }
    if (rooms.size() < ROOMS_PER_STEP) {
      seen = "";
      return false;
    }
    return true;
  }

  private List<RoomEnd> next(Connection connection) throws SQLException {
    List<RoomEnd> rooms = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT room, last_number, keep_newest, keep_millis FROM xnest_room WHERE room > ?"
                + (retention.equals(Retention.forever()) ? " AND keep_newest IS NOT NULL" : "")
                + " ORDER BY room LIMIT ?")) {
      dialect.setRoom(select, 1, seen);
      select.setInt(2, ROOMS_PER_STEP);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          Retention own = retention(row, 3);
          rooms.add(
              new RoomEnd(dialect.room(row, 1), row.getLong(2), own == null ? retention : own));
        }
      }
    }
    return rooms;
  }

  /** True if the room has more than was deleted now. */
  private boolean forget(Connection connection, RoomEnd end) throws SQLException {
    long upTo = end.last - end.retention.newestPerRoom();
    long oldest = oldest(connection, end.room);
    long tooOld = end.retention.maxAge() == null ? 0 : tooOld(connection, end);
    upTo = Math.max(upTo, tooOld);
    if (oldest == 0 || oldest > upTo) {
      return false;
    }
    long now = Math.min(upTo, oldest + ROWS_PER_STEP - 1);
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM xnest_entry WHERE room = ? AND number <= ?")) {
      dialect.setRoom(delete, 1, end.room.value());
      delete.setLong(2, now);
      delete.executeUpdate();
    }
    return now < upTo || now == tooOld;
  }

  /** The lowest number that is left in the room, 0 if there is none. */
  private long oldest(Connection connection, RoomId room) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT number FROM xnest_entry WHERE room = ? ORDER BY number LIMIT 1")) {
      dialect.setRoom(select, 1, room.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /**
   * The highest number in the step that is too old, 0 if there is none. Entries from the future,
   * sent while the clock was ahead, are passed over: they go with those that were kept after them.
   */
  private long tooOld(Connection connection, RoomEnd end) throws SQLException {
    Instant now = clock.instant();
    long oldestTime = now.minus(end.retention.maxAge()).toEpochMilli();
    long tooOld = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT number, sent_at FROM xnest_entry WHERE room = ? AND sent_at <= ?"
                + " ORDER BY number LIMIT ?")) {
      dialect.setRoom(select, 1, end.room.value());
      select.setLong(2, now.toEpochMilli());
      select.setInt(3, ROWS_PER_STEP);
      try (ResultSet row = select.executeQuery()) {
        while (row.next() && row.getLong(2) < oldestTime) {
          tooOld = row.getLong(1);
        }
      }
    }
    return tooOld;
  }

  /** A room's own rule, null if it has none. */
  @Nullable Retention retention(Connection connection, RoomId room) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT keep_newest, keep_millis FROM xnest_room WHERE room = ?")) {
      dialect.setRoom(select, 1, room.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? retention(row, 1) : null;
      }
    }
  }

  private static @Nullable Retention retention(ResultSet row, int index) throws SQLException {
    long newest = row.getLong(index);
    if (row.wasNull()) {
      return null;
    }
    long millis = row.getLong(index + 1);
    return new Retention(newest, row.wasNull() ? null : Duration.ofMillis(millis));
  }

  /** Sets a room's own rule, also before its first entry. */
  void retain(Connection connection, RoomId room, @Nullable Retention own) throws SQLException {
    if (set(
                connection,
                room,
                own,
                "UPDATE xnest_room SET keep_newest = ?, keep_millis = ? WHERE room = ?")
            == 0
        && own != null) {
      set(
          connection,
          room,
          own,
          "INSERT INTO xnest_room (keep_newest, keep_millis, room, last_number) VALUES (?, ?, ?, 0)");
    }
  }

  private int set(Connection connection, RoomId room, @Nullable Retention own, String sql)
      throws SQLException {
    Duration age = own == null ? null : own.maxAge();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, own == null ? null : own.newestPerRoom(), Types.BIGINT);
      statement.setObject(2, age == null ? null : Math.max(1, age.toMillis()), Types.BIGINT);
      dialect.setRoom(statement, 3, room.value());
      return statement.executeUpdate();
    }
  }
}
