package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Sees that rooms open and close, and members join and leave, each once and in turn. One thread.
 */
final class Pairs implements XnestListener {
  /** What an application's own code may throw. */
  static final RuntimeException FAILS = new IllegalStateException("fails as it was told");

  final Set<RoomId> open = new HashSet<>();
  final Set<MemberId> present = new HashSet<>();

  /** Who has joined at any time. */
  private final Set<MemberId> welcomed = new HashSet<>();

  private final List<String> faults = new ArrayList<>();

  @Override
  public void roomOpened(RoomId room) {
    expect(open.add(room), room + " opens twice");
  }

  @Override
  public void roomClosed(RoomId room) {
    expect(open.remove(room), room + " closes unopened");
  }

  @Override
  public void joined(RoomId room, Member member) {
    expect(open.contains(room), member + " joins a closed room");
    expect(present.add(member.id()), member + " joins twice");
    expect(welcomed.add(member.id()), member + " joins again");
  }

  @Override
  public void left(RoomId room, Member member) {
    expect(open.contains(room), member + " leaves a closed room");
    expect(present.remove(member.id()), member + " leaves without having joined");
  }

  @Override
  public void failed(String doing, Throwable cause) {
    boolean mayBe =
        cause instanceof IOException || cause instanceof TimeoutException || cause == FAILS;
    expect(mayBe, doing + ": " + cause);
  }

  private void expect(boolean holds, String fault) {
    if (!holds) {
      faults.add(fault);
    }
  }

  void check() {
    assertThat(faults).isEmpty();
  }
}
