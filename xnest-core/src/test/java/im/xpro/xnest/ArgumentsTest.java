package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.blob.FileBlobStore;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.history.JdbcHistoryStore;
import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.RoomKit;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("null and nonsense are refused at once, by name")
class ArgumentsTest {
  private static final RoomId LOBBY = new RoomId("lobby");
  private static final Entry LIN = Entry.of(LOBBY, "Lin");

  static Stream<Arguments> nulls() {
    Xnest xnest = RoomKit.create().xnest();
    Inlet inlet = xnest.enter(LIN, new Ear());
    URI base = URI.create("http://chat.example.com");
    ChatRoom room = xnest.room(LOBBY);
    Duration hour = Duration.ofHours(1);
    return Stream.of(
        nothing("id", () -> xnest.room((RoomId) null)),
        nothing("id", () -> xnest.room((String) null)),
        nothing("nickname", () -> room.post(null, "hello")),
        nothing("text", () -> room.post("News", null)),
        nothing("nickname", () -> room.whisper(null, inlet.id(), "hello")),
        nothing("to", () -> room.whisper("News", null, "hello")),
        nothing("text", () -> room.whisper("News", inlet.id(), null)),
        nothing("member", () -> room.rename(null, "Lin")),
        nothing("nickname", () -> room.rename(inlet.id(), null)),
        nothing("member", () -> room.kick(null, "out")),
        nothing("reason", () -> room.kick(inlet.id(), null)),
        nothing("member", () -> room.kick(null, "out", hour)),
        nothing("reason", () -> room.kick(inlet.id(), null, hour)),
        nothing("time", () -> room.kick(inlet.id(), "out", null)),
        nothing("identityOrAddress", () -> room.pardon(null)),
        nothing("member", () -> room.mute(null)),
        nothing("member", () -> room.mute(null, hour)),
        nothing("time", () -> room.mute(inlet.id(), null)),
        nothing("member", () -> room.unmute(null)),
        nothing("reason", () -> room.close(null)),
        nothing("member", () -> room.eraseFrom(null)),
        nothing("identity", () -> room.eraseOf(null)),
        nothing("members", () -> xnest.dismiss(null)),
        nothing("entry", () -> xnest.admit(null)),
        nothing("entry", () -> xnest.enter(null, new Ear())),
        nothing("outlet", () -> xnest.enter(LIN, null)),
        nothing("text", () -> inlet.text(null)),
        nothing("message", () -> inlet.binary(null)),
        nothing("nickname", () -> Xnest.builder().bot(null, voice -> frame -> {})),
        nothing("bot", () -> Xnest.builder().bot("Lin", null)),
        nothing("room", () -> Entry.of(null, "Lin")),
        nothing(
            "query",
            () -> new Entry(LOBBY, "Lin", true, null, Map.of(), null, false, Grant.plain())),
        nothing(
            "headers",
            () -> new Entry(LOBBY, "Lin", true, Map.of(), null, null, false, Grant.plain())),
        nothing("entry", () -> new Decision.Accepted(null)),
        nothing("reason", () -> new Decision.Refused(403, null)),
        nothing("entry", () -> Decision.accept(null)),
        nothing("reason", () -> Decision.refuse(403, null)),
        nothing("rule", () -> Admission.of(null)),
        nothing("rule", () -> Admission.blocking(null, Runnable::run)),
        nothing("executor", () -> Admission.blocking(Decision::accept, null)),
        nothing("next", () -> Admission.open().and(null)),
        nothing("rule", () -> Filter.of(null)),
        nothing("rule", () -> Filter.blocking(null, Runnable::run)),
        nothing("executor", () -> Filter.blocking(Draft::pass, null)),
        nothing("member", () -> Erasure.from(null)),
        nothing("identity", () -> Erasure.of(null)),
        nothing("value", () -> new RoomId(null)),
        nothing("value", () -> new MemberId(null)),
        nothing("database", () -> JdbcHistoryStore.on(null)),
        nothing("retention", () -> JdbcHistoryStore.on(new JdbcDataSource(), null)),
        nothing("folder", () -> FileBlobStore.in(null, 1, null)),
        nothing("blobBase", () -> new FrameWriter(null, ZoneOffset.UTC)),
        nothing("zone", () -> new FrameWriter(base, null)));
  }

