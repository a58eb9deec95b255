package im.xpro.xnest.history;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A real database on a line that can be cut: a call of its {@code DataSource}, connections or
 * prepared statements fails when it is told to, and all calls are written down. One thread.
 */
public final class SwitchedDatabase {
  /** The calls in their order: the method's name, and the SQL of what is prepared. */
  final List<String> calls = new ArrayList<>();

  private final DataSource real;
  private final Map<String, SQLException> before = new HashMap<>();
  private final Map<String, SQLException> after = new HashMap<>();
  private boolean autoCommit = true;

  public SwitchedDatabase(DataSource real) {
    this.real = real;
  }

  public DataSource dataSource() {
    return proxy(DataSource.class, real);
  }

  /** From now on, {@code call} fails and does nothing. */
  public void fail(String call, SQLException failure) {
    before.put(call, failure);
  }

  /** From now on, {@code call} does what it should and then fails: its answer gets lost. */
  public void loseAnswer(String call, SQLException failure) {
    after.put(call, failure);
  }

  /** What connections are set to when they are handed out. */
  void setAutoCommit(boolean autoCommit) {
    this.autoCommit = autoCommit;
  }

  public void heal() {
    before.clear();
    after.clear();
  }

  private <T> T proxy(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(target, method, arguments)));
  }

  private Object call(Object target, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    String call = arguments != null && arguments.length == 1 ? name + " " + arguments[0] : name;
    calls.add(call);
    failIfTold(before, call);
    Object answer;
    try {
      answer = method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
    failIfTold(after, call);
    if (answer instanceof PreparedStatement statement) {
      return proxy(PreparedStatement.class, statement);
    }
    if (answer instanceof Connection connection) {
      connection.setAutoCommit(autoCommit);
      return proxy(Connection.class, connection);
    }
    return answer;
  }

  private static void failIfTold(Map<String, SQLException> failures, String call)
      throws SQLException {
    for (Map.Entry<String, SQLException> failure : failures.entrySet()) {
      if (call.startsWith(failure.getKey())) {
        throw failure.getValue();
      }
    }
  }
}
