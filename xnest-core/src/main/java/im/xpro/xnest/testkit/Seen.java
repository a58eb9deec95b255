package im.xpro.xnest.testkit;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.time.InstantSource;

/** A member as a guest sees it. */
record Seen(Member member, RoomId room, InstantSource clock) implements Someone {
  @Override
  public MemberId id() {
    return member.id();
  }

  @Override
  public Frame frame(Event event) {
    return new Frame(id(), room, event, clock.instant());
  }

  @Override
  public Frame joined() {
    return frame(new Event.Joined(member.nickname()));
  }

  @Override
  public String toString() {
    return member.nickname() + " (" + id() + ")";
  }
}
