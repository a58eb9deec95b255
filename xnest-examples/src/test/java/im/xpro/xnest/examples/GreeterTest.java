package im.xpro.xnest.examples;

import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import im.xpro.xnest.testkit.Someone;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GreeterTest {
  final Greeter bot = new Greeter(Duration.ofMinutes(5));
  final RoomKit kit = RoomKit.create(builder -> builder.bot("greeter", bot));
  final Guest ming = kit.enter("lobby", "小明");
  final Someone greeter = ming.sees("greeter");

  GreeterTest() {
    kit.forgetWhatWasHeard(); // the welcome and who joined
  }

  @Test
  void whoComesIsGreetedInPrivate() {
    Guest lin = kit.enter("lobby", "Lin");

    lin.hearsWelcome();
    lin.hears(lin.joined(), greeter.whispered("Welcome, Lin!"));
    ming.hears(lin.joined());
    kit.expectNothingUnread();
  }

  @Test
  void silenceIsBrokenOnce() {
    ming.types("hello");
    kit.clock().turn(Duration.ofMinutes(4));
    ming.types("anybody?");
    kit.forgetWhatWasHeard();

    kit.clock().turn(Duration.ofMinutes(6).minusSeconds(1));
    ming.hearsNothing();
    kit.clock().turn(Duration.ofSeconds(1));

    ming.hears(greeter.said("It has become quiet here."));
    kit.clock().turn(Duration.ofHours(1));
    ming.hearsNothing();
  }
}
