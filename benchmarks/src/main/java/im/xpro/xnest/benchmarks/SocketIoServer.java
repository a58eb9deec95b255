package im.xpro.xnest.benchmarks;

import com.corundumstudio.socketio.Configuration;
import com.corundumstudio.socketio.SocketIOServer;
import com.corundumstudio.socketio.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;

/** Rooms as netty-socketio has them. No history, no limits. */
final class SocketIoServer {
  private SocketIoServer() {}

  public static void main(String[] args) throws IOException {
    Configuration configuration = new Configuration();
    configuration.setHostname("127.0.0.1");
    configuration.setPort(freePort());
    configuration.setTransports(Transport.WEBSOCKET);
    configuration.setUseLinuxNativeEpoll(true);
    configuration.getSocketConfig().setTcpNoDelay(true);
    SocketIOServer server = new SocketIOServer(configuration);
    server.addConnectListener(
        client -> client.joinRoom(client.getHandshakeData().getSingleUrlParam("room")));
    server.addEventListener(
        "say",
        String.class,
        (client, text, acknowledgement) -> {
          String room = client.getHandshakeData().getSingleUrlParam("room");
          Map<String, String> frame = new LinkedHashMap<>();
          frame.put("from", client.getSessionId().toString());
          frame.put("xnest", room);
          frame.put("type", "normal");
          frame.put("payload", text);
          frame.put("send_time", "2015-4-8 14:2:6");
          server.getRoomOperations(room).sendEvent("normal", frame);
        });
    server.start();
    System.out.println("listening on ws://127.0.0.1:" + configuration.getPort() + "/");
  }

  /** It does not tell the port that it got for 0. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
