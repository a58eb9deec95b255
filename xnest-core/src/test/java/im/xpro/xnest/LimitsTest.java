package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.xpro.xnest.Decision.Accepted;
import im.xpro.xnest.Decision.Refused;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§1, §5 limits, at the edge and one step over")
class LimitsTest {
  private static final int MIB = 1 << 20;
  private static final Pattern DEFAULT =
      Pattern.compile(
          "Default \\{@code ([^}]+)}|Default (\\d+) s\\.|((?:sixteenth|quarter|eighth) of the heap)");
  private static final Pattern RANGE = Pattern.compile(", (\\d+) or more\\.");

  private static RoomKit kit(Limits.Builder limits) {
    return RoomKit.create(builder -> builder.limits(limits.build()));
  }

  private static Decision admit(RoomKit kit, String room) {
    return kit.xnest()
        .admit(Entry.of(new RoomId(room), "Lin"))
        .toCompletableFuture()
        .getNow(new Refused(500, "no answer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "明", "😀"})
  void textOfOneMebibyteIsHeardAndOneByteMoreClosesWith1009(String character) {
    RoomKit kit = RoomKit.create();
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;
    String edge = character.repeat(MIB / bytes) + "y".repeat(MIB % bytes);

    ming.types(edge);
    ming.types(edge + "y");

    assertThat(lin.hears().equals(ming.said(edge))).isTrue();
    assertThat(ming.closeCode()).isEqualTo(1009);
    assertThat(ming.closeReason()).isEqualTo("a text may have 1048576 bytes");
    assertThat(lin.hearsAll()).containsExactly(ming.left());
  }

  @Test
  void binaryOfEightMebibytesIsHeardAndOneByteMoreClosesWith1009() {
    RoomKit kit = RoomKit.create();
    Guest ming = kit.enter("lobby", "小明");
    Guest lin = kit.enter("lobby", "Lin");
    kit.forgetWhatWasHeard();

    ming.sends(new byte[8 * MIB]);
    ming.sends(new byte[8 * MIB + 1]);

    assertThat(lin.hearsAll()).containsExactly(ming.shared(BlobKind.FILE, "b1"), ming.left());
    assertThat(ming.closeCode()).isEqualTo(1009);
    assertThat(ming.closeReason()).isEqualTo("a binary message may have 8388608 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "明", "😀"})
  void roomIdOf128CharactersIsTakenAndOneMoreIsRefused(String character) {
    RoomKit kit = RoomKit.create();
    String edge = character.repeat(128);

    assertThat(admit(kit, edge)).isInstanceOf(Accepted.class);
    assertThat(admit(kit, edge + character))
        .isEqualTo(new Refused(400, "the room id has more than 128 characters"));
  }

  @Test
  void longIdsAreNeverCutSoTwoDoNotMeet() {
    RoomKit kit = RoomKit.create();
    Guest ming = kit.enter("x".repeat(127) + "a", "小明");
    kit.forgetWhatWasHeard();

    kit.enter("x".repeat(127) + "b", "Lin");

    ming.hearsNothing();
  }

  @Test
  void fullRoomRefusesWith429AndTakesAgainWhenSomebodyHasLeft() {
    RoomKit kit = kit(Limits.builder().roomMembers(2));
    Guest ming = kit.enter("lobby", "小明");
    assertThat(admit(kit, "lobby")).isInstanceOf(Accepted.class);
    kit.enter("lobby", "Lin");

    assertThat(admit(kit, "lobby")).isEqualTo(new Refused(429, "the room is full"));
    assertThat(admit(kit, "garden")).isInstanceOf(Accepted.class);
    ming.leaves();
    assertThat(admit(kit, "lobby")).isInstanceOf(Accepted.class);
  }

  @Test
  void whoEntersAFullRoomIsClosedWith1013AndNobodyHears() {
    RoomKit kit = kit(Limits.builder().roomMembers(1));
    Guest ming = kit.enter("lobby", "小明");
    kit.forgetWhatWasHeard();

    Guest lin = kit.enter("lobby", "Lin");

    assertThat(lin.closeCode()).isEqualTo(1013);
    assertThat(lin.closeReason()).isEqualTo("the room is full");
    lin.types("hello?");
    kit.expectNothingUnread();
    assertThat(ming.closeCode()).isNull();
  }

  @Test
  void whoGaveUpWaitingForTheHistoryTakesNoPlace() {
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .history(new FaultyHistory())
                    .limits(Limits.builder().tailBytes(0).roomMembers(2).build()));
    kit.enter("lobby", "小明");
    kit.storage().hold();
    Guest lin = kit.enter("lobby", "Lin");
    assertThat(admit(kit, "lobby")).isEqualTo(new Refused(429, "the room is full"));

    kit.clock().turn(Duration.ofSeconds(10));

    assertThat(lin.closeCode()).isEqualTo(1013);
    assertThat(admit(kit, "lobby")).isInstanceOf(Accepted.class);
  }

  @Test
  void tooManyRoomsAreRefusedWith429() {
    RoomKit kit = kit(Limits.builder().rooms(2));
    kit.enter("lobby", "小明");
    assertThat(admit(kit, "garden")).isInstanceOf(Accepted.class);
    Guest wei = kit.enter("garden", "Wei");

    assertThat(admit(kit, "roof")).isEqualTo(new Refused(429, "there are too many rooms"));
    assertThat(admit(kit, "garden")).isInstanceOf(Accepted.class);
    wei.leaves();
    assertThat(admit(kit, "roof")).isInstanceOf(Accepted.class);
  }

  @Test
  void readingPausesAtASixteenthOfWhatMayWaitAndGoesOnAtHalfOfThat() {
    RoomKit kit = kit(Limits.builder().inletMessages(64));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.sends((byte) 2, (byte) 42);

    Pasts.count(ming, 1, 2);
    assertThat(ming.isPaused()).isFalse();
    Pasts.count(ming, 3, 3);
    assertThat(ming.isPaused()).isTrue();
    kit.storage().letGo();
    assertThat(ming.isPaused()).isFalse();
  }

  @Test
  void oneMessageMoreThanMayWaitClosesWith1008() {
    RoomKit kit = kit(Limits.builder().inletMessages(32));
    Guest ming = kit.enter("lobby", "小明");
    kit.storage().hold();
    ming.sends((byte) 2, (byte) 42);

    Pasts.count(ming, 1, 31);
    assertThat(ming.closeCode()).isNull();
    ming.types("one more");

    assertThat(ming.closeCode()).isEqualTo(1008);
  }

  static Stream<Method> setters() {
    return Arrays.stream(Limits.Builder.class.getDeclaredMethods())
        .filter(method -> method.getReturnType() == Limits.Builder.class)
        .filter(method -> method.getParameterCount() == 1)
        .sorted(Comparator.comparing(Method::getName));
  }

  private static Object set(Method setter, Object value) throws Throwable {
    Limits.Builder builder = Limits.builder();
    try {
      setter.invoke(builder, value);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
    return Limits.class.getMethod(setter.getName()).invoke(builder.build());
  }

  private static Object number(Class<?> type, long value) {
    if (type == long.class) {
      return value;
    }
    return (int) value;
  }

  @ParameterizedTest
  @MethodSource("setters")
  void setterTakesItsLeastValueAndRefusesLessByName(Method setter) throws Throwable {
    Class<?> type = setter.getParameterTypes()[0];
    if (type == Duration.class) {
      Duration least = Duration.ofNanos(1);
      assertThat(set(setter, least)).isEqualTo(least);
      for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> set(setter, wrong))
            .withMessage(setter.getName() + " is " + wrong + ", must be positive");
      }
    } else {
      long least = Long.parseLong(group(javadoc("Builder " + setter.getName()), RANGE));
      assertThat(set(setter, number(type, least))).isEqualTo(number(type, least));
      for (long wrong : new long[] {least - 1, Integer.MIN_VALUE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> set(setter, number(type, wrong)))
            .withMessage(setter.getName() + " is " + wrong + ", must be " + least + " or more");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("setters")
  void defaultIsTheDocumentedOne(Method setter) throws Exception {
    Method getter = Limits.class.getMethod(setter.getName());
    Object value = getter.invoke(Limits.defaults());

    String documented =
        group(javadoc(getter.getReturnType().getSimpleName() + " " + getter.getName()), DEFAULT);

    if (value instanceof Duration time) {
      assertThat(time).hasSeconds(Long.parseLong(documented));
    } else {
      assertThat(((Number) value).longValue()).isEqualTo(evaluated(documented));
    }
  }

  private static long evaluated(String expression) {
    long heap = Runtime.getRuntime().maxMemory();
    switch (expression) {
      case "sixteenth of the heap":
        return heap / 16;
      case "quarter of the heap":
        return heap / 4;
      case "eighth of the heap":
        return Math.min(32L << 20, heap / 8);
      default:
        break;
    }
    String[] parts = expression.replaceAll("[_L]", "").split(" << ");
    return Long.parseLong(parts[0]) << (parts.length == 2 ? Integer.parseInt(parts[1]) : 0);
  }

  /** The comment before a declaration in the source, on one line. */
  private static String javadoc(String declaration) throws IOException {
    String source = Files.readString(Path.of("src/main/java/im/xpro/xnest/Limits.java"));
    String before = source.substring(0, source.indexOf("public " + declaration + "("));
    return before.substring(before.lastIndexOf("/**")).replaceAll("\\s+(\\* ?)?", " ");
  }

  private static String group(String text, Pattern pattern) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    for (int i = 1; i < matcher.groupCount(); i++) {
      if (matcher.group(i) != null) {
        return matcher.group(i);
      }
    }
    return matcher.group(matcher.groupCount());
  }
}
