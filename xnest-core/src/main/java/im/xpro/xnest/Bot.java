package im.xpro.xnest;

import im.xpro.xnest.protocol.Frame;
import java.util.function.Consumer;

/**
 * A member that is code. It is in each room from its opening, listed and counted before the first
 * member's welcome; it does not keep the room open, and is gone unheard after the last member. Each
 * time a room opens it enters anew, under another id.
 *
 * <pre>{@code
 * Bot greeter = voice -> frame -> {
 *   if (frame.event() instanceof Event.Joined joined) {
 *     voice.say("Welcome, " + joined.nickname() + "!");
 *   }
 * };
 * Xnest xnest = Xnest.builder().bot("greeter", greeter).build();
 * }</pre>
 *
 * <p>It cannot hurt the room. What it throws is reported to {@link XnestListener#failed}, and it
 * stays; if it is slow, it alone misses frames ({@link Limits#botBacklog}); if it talks too much,
 * it is not heard ({@link Limits#botMessages}).
 */
@FunctionalInterface
public interface Bot {
  /**
   * Enters a room that has opened. Called on a thread for bots, as is all that follows in this
   * room: one call at a time, never within the room's turn. It may take its time, but there are few
   * such threads ({@link Xnest.Builder#botExecutor}).
   *
   * @return hears every frame that a member hears, in the same order, but for its own, and with
   *     them the private words and the errors that are meant for it. The last is the {@code leave}
   *     of the last member
   */
  Consumer<Frame> enter(Voice voice);
}
