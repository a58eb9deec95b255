package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TailsTest {
  final Tails tails = new Tails(100);
  final List<String> dropped = new ArrayList<>();
  final Room a = room("a");
  final Room b = room("b");
  final Room c = room("c");

  /** That it is told to drop shows in a turn of its mailbox, which is not run. */
  Room room(String name) {
    House house = TestHouse.with(turn -> dropped.add(name), new Tails(0), new XnestListener() {});
    return new Room(new RoomId(name), house, room -> {});
  }

  @Test
  void asLongAsAllFitNobodyDrops() {
    tails.hold(a, 50);
    tails.hold(b, 50);
    tails.hold(a, 40);
    tails.hold(c, 10);

    assertThat(dropped).isEmpty();
  }

  @Test
  void roomLongestQuietDropsFirst() {
    tails.hold(a, 40);
    tails.hold(b, 40);
    tails.hold(a, 40);

    tails.hold(c, 30);

    assertThat(dropped).containsExactly("b");
  }

  @Test
  void asManyDropAsIsNeeded() {
    tails.hold(a, 40);
    tails.hold(b, 40);

    tails.hold(c, 90);

    assertThat(dropped).containsExactly("a", "b");
  }

  @Test
  void roomThatIsTooLargeAloneDropsItsOwn() {
    tails.hold(a, 101);
    tails.hold(b, 100);

    assertThat(dropped).containsExactly("a");
  }

  @Test
  void roomThatHoldsNothingCountsForNothing() {
    tails.hold(a, 100);
    tails.hold(a, 0);
    tails.hold(a, 0);

    tails.hold(b, 100);

    assertThat(dropped).isEmpty();
  }

  @Test
  void roomThatWasToldToDropCountsForNothing() {
    tails.hold(a, 100);
    tails.hold(b, 100);

    tails.hold(a, 0);
    tails.hold(b, 100);

    assertThat(dropped).containsExactly("a");
  }
}