  private static Arguments nothing(String name, ThrowingCallable call) {
    return arguments(name, call);
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @MethodSource("nulls")
  void nullIsRefused(String name, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(name);
  }

  static Stream<Method> setters() {
    return Stream.of(Xnest.Builder.class, Limits.Builder.class)
        .flatMap(builder -> Arrays.stream(builder.getDeclaredMethods()))
        .filter(method -> method.getReturnType() == method.getDeclaringClass())
        .filter(method -> method.getParameterCount() == 1)
        .filter(method -> !method.getParameterTypes()[0].isPrimitive());
  }

  @ParameterizedTest
  @MethodSource("setters")
  void nullIsRefusedByTheBuilders(Method setter) {
    Object builder =
        setter.getDeclaringClass() == Xnest.Builder.class ? Xnest.builder() : Limits.builder();

    assertThatThrownBy(() -> setter.invoke(builder, (Object) null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(NullPointerException.class)
        .hasMessage(setter.getName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "chat.example.com",
        "/blobs",
        "//chat.example.com",
        "ftp://chat.example.com",
        "http:blobs",
        "http:/blobs",
        "http://chat.example.com?a=b",
        "http://chat.example.com/#a"
      })
  void placeOfBlobsIsAnAbsoluteHttpUrl(String base) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Xnest.builder().blobBase(URI.create(base)))
        .withMessageContaining("blobBase is " + base + ",");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://chat.example.com", "HTTPS://[::1]:8081/a/b/", "http://my_host:80"})
  void anyOtherHttpUrlIsTaken(String base) {
    Xnest.builder().blobBase(URI.create(base)).build();
  }

  static Stream<Arguments> nonsense() {
    Xnest xnest = RoomKit.create().xnest();
    MemberId id = xnest.enter(LIN, new Ear()).id();
    ChatRoom room = xnest.room(LOBBY);
    String names = " characters, must have 1 to 64";
    return Stream.of(
        refused("id has 129 characters, must have 1 to 128", () -> xnest.room("x".repeat(129))),
        refused("room id is blank", () -> xnest.room(" ")),
        refused("nickname has 0" + names, () -> room.post(" \n", "hello")),
        refused("nickname has 65" + names, () -> room.post("x".repeat(65), "hello")),
        refused("text is blank", () -> room.post("News", " ")),
        refused(
            "text has 1048577 bytes, must have 1 to 1048576",
            () -> room.post("News", "x".repeat((1 << 20) + 1))),
        refused("nickname has 0" + names, () -> room.whisper("", id, "hello")),
        refused("text is blank", () -> room.whisper("News", id, "")),
        refused("before is 0, must be 1 or more", () -> room.history(0, 1)),
        refused("limit is 0, must be 1 to 1000", () -> room.history(1, 0)),
        refused("limit is 1001, must be 1 to 1000", () -> room.history(1, 1_001)),
        refused("nickname has 0" + names, () -> room.rename(id, "")),
        refused("reason is blank", () -> room.kick(id, " ")),
        refused("reason has a control character", () -> room.kick(id, "a\nb")),
        refused("time is PT0S, must be positive", () -> room.kick(id, "out", Duration.ZERO)),
        refused("identityOrAddress is blank", () -> room.pardon("")),
        refused("time is PT-1S, must be positive", () -> room.mute(id, Duration.ofSeconds(-1))),
        refused("number is 0, must be 1 or more", () -> room.erase(0)),
        refused("identity is blank", () -> room.eraseOf(" ")),
        refused("reason is blank", () -> room.close("")));
  }

  private static Arguments refused(String why, ThrowingCallable call) {
    return arguments(why, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nonsense")
  void nonsenseIsRefusedByTheRoom(String why, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(why);
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HistoryStore.inMemory(0))
        .withMessage("entriesPerRoom is 0, must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Erasure.one(0))
        .withMessage("number is 0, must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Erasure(0, 5, null, null))
        .withMessage("first is 0, must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CommandParser(0))
        .withMessage("maxNicknameCharacters is 0, must be 1 or more");
  }

  @Test
  void roomIsNotHeldWhenNoIdCanBeMade() {
    RoomKit kit =
        RoomKit.create(
            builder ->
                builder
                    .memberIds(
                        () -> {
                          throw new IllegalStateException("no ids left");
                        })
                    .limits(Limits.builder().rooms(1).build()));

    assertThatThrownBy(() -> kit.enter("lobby", "Lin")).hasMessage("no ids left");

    Entry garden = Entry.of(new RoomId("garden"), "Lin");
    assertThat(kit.xnest().admit(garden).toCompletableFuture())
        .isCompletedWithValue(new Decision.Accepted(garden));
  }
}
