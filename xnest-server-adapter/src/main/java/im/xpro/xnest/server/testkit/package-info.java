/**
 * The contract of an adapter, as checks over real sockets for any test framework. Start with {@link
 * im.xpro.xnest.server.testkit.ServerContract}.
 */
@NullMarked
package im.xpro.xnest.server.testkit;

import org.jspecify.annotations.NullMarked;
