package im.xpro.xnest.testkit;

import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's wish to enter, as a handshake brings it, and what became of it: waits, was let in, or
 * was refused. One thread.
 *
 * <pre>{@code
 * Knock knock = kit.knocks("lobby", "小明");
 *
 * assertThat(knock.refused().status()).isEqualTo(401);
 * }</pre>
 */
public final class Knock {
  private final RoomKit kit;
  private final Entry entry;
  private @Nullable Decision decision;
  private @Nullable Guest guest;

  Knock(RoomKit kit, Entry entry) {
    this.kit = kit;
    this.entry = entry;
    kit.happened().note(entry.room(), this + " knocks");
    kit.xnest().admit(entry).thenAccept(this::decided);
  }

  private void decided(Decision answer) {
    decision = answer;
    if (answer instanceof Decision.Accepted accepted) {
      guest = kit.enter(accepted.entry());
    } else {
      kit.happened().note(entry.room(), this + " " + became());
    }
  }

  /** True while the admission rule has not answered. */
  public boolean isWaiting() {
    return decision == null;
  }

  /**
   * Who it is now: it entered as soon as it was accepted, as the admission rule said.
   *
   * @throws AssertionError if it waits or was refused
   */
  public Guest entered() {
    if (guest == null) {
      throw new AssertionError(
          this + " should be let in, but " + became() + "\n" + kit.transcript());
    }
    return guest;
  }

  /**
   * Why it was turned away.
   *
   * @throws AssertionError if it waits or was let in
   */
  public Decision.Refused refused() {
    if (decision instanceof Decision.Refused refused) {
      return refused;
    }
    throw new AssertionError(
        this + " should be refused, but " + became() + "\n" + kit.transcript());
  }

  private String became() {
    if (decision instanceof Decision.Refused refused) {
      return "is refused with " + refused.status() + ": " + refused.reason();
    }
    return guest == null ? "waits for the admission rule" : "is let in as " + guest;
  }

  @Override
  public String toString() {
    return entry.nickname() == null ? "somebody" : entry.nickname();
  }
}
