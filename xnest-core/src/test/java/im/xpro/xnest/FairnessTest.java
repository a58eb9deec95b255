package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.RoomId;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("rooms share one thread, members one room")
class FairnessTest {
  final Queue<Runnable> turns = new ArrayDeque<>();
  final Xnest xnest =
      Xnest.builder()
          .executor(turns::add)
          .limits(
              Limits.builder().withoutRates().inletMessages(100_000).allInletBytes(1 << 30).build())
          .build();

  Inlet enter(String room, Ear ear) {
    Inlet inlet = xnest.enter(Entry.of(new RoomId(room), "x").withStoresHistory(false), ear);
    runAll();
    return inlet;
  }

  void runAll() {
    while (!turns.isEmpty()) {
      turns.remove().run();
    }
  }

  @Test
  void busyRoomHoldsUpAnotherForOneTurnAtMost() {
    Inlet flooder = enter("busy", new Ear());
    Ear ear = new Ear();
    Inlet lin = enter("quiet", ear);
    for (int i = 0; i < 10_000; i++) {
      flooder.text("x");
    }

    lin.text("hello");
    turns.remove().run();
    turns.remove().run();

    assertThat(Heard.messages(ear.frames())).containsExactly("hello");
    assertThat(turns).as("the busy room goes on").hasSize(1);
  }

  @Test
  void allOfABusyRoomIsHeardInTheEnd() {
    Ear ear = new Ear();
    Inlet flooder = enter("busy", ear);
    for (int i = 0; i < 10_000; i++) {
      flooder.text("x");
    }

    runAll();

    assertThat(Heard.messages(ear.frames())).hasSize(10_000);
  }
}
