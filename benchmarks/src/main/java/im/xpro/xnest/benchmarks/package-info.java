/**
 * Benchmarks and the servers that xnest is compared with. Run by hand: docs/performance.md.
 *
 * <p>What they have in common with an application: they use the public API alone.
 */
@NullMarked
package im.xpro.xnest.benchmarks;

import org.jspecify.annotations.NullMarked;
