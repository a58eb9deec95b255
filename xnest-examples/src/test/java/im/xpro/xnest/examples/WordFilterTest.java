package im.xpro.xnest.examples;

import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordFilterTest {
  final WordFilter filter = new WordFilter(List.of("darn", "heck"));
  final RoomKit kit = RoomKit.create(builder -> builder.filter(filter));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  WordFilterTest() {
    kit.forgetWhatWasHeard(); // the welcome and who joined
  }

  @Test
  void wordsAreMaskedForAll() {
    ming.types("What the HECK, darn it");

    lin.hears(ming.said("What the ****, **** it"));
    ming.hears(ming.said("What the ****, **** it"));
    kit.expectNothingUnread();
  }

  @Test
  void wordsInPrivateAreMaskedToo() {
    ming.whispers(lin, "heck");

    lin.hears(ming.whispered("****"));
  }

  @Test
  void otherWordsAreLeftAlone() {
    ming.types("check the darning");

    lin.hears(ming.said("check the darning"));
  }

  @Test
  void nicknamesAreRefused() {
    ming.renames("Darn");

    ming.hears(ming.failed("this nickname is not welcome"));
    lin.hearsNothing();
  }
}
