package im.xpro.xnest;

/**
 * A member's way out, implemented by a transport. xnest calls it from a room's turn, one call at a
 * time, on any of its threads: nothing here may block, and nothing that it throws reaches the room
 * (the member is let go instead).
 *
 * <pre>{@code
 * Outlet printed = new Outlet() {
 *   @Override
 *   public boolean offer(Outgoing frames) {
 *     frames.texts().forEach(System.out::println);
 *     return true;
 *   }
 *
 *   @Override
 *   public void close(int code, String reason) {}
 * };
 * Inlet inlet = xnest.enter(Entry.of(new RoomId("lobby"), "Lin"), printed);
 * inlet.text("hello");
 * }</pre>
 */
public interface Outlet {
  /**
   * Takes {@code frames} for this member and returns at once. They are written in the order of the
   * calls.
   *
   * @return false if the member is too far behind ({@link Limits#outboxBytes}) or gone; the room
   *     then lets it go and this method is not called again
   */
  boolean offer(Outgoing frames);

  /**
   * Ends the connection after what was taken before, with a close frame if the peer still reads.
   * Called once at most, and last.
   *
   * @param code of RFC 6455 section 7.4
   * @param reason short, readable, at most 123 bytes of UTF-8
   */
  void close(int code, String reason);

  /**
   * Asks the transport to read no more from this member until {@link #resume}: its inlet has enough
   * to do. What was read already may still be handed in, up to {@link Limits#inletMessages}. May
   * come on the very thread that calls the inlet.
   */
  default void pause() {}

  /**
   * Lets the transport read on. Must not wait for a thread that is calling the inlet, which may be
   * waiting for this to return: a transport that calls the inlet with a lock held must not take
   * that lock here.
   */
  default void resume() {}
}
