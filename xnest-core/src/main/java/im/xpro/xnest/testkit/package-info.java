/**
 * Talk to rooms without a network, a thread or a sleep: for tests of chat logic, with any test
 * framework. Start with {@link im.xpro.xnest.testkit.RoomKit}.
 */
@NullMarked
package im.xpro.xnest.testkit;

import org.jspecify.annotations.NullMarked;
