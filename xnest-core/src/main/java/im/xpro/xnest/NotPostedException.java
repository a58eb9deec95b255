package im.xpro.xnest;

/**
 * What the application wanted to say in a room was not said, or perhaps not: the message says why,
 * in the words that a member would hear.
 */
public final class NotPostedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotPostedException(String why) {
    super(why);
  }
}
