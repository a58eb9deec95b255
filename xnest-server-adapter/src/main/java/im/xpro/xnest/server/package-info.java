/**
 * What every server shares: the {@link im.xpro.xnest.server.Gateway} that answers WebSocket
 * handshakes, to read first, and blobs over HTTP. Knows HTTP by values only; {@link
 * im.xpro.xnest.server.BlobHandler} alone names a server, the JDK's.
 */
@NullMarked
package im.xpro.xnest.server;

import org.jspecify.annotations.NullMarked;
