/**
 * Talk to rooms without a network, a thread or a sleep: for tests of chat logic, with any test
 * framework. Start with {@link im.xpro.xnest.testkit.RoomKit}.
 *
 * <p>For stores of one's own: {@link im.xpro.xnest.testkit.HistoryStoreContract} and {@link
 * im.xpro.xnest.testkit.BlobStoreContract}.
 */
@NullMarked
package im.xpro.xnest.testkit;

import org.jspecify.annotations.NullMarked;
