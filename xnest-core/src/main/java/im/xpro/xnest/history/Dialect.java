package im.xpro.xnest.history;

import im.xpro.xnest.protocol.RoomId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

/**
 * Where databases differ: their types, and how to ask what a commit promises.
 *
 * <p>Room ids are compared byte by byte whatever the database's default is, so that {@code a},
 * {@code A}, {@code á} and {@code "a "} stay four rooms. Where no collation can be trusted with
 * that, they are kept as bytes of UTF-8.
 */
enum Dialect {
  /** Its {@code TEXT} compares byte by byte unless told otherwise. */
  SQLITE("TEXT", "TEXT") {
    /** It has no SQLSTATE; 19 is a broken constraint (sqlite.org/rescode.html#constraint). */
    @Override
    boolean isLostRace(SQLException failure) {
      return failure.getErrorCode() == 19 || super.isLostRace(failure);
    }

    @Override
    Durability durability(Connection connection) throws SQLException {
      String journal = ask(connection, "PRAGMA journal_mode").toLowerCase(Locale.ROOT);
      if (journal.equals("memory")) {
        return Durability.MEMORY;
      }
      if (journal.equals("off")) {
        return Durability.UNKNOWN;
      }
      // 2 is FULL, 3 EXTRA. With less, a power cut may undo the last commits, and with FULL too
      // where a commit is the deletion of the journal (sqlite.org/pragma.html#pragma_synchronous)
      int enough = journal.equals("delete") ? 3 : 2;
      return Integer.parseInt(ask(connection, "PRAGMA synchronous")) >= enough
          ? Durability.SURVIVES_POWER_CUT
          : Durability.SURVIVES_KILL;
    }
  },

  POSTGRESQL("TEXT COLLATE \"C\"", "TEXT") {
    /** Else it would fetch all rows at once. */
    @Override
    boolean readsInTransactions() {
      return true;
    }

    @Override
    Durability durability(Connection connection) throws SQLException {
      boolean safe =
          !ask(connection, "SHOW synchronous_commit").equals("off")
              && ask(connection, "SHOW fsync").equals("on");
      return safe ? Durability.SURVIVES_POWER_CUT : Durability.SURVIVES_KILL;
    }
  },

  /** MariaDB too. Their collations ignore trailing blanks or differ by version. */
  MYSQL("VARBINARY(1024)", "LONGTEXT CHARACTER SET utf8mb4") {
    /** Not every engine that may be the default has transactions. */
    @Override
    String tableOptions() {
      return " ENGINE=InnoDB";
    }

    /**
     * With a binary log, a commit that is not in it is rolled back after a crash, so that has to
     * reach the disk too (dev.mysql.com, "Binary Logging Options", sync_binlog).
     */
    @Override
    Durability durability(Connection connection) throws SQLException {
      return ask(
                  connection,
                  "SELECT @@innodb_flush_log_at_trx_commit = 1"
                      + " AND (@@log_bin = 0 OR @@sync_binlog = 1)")
              .equals("1")
          ? Durability.SURVIVES_POWER_CUT
          : Durability.SURVIVES_KILL;
    }
  },

  /**
   * Its texts ignore case if the URL says so. Embedded, it writes what was committed up to {@code
   * WRITE_DELAY} milliseconds later.
   */
  H2("VARBINARY(1024)", "CHARACTER LARGE OBJECT") {
    /** Of two writers that wait for each other's rows, one hears that it has waited too long. */
    @Override
    boolean isLostRace(SQLException failure) {
      return failure instanceof SQLTimeoutException || super.isLostRace(failure);
    }

    @Override
    Durability durability(Connection connection) throws SQLException {
      String url = connection.getMetaData().getURL();
      if (url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:")) {
        return Durability.SURVIVES_KILL;
      }
      if (url.startsWith("jdbc:h2:mem:")) {
        return Durability.MEMORY;
      }
      String delay =
          ask(
              connection,
              "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS"
                  + " WHERE SETTING_NAME = 'WRITE_DELAY'");
      return delay.equals("0") ? Durability.UNKNOWN : Durability.MEMORY;
    }
  },

  /** Any other: the SQL standard's types, and no promise. */
  OTHER("VARBINARY(1024)", "VARCHAR(1048576)") {
    @Override
    Durability durability(Connection connection) {
      return Durability.UNKNOWN;
    }
  };

  private final String roomType;
  private final String textType;
  private final boolean roomsAreBytes;

  Dialect(String roomType, String textType) {
    this.roomType = roomType;
    this.textType = textType;
    this.roomsAreBytes = roomType.startsWith("VARBINARY");
  }

  static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
    return switch (product) {
      case "sqlite" -> SQLITE;
      case "postgresql" -> POSTGRESQL;
      case "mysql", "mariadb" -> MYSQL;
      case "h2" -> H2;
      default -> OTHER;
    };
  }

  /** What makes the tables of schema version 1, each step of it idempotent. */
  List<String> version1() {
    return List.of(
        // apart from the entries, so that forgetting them never lowers it
        "CREATE TABLE IF NOT EXISTS xnest_room ("
            + ("room " + roomType + " NOT NULL PRIMARY KEY, ")
            + "last_number BIGINT NOT NULL, "
            + "keep_newest BIGINT, "
            + "keep_millis BIGINT)"
            + tableOptions(),
        "CREATE TABLE IF NOT EXISTS xnest_entry ("
            + ("room " + roomType + " NOT NULL, ")
            + "number BIGINT NOT NULL, "
            + "sent_at BIGINT NOT NULL, "
            + "kind VARCHAR(10) NOT NULL, "
            + ("sender " + textType + " NOT NULL, ")
            + ("nickname " + textType + " NOT NULL, ")
            + ("content " + textType + " NOT NULL, ")
            + ("identity " + textType + ", ")
            + "PRIMARY KEY (room, number))"
            + tableOptions());
  }

  /** What follows the columns of a table. */
  String tableOptions() {
    return "";
  }

  void setRoom(PreparedStatement statement, int index, String room) throws SQLException {
    if (roomsAreBytes) {
      statement.setBytes(index, room.getBytes(StandardCharsets.UTF_8));
    } else {
      statement.setString(index, room);
    }
  }

  RoomId room(ResultSet row, int index) throws SQLException {
    return new RoomId(
        roomsAreBytes
            ? new String(row.getBytes(index), StandardCharsets.UTF_8)
            : row.getString(index));
  }

  /** Where SQLite is told to begin transactions as writers do, reads would wait for a writer. */
  boolean readsInTransactions() {
    return false;
  }

  /**
   * Whether another writer was faster: its row has the key, or one of two that waited for each
   * other was chosen to fail (SQLSTATE classes 23 and 40, ISO/IEC 9075-2).
   */
  boolean isLostRace(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && (state.startsWith("23") || state.startsWith("40"));
  }

  static SQLException lostRace(String why) {
    return new SQLException(why, "40001");
  }

  /** What the database promises of a commit, as it is set now. */
  abstract Durability durability(Connection connection) throws SQLException;

  private static String ask(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(question)) {
      return answer.next() ? answer.getString(1) : "";
    }
  }
}
