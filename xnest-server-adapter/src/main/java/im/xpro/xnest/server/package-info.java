/**
 * What every server shares: the {@link im.xpro.xnest.server.Gateway} that answers WebSocket
 * handshakes. Read it first. Knows HTTP by values only, no server and no socket.
 */
@NullMarked
package im.xpro.xnest.server;

import org.jspecify.annotations.NullMarked;
