package im.xpro.xnest.examples.bench;

import com.google.gson.JsonObject;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;

/**
 * What a developer writes on an afternoon with the same library: a map of rooms and {@code
 * broadcast()}. No history, no order between members, no limits.
 */
final class HandWrittenServer extends WebSocketServer {
  private final Map<String, Set<WebSocket>> rooms = new ConcurrentHashMap<>();

  private HandWrittenServer() {
    super(new InetSocketAddress("127.0.0.1", 0));
    setTcpNoDelay(true);
  }

  public static void main(String[] args) {
    new HandWrittenServer().run();
  }

  @Override
  public void onStart() {
    System.out.println("listening on ws://127.0.0.1:" + getPort() + "/");
  }

  @Override
  public void onOpen(WebSocket socket, ClientHandshake handshake) {
    room(socket).add(socket);
  }

  @Override
  public void onMessage(WebSocket socket, String text) {
    JsonObject frame = new JsonObject();
    frame.addProperty("from", "<0." + socket.hashCode() + ".0>");
    frame.addProperty("xnest", socket.getResourceDescriptor());
    frame.addProperty("type", "normal");
    frame.addProperty("payload", text);
    frame.addProperty("send_time", "2015-4-8 14:2:6");
    broadcast(frame.toString(), room(socket));
  }

  @Override
  public void onClose(WebSocket socket, int code, String reason, boolean remote) {
    room(socket).remove(socket);
  }

  @Override
  public void onError(WebSocket socket, Exception failure) {
    System.err.println(failure);
  }

  private Set<WebSocket> room(WebSocket socket) {
    return rooms.computeIfAbsent(
        socket.getResourceDescriptor(), name -> ConcurrentHashMap.newKeySet());
  }
}
