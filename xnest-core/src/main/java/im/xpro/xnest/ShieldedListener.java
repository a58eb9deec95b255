package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs failures, and keeps what the application's listener throws away from the rooms. */
final class ShieldedListener implements XnestListener {
  private static final Logger LOG = LoggerFactory.getLogger(Xnest.class);

  private final XnestListener listener;

  ShieldedListener(XnestListener listener) {
    this.listener = listener;
  }

  @Override
  public void roomOpened(RoomId room) {
    shielded(() -> listener.roomOpened(room));
  }

  @Override
  public void roomClosed(RoomId room) {
    shielded(() -> listener.roomClosed(room));
  }

  @Override
  public void joined(RoomId room, Member member) {
    shielded(() -> listener.joined(room, member));
  }

  @Override
  public void left(RoomId room, Member member) {
    shielded(() -> listener.left(room, member));
  }

  @Override
  public void letGo(RoomId room, Member member) {
    shielded(() -> listener.letGo(room, member));
  }

  @Override
  public void failed(String doing, Throwable cause) {
    LOG.warn("Failed {}", doing, cause);
    shielded(() -> listener.failed(doing, cause));
  }

  private static void shielded(Runnable call) {
    try {
      call.run();
    } catch (Throwable failure) {
      LOG.warn("The listener threw", failure);
    }
  }
}
