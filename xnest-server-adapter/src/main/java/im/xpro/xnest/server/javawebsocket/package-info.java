/**
 * The default server, on Java-WebSocket. {@link im.xpro.xnest.server.javawebsocket.XnestServer} is
 * a server of its own; {@link im.xpro.xnest.server.javawebsocket.ChatSockets} brings chat to an
 * application's {@code WebSocketServer}. Both use the library to accept and to read only; to follow
 * a connection, start with {@code Connection}.
 */
@NullMarked
package im.xpro.xnest.server.javawebsocket;

import org.jspecify.annotations.NullMarked;
