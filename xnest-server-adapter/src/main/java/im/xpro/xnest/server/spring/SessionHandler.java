package im.xpro.xnest.server.spring;

import im.xpro.xnest.server.jakarta.ChatSession;
import jakarta.websocket.Session;
import java.util.Objects;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;

/**
 * Brings what Spring reads of one WebSocket to its member. What it hears goes to the session below
 * Spring's: that one does not wait for a peer that does not read, as Spring's does.
 */
final class SessionHandler implements WebSocketHandler {
  private final ChatSession chat;

  SessionHandler(ChatSession chat) {
    this.chat = chat;
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession opened) {
    Session session = ((NativeWebSocketSession) opened).getNativeSession(Session.class);
    chat.open(Objects.requireNonNull(session, "a session of Jakarta WebSocket"));
  }

  @Override
  public void handleMessage(WebSocketSession from, WebSocketMessage<?> message) {
    if (message instanceof TextMessage text) {
      chat.text(text.getPayload(), text.isLast());
    } else if (message instanceof BinaryMessage binary) {
      chat.binary(binary.getPayload(), binary.isLast());
    } else if (message instanceof PongMessage) {
      chat.pong();
    }
  }

  @Override
  public void handleTransportError(WebSocketSession broken, Throwable failure) {
    chat.failed(failure);
  }

  @Override
  public void afterConnectionClosed(WebSocketSession closed, CloseStatus status) {
    chat.closed();
  }

  @Override
  public boolean supportsPartialMessages() {
    return true;
  }
}
