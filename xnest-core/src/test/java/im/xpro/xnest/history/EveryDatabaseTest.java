package im.xpro.xnest.history;

import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** MariaDB has its own, {@link MariaDbHistoryIT}. */
class EveryDatabaseTest {
  @TempDir Path folder;

  @Nested
  class Sqlite extends EveryDatabase {
    @Override
    DataSource freshDatabase() {
      return Databases.sqlite(folder);
    }
  }

  @Nested
  class H2 extends EveryDatabase {
    @Override
    DataSource freshDatabase() {
      return Databases.h2("");
    }
  }

  @Nested
  class Postgres extends EveryDatabase {
    @Override
    DataSource freshDatabase() throws SQLException {
      return Databases.postgres();
    }
  }
}
