/**
 * Chat on a port that Netty serves already: {@link im.xpro.xnest.server.netty.NettyXnestHandler}
 * for the sockets, {@link im.xpro.xnest.server.netty.NettyBlobHandler} for the media. Needs Netty
 * 4.2, {@code netty-codec-http}.
 */
@NullMarked
package im.xpro.xnest.server.netty;

import org.jspecify.annotations.NullMarked;
