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
    return Stream.of(
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
