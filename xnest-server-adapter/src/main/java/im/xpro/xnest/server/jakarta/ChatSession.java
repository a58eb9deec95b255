package im.xpro.xnest.server.jakarta;

import jakarta.websocket.Session;
import java.nio.ByteBuffer;

/**
 * A member's connection, to be told of what its WebSocket reads by whoever has opened it ({@link
 * ChatFilter.Upgrader}). Any thread, one at a time; nothing here blocks or throws.
 */
public sealed interface ChatSession permits Connection {
  /** The WebSocket is open, and {@code session} takes messages; called once, before all else. */
  void open(Session session);

  /** A part of a text message was read, in order. */
  void text(String part, boolean isLast);

  /** A part of a binary message was read, in order; it is copied. */
  void binary(ByteBuffer part, boolean isLast);

  /** A pong was read. */
  void pong();

  /** What was read was not understood: ends the connection. */
  void failed(Throwable failure);

  /** The WebSocket is closed. */
  void closed();
}
