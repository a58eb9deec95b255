package im.xpro.xnest.benchmarks;

/** How a server's WebSocket is spoken to. */
enum Dialect {
  /** The path names the room, a text message is said there. */
  PLAIN {
    @Override
    String target(String path, String room) {
      return path + room;
    }

    @Override
    String say(String text) {
      return text;
    }
  },

  /** Engine.IO 4 and Socket.IO 5, over WebSocket alone. */
  SOCKET_IO {
    @Override
    String target(String path, String room) {
      return "/socket.io/?EIO=4&transport=websocket&room=" + room;
    }

    @Override
    String say(String text) {
      return "42[\"say\",\"" + text + "\"]";
    }
  };

  /** What an upgrade asks for. */
  abstract String target(String path, String room);

  /** What is sent in a frame. */
  abstract String say(String text);
}
