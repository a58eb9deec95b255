package im.xpro.xnest.testkit;

/**
 * One check of a contract, for any test framework to run. Any thread, any number of times.
 *
 * @param name says in camel case what has to be true: {@code newestEntriesComeOldestFirst}
 */
public record Check(String name, Body body) {
  /** What is run. */
  public interface Body {
    /**
     * @throws AssertionError if it is not as it has to be, saying what was expected and what came
     */
    void run() throws Exception;
  }

  /**
   * Runs it, within some seconds.
   *
   * @throws AssertionError if the check fails, saying what was expected and what came
   * @throws Exception if the store does
   */
  public void run() throws Exception {
    body.run();
  }

  @Override
  public String toString() {
    return name;
  }
}
