/**
 * The words on the wire: pure values, the parser of what clients send and the writer of what they
 * hear. No threads, no input or output, no storage. Read {@link im.xpro.xnest.protocol.Command} and
 * {@link im.xpro.xnest.protocol.Event} first.
 */
@NullMarked
package im.xpro.xnest.protocol;

import org.jspecify.annotations.NullMarked;
