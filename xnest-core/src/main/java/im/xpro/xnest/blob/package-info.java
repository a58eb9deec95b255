/**
 * Where uploaded media are kept: the door {@link im.xpro.xnest.blob.BlobStore} and the stores that
 * come with it. Knows bytes and ids, neither rooms at work nor HTTP.
 */
@NullMarked
package im.xpro.xnest.blob;

import org.jspecify.annotations.NullMarked;
