/**
 * Load and faults for a server that speaks the xnest protocol, and a check of all that its members
 * hear: {@link im.xpro.xnest.examples.storm.Storm}.
 */
@NullMarked
package im.xpro.xnest.examples.storm;

import org.jspecify.annotations.NullMarked;
