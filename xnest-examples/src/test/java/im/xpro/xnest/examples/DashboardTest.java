package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import im.xpro.xnest.Decision;
import im.xpro.xnest.server.metrics.XnestMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the dashboard and the documentation name is what Prometheus is given. */
class DashboardTest {
  private static final Pattern METRIC = Pattern.compile("\\b(?:xnest|jvm)_[a-z_]+");
  private static final Pattern SAMPLE = Pattern.compile("^([a-z_]+)[ {]", Pattern.MULTILINE);
  private static final Pattern FAMILY =
      Pattern.compile("^# TYPE (xnest_[a-z_]+) ", Pattern.MULTILINE);

  /** A maximum is a meter of Prometheus's own. */
  private static final Pattern MAXIMUM = Pattern.compile("xnest_.*_seconds_max");

  private static String scrape() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new XnestMetrics(registry).entryRefused(null, new Decision.Refused(403, "no"));
    return registry.scrape();
  }

  private static Set<String> names(Pattern pattern, String text, int group) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(group))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static JsonObject dashboard() throws IOException {
    return JsonParser.parseString(Files.readString(Path.of("grafana", "xnest.json")))
        .getAsJsonObject();
  }

  @Test
  void everyMetricOfTheDashboardExists() throws IOException {
    Set<String> named = new TreeSet<>();
    for (JsonElement panel : dashboard().getAsJsonArray("panels")) {
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        String query = target.getAsJsonObject().get("expr").getAsString();
        Set<String> metrics = names(METRIC, query, 0);
        assertThat(metrics).as(query).isNotEmpty();
        named.addAll(metrics);
      }
    }

    assertThat(named).hasSizeGreaterThan(10);
    assertThat(names(SAMPLE, scrape(), 1)).containsAll(named);
  }

  @Test
  void pageAboutMetricsTellsTheNamesInPrometheus() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "metrics.md"));

    Set<String> given = names(FAMILY, scrape(), 1);
    given.removeIf(name -> MAXIMUM.matcher(name).matches());

    assertThat(names(Pattern.compile("\\| `(xnest_[a-z_]+)` \\|"), page, 1)).isEqualTo(given);
  }
}
