package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.Decision.Accepted;
import im.xpro.xnest.Decision.Refused;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1 nickname")
class NicknameTest {
  private static final RoomId LOBBY = new RoomId("lobby");

  final RoomKit kit = RoomKit.create();

  private Decision admit(String nickname) {
    return kit.xnest()
        .admit(Entry.of(LOBBY, nickname))
        .toCompletableFuture()
        .getNow(new Refused(500, "no answer"));
  }

  static Stream<Arguments> rawAndClean() {
    return Stream.of(
        arguments("Lin", "Lin"),
        arguments("  Lin  ", "Lin"),
        arguments("L\u0000i\u0007n\u007f", "Lin"),
        arguments("\u0085Lin\u009f", "Lin"),
        arguments(" \u0007 Lin \u0000 ", "Lin"),
        arguments("\u00a0\u3000Lin\u2003", "Lin"),
        arguments("Lin\r\nSet-Cookie: x=y", "LinSet-Cookie: x=y"),
        arguments("小 明", "小 明"),
        arguments("<b>Lin</b>", "<b>Lin</b>"),
        arguments("|", "|"),
        arguments("L\ud800in", "Lin"),
        arguments("😀", "😀"));
  }

  @ParameterizedTest
  @MethodSource("rawAndClean")
  void controlCharactersAreRemovedAndBlanksTrimmed(String raw, String clean) {
    assertThat(Nicknames.clean(raw)).isEqualTo(clean);
    assertThat(admit(raw)).isEqualTo(new Accepted(Entry.of(LOBBY, clean)));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "\t\r\n", "\u00a0\u3000", "\u0000\u001f", " \u0007 "})
  void blankCountsAsAbsentAndIsGivenAName(String raw) {
    assertThat(admit(raw)).isEqualTo(new Accepted(Entry.of(LOBBY, "guest1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "明", "😀"})
  void sixtyFourCharactersAreTakenAndOneMoreIsRefused(String character) {
    String edge = character.repeat(64);

    assertThat(admit(edge)).isEqualTo(new Accepted(Entry.of(LOBBY, edge)));
    assertThat(admit(" " + edge + "\u0000")).isEqualTo(new Accepted(Entry.of(LOBBY, edge)));
    assertThat(admit(edge + character))
        .isEqualTo(new Refused(400, "the nickname has more than 64 characters"));
  }

  @Test
  void whoBringsNoNameJoinsUnderTheOneItWasGiven() {
    Guest nameless = kit.enter(Entry.of(LOBBY, null));

    assertThat(nameless.hearsAll().get(4).event()).isEqualTo(new Event.Joined("guest1"));
  }

  @Test
  void namesGivenAreFriendlyAndWithinTheLimit() {
    Set<String> names = new HashSet<>();
    FriendlyNames friendly = new FriendlyNames();
    for (int i = 0; i < 1_000; i++) {
      names.add(friendly.get());
    }

    assertThat(names)
        .hasSizeGreaterThan(50)
        .allMatch(name -> !name.isBlank() && Nicknames.clean(name).equals(name))
        .allMatch(name -> Nicknames.characters(name) <= 64)
        .anyMatch(name -> name.matches("[A-Za-z ]+"))
        .anyMatch(name -> name.matches("\\p{IsHan}+"));
  }
}
