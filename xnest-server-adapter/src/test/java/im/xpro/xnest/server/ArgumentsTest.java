package im.xpro.xnest.server;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.xpro.xnest.Entry;
import im.xpro.xnest.Xnest;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.server.javawebsocket.ChatSockets;
import im.xpro.xnest.server.javawebsocket.XnestServer;
import im.xpro.xnest.testkit.RoomKit;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("null is refused at once, by name")
class ArgumentsTest {
  private static final Entry LIN = Entry.of(new RoomId("lobby"), "Lin");
  private static final Xnest XNEST = RoomKit.create().xnest();

  static Stream<Arguments> nulls() {
    Gateway gateway = Gateway.of(XNEST);
    return Stream.of(
        nothing("xnest", () -> Gateway.of(null)),
        nothing("xnest", () -> Gateway.builder(null)),
        nothing("xnest", () -> XnestServer.builder(null)),
        nothing("xnest", () -> ChatSockets.on(null)),
        nothing("xnest", () -> ChatSockets.on(null, gateway)),
        nothing("gateway", () -> ChatSockets.on(XNEST, null)),
        nothing("blobs", () -> new BlobHandler(null)),
        nothing("method", () -> new Handshake(null, "/", Map.of(), null, false)),
        nothing("target", () -> new Handshake("GET", null, Map.of(), null, false)),
        nothing("headers", () -> new Handshake("GET", "/", null, null, false)),
        nothing("entry", () -> new Answer.Accepted(null, "key", "cookie")),
        nothing("accept", () -> new Answer.Accepted(LIN, null, "cookie")),
        nothing("setCookie", () -> new Answer.Accepted(LIN, "key", null)),
        nothing("reason", () -> new Answer.Refused(400, null, List.of())),
        nothing("headerLines", () -> new Answer.Refused(400, "bad", null)));
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
    return Stream.of(XnestServer.Builder.class, Gateway.Builder.class)
        .flatMap(builder -> Arrays.stream(builder.getDeclaredMethods()))
        .filter(method -> method.getReturnType() == method.getDeclaringClass())
        .filter(method -> !method.getParameterTypes()[0].isPrimitive());
  }

  @ParameterizedTest
  @MethodSource("setters")
  void nullIsRefusedByTheBuilders(Method setter) {
    Object builder =
        setter.getDeclaringClass() == Gateway.Builder.class
            ? Gateway.builder(XNEST)
            : XnestServer.builder(XNEST);

    assertThatThrownBy(() -> setter.invoke(builder, (Object) null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(NullPointerException.class)
        .hasMessage(setter.getName());
  }
}
