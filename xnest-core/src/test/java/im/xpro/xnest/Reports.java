package im.xpro.xnest;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.RoomId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a listener hears, each as a line. Any thread. */
final class Reports implements XnestListener {
  /** {@code opened lobby}, {@code joined lobby m1}, … */
  final List<String> events = new CopyOnWriteArrayList<>();

  final List<String> failures = new CopyOnWriteArrayList<>();
  final List<Throwable> causes = new CopyOnWriteArrayList<>();

  @Override
  public void roomOpened(RoomId room) {
    events.add("opened " + room);
  }

  @Override
  public void roomClosed(RoomId room) {
    events.add("closed " + room);
  }

  @Override
  public void joined(RoomId room, Member member) {
    events.add("joined " + room + " " + member.id());
  }

  @Override
  public void left(RoomId room, Member member) {
    events.add("left " + room + " " + member.id());
  }

  @Override
  public void letGo(RoomId room, Member member) {
    events.add("letGo " + room + " " + member.id());
  }

  @Override
  public void failed(String doing, Throwable cause) {
    failures.add(doing);
    causes.add(cause);
  }
}
