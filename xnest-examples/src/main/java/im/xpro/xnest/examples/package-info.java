/** One runnable class per idea. {@link im.xpro.xnest.examples.ChatServer} is the first. */
@NullMarked
package im.xpro.xnest.examples;

import org.jspecify.annotations.NullMarked;
