package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A test to copy: a bot, without a network, a thread or a sleep. */
class GreeterTest {
  final RoomKit kit =
      RoomKit.create(builder -> builder.bot("greeter", new Greeter(Duration.ofMinutes(5))));

  @Test
  void whoComesIsGreetedInPrivate() {
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(lin.hearsAll())
        .last()
        .extracting("event")
        .isEqualTo(new Event.Whispered("Welcome, Lin!"));
    assertThat(ming.hears()).isEqualTo(lin.joined());
    ming.hearsNothing();
  }

  @Test
  void silenceIsBrokenOnce() {
    Guest ming = kit.enter("lobby", "小明");
    ming.types("hello");
    kit.clock().turn(Duration.ofMinutes(4));
    ming.types("anybody?");
    kit.forgetWhatWasHeard();

    kit.clock().turn(Duration.ofMinutes(6).minusSeconds(1));
    ming.hearsNothing();
    kit.clock().turn(Duration.ofSeconds(1));

    assertThat(ming.hears().event()).isEqualTo(new Event.Said("It has become quiet here."));
    kit.clock().turn(Duration.ofHours(1));
    ming.hearsNothing();
  }
}
