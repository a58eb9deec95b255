/**
 * Where the past of rooms is kept: the door {@link im.xpro.xnest.history.HistoryStore} and the
 * stores that come with it. Knows entries, not rooms at work.
 */
@NullMarked
package im.xpro.xnest.history;

import org.jspecify.annotations.NullMarked;
