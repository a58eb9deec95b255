/**
 * What a message to a room costs, next to a hand-written server: {@link
 * im.xpro.xnest.examples.bench.BroadcastBench}. What it costs to keep it: {@link
 * im.xpro.xnest.examples.bench.StorageBench}. What others notice of an attack: {@link
 * im.xpro.xnest.examples.bench.Siege}.
 */
@NullMarked
package im.xpro.xnest.examples.bench;

import org.jspecify.annotations.NullMarked;
