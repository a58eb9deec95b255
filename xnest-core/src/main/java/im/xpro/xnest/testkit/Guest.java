package im.xpro.xnest.testkit;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Inlet;
import im.xpro.xnest.Outgoing;
import im.xpro.xnest.Outlet;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.MemberId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A member that a test plays: it types, hears what the others do, and leaves. One thread. */
public final class Guest {
  private record Heard(Frame frame, String json) {}

  private final RoomKit kit;
  private final Entry entry;
  private final Inlet inlet;

  private final Queue<Heard> unread = new ArrayDeque<>();
  private final List<String> transcript = new ArrayList<>();
  private boolean stalled;
  private boolean paused;
  private @Nullable Integer closeCode;
  private @Nullable String closeReason;

  Guest(RoomKit kit, Xnest xnest, Entry entry) {
    this.kit = kit;
    this.entry = entry;
    this.inlet = xnest.enter(entry, new Ear());
  }

  private final class Ear implements Outlet {
    @Override
    public boolean offer(Outgoing frames) {
      if (stalled) {
        return false;
      }
      for (int i = 0; i < frames.frames().size(); i++) {
        String json = frames.texts().get(i);
        unread.add(new Heard(frames.frames().get(i), json));
        transcript.add(json);
      }
      return true;
    }

    @Override
    public void close(int code, String reason) {
      closeCode = code;
      closeReason = reason;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }

  /** Its id, the {@code pid} on the wire. */
  public MemberId id() {
    return inlet.id();
  }

  /** Sends a text message: words for everybody or a command, as in PROTOCOL section 3. */
  public void types(String text) {
    inlet.text(text);
  }

  /** Sends a binary message, its first byte being the kind. */
  public void sends(byte... message) {
    inlet.binary(ByteBuffer.wrap(message.clone()));
  }

  /** Leaves as a client does that closes its connection. */
  public void leaves() {
    inlet.leave();
  }

  /** Is too far behind from now on: takes no more frames. */
  public void stalls() {
    stalled = true;
  }

  /** True while its inlet asks it to send no more. */
  public boolean isPaused() {
    return paused;
  }

  /** The code with which the room closed its connection, null if it did not. */
  public @Nullable Integer closeCode() {
    return closeCode;
  }

  /** The reason given with {@link #closeCode}. */
  public @Nullable String closeReason() {
    return closeReason;
  }

  /**
   * Takes the oldest frame not yet read.
   *
   * @throws AssertionError with a transcript if there is none
   */
  public Frame hears() {
    return next().frame;
  }

  /** As {@link #hears}, as the JSON on the wire. */
  public String hearsJson() {
    return next().json;
  }

  /** Takes all frames not yet read. */
  public List<Frame> hearsAll() {
    List<Frame> all = unread.stream().map(Heard::frame).toList();
    unread.clear();
    return all;
  }

  /**
   * Checks that every frame was read.
   *
   * @throws AssertionError with a transcript if not
   */
  public void hearsNothing() {
    if (!unread.isEmpty()) {
      throw new AssertionError(
          this + " should hear nothing more, but " + unread.size() + " unread" + transcript());
    }
  }

  void forget() {
    unread.clear();
  }

  private Heard next() {
    Heard heard = unread.poll();
    if (heard == null) {
      throw new AssertionError(this + " should hear something, but does not" + transcript());
    }
    return heard;
  }

  private String transcript() {
    return ". It has heard:\n  " + String.join("\n  ", transcript);
  }

  /** The frame that tells of its coming, now. */
  public Frame joined() {
    String nickname = entry.nickname();
    return frame(new Event.Joined(nickname == null ? "" : nickname));
  }

  /** The frame that tells of its going, now. */
  public Frame left() {
    return frame(new Event.Left());
  }

  /** The frame that bears its words to everybody, now. */
  public Frame said(String text) {
    return frame(new Event.Said(text));
  }

  /** The frame that bears its words to one member, now. */
  public Frame whispered(String text) {
    return frame(new Event.Whispered(text));
  }

  /** The frame that tells of its new name, now. */
  public Frame renamed(String nickname) {
    return frame(new Event.Renamed(nickname));
  }

  /** The frame that announces its media, now. */
  public Frame shared(BlobKind kind, String blob) {
    return frame(new Event.Shared(kind, blob));
  }

  /** The frame that tells it, and nobody else, what went wrong, now. */
  public Frame failed(String why) {
    return frame(new Event.Failed(why));
  }

  private Frame frame(Event event) {
    return new Frame(id(), entry.room(), event, kit.clock().instant());
  }

  @Override
  public String toString() {
    return entry.nickname() + " (" + id() + ")";
  }
}
