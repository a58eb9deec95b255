/**
 * What adapters share: what the connections of one server have in common, and the bytes of a
 * WebSocket, for servers that leave them to us. Not exported: no part of what others may use.
 */
@NullMarked
package im.xpro.xnest.server.wire;

import org.jspecify.annotations.NullMarked;
