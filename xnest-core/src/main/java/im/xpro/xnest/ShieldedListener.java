package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Logs failures, and keeps what the application's listeners throw away from the rooms. */
final class ShieldedListener implements XnestListener {
  private final XnestListener[] listeners;
  private final FailureLog log;

  ShieldedListener(List<XnestListener> listeners, FailureLog log) {
    this.listeners = listeners.toArray(XnestListener[]::new);
    this.log = log;
  }

  /** Whether nobody hears, so that what is costly to find out is not needed. */
  boolean isDeaf() {
    return listeners.length == 0;
  }

  @Override
  public void roomOpened(RoomId room) {
    each(listener -> listener.roomOpened(room));
  }

  @Override
  public void roomClosed(RoomId room) {
    each(listener -> listener.roomClosed(room));
  }

  @Override
  public void entryRefused(@Nullable RoomId room, Decision.Refused answer) {
    each(listener -> listener.entryRefused(room, answer));
  }

  @Override
  public void turnedAway(RoomId room, String reason) {
    each(listener -> listener.turnedAway(room, reason));
  }

  @Override
  public void joined(RoomId room, Member member) {
    each(listener -> listener.joined(room, member));
  }

  @Override
  public void left(RoomId room, Member member) {
    each(listener -> listener.left(room, member));
  }

  @Override
  public void letGo(RoomId room, Member member) {
    each(listener -> listener.letGo(room, member));
  }

  @Override
  public void received(RoomId room, MemberId from, long bytes) {
    each(listener -> listener.received(room, from, bytes));
  }

  @Override
  public void refused(RoomId room, Member member, String why) {
    each(listener -> listener.refused(room, member, why));
  }

  @Override
  public void delivered(RoomId room, Outgoing frames, int hearers, Duration lag) {
    each(listener -> listener.delivered(room, frames, hearers, lag));
  }

  @Override
  public void answered(RoomId room, MemberId to, Outgoing frames) {
    each(listener -> listener.answered(room, to, frames));
  }

  @Override
  public void appending(int entries) {
    each(listener -> listener.appending(entries));
  }

  @Override
  public void appended(int entries, Duration took, boolean kept) {
    each(listener -> listener.appended(entries, took, kept));
  }

  @Override
  public void failed(String doing, Throwable cause) {
    log.failed(doing, cause);
    each(listener -> listener.failed(doing, cause));
  }

  private void each(Consumer<XnestListener> call) {
    for (XnestListener listener : listeners) {
      try {
        call.accept(listener);
      } catch (Throwable failure) {
        log.failed("telling a listener", failure);
      }
    }
  }
}
