/**
 * What happens in the rooms, as meters of <a href="https://micrometer.io">Micrometer</a>, which the
 * application brings: {@link im.xpro.xnest.server.metrics.XnestMetrics}. Nothing else of xnest
 * needs it.
 */
@NullMarked
package im.xpro.xnest.server.metrics;

import org.jspecify.annotations.NullMarked;
