package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The compiler does not notice a branch that is missing; these do. */
@DisplayName("every command and every event is handled")
class SealedTypesTest {
  private static final MemberId ID = new MemberId("m1");

  /** Text or binary messages; each is another command. */
  static List<Object> messages() {
    return List.of(
        "hi", "@to:m1|psst", "@changename:Bo", "@history:0", new byte[] {2, 42}, "@history:x");
  }

  static List<Event> events() {
    return List.of(
        new Event.You(),
        new Event.Counted(1),
        new Event.Listed(List.of(new Member(ID, "Lin"))),
        new Event.Past(List.of()),
        new Event.Joined("Lin"),
        new Event.Left(),
        new Event.Said("hi"),
        new Event.Shared(BlobKind.FILE, "b1"),
        new Event.Whispered("psst"),
        new Event.Renamed("Bo"),
        new Event.Failed("no"));
  }

  @Test
  void everyCommandHasASample() {
    CommandParser parser = new CommandParser(64);

    Stream<Command> commands =
        messages().stream()
            .map(
                message ->
                    message instanceof byte[] bytes
                        ? parser.binary(ByteBuffer.wrap(bytes))
                        : parser.text((String) message));

    assertThat(commands.map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(permitted(Command.class));
  }

  @Test
  void everyEventHasASample() {
    assertThat(events().stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(permitted(Event.class));
  }

  private static Set<Class<?>> permitted(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses())
            .flatMap(each -> permitted(each).stream())
            .collect(Collectors.toSet())
        : Set.of(type);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void roomAnswersEveryCommand(Object message) {
    Reports reports = new Reports();
    RoomKit kit = RoomKit.create(builder -> builder.listener(reports));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    if (message instanceof byte[] bytes) {
      ming.sends(bytes);
    } else {
      ming.types((String) message);
    }

    assertThat(ming.hearsAll()).hasSize(1);
    assertThat(reports.failures).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("events")
  void writerWritesEveryEvent(Event event) {
    FrameWriter writer = new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);

    String json = writer.write(new Frame(ID, new RoomId("lobby"), event, Instant.EPOCH));

    assertThat(JsonParser.parseString(json).getAsJsonObject().get("type").getAsString())
        .isNotEmpty();
  }
}
