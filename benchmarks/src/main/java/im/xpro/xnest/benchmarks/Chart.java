package im.xpro.xnest.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A plot of lines as SVG: figures over a size that grows by powers, both axes logarithmic, so that
 * what grows in proportion is a slope and what does not grow is level.
 */
final class Chart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 380;
  private static final int LEFT = 64;
  private static final int RIGHT = 190;
  private static final int TOP = 44;
  private static final int BOTTOM = 52;
  private static final String[] COLOURS = {
    "#1b6ac9", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#475569"
  };

  private final StringBuilder svg = new StringBuilder();
  private final double minX;
  private final double maxX;
  private final double minY;
  private final double maxY;

  /**
   * @param ys one for each of the sizes; NaN where nothing was measured
   */
  record Line(String name, double[] xs, double[] ys) {}

  private Chart(List<Line> lines) {
    minX = power(Math.log10(min(lines, true)), false);
    maxX = Math.max(minX + 1, power(Math.log10(max(lines, true)), true));
    minY = power(Math.log10(min(lines, false)), false);
    maxY = Math.max(minY + 1, power(Math.log10(max(lines, false)), true));
  }

  /** Writes {@code lines}, up to six, to {@code file}. */
  static void write(Path file, String title, String x, String y, List<Line> lines)
      throws IOException {
    Chart chart = new Chart(lines);
    chart.axes(title, x, y);
    for (int i = 0; i < lines.size(); i++) {
      chart.line(lines.get(i), COLOURS[i], i);
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, chart.svg.append("</svg>\n"));
  }

  private void axes(String title, String x, String y) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " height=\"%d\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#1f2937\">",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
    text(LEFT, 22, "start", "<tspan font-size=\"14\">" + title + "</tspan>");
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", x);
    text(LEFT - 48, TOP - 8, "start", y);
    for (double power = minX; power <= maxX; power++) {
      double at = x(Math.pow(10, power));
      rule(at, TOP, at, HEIGHT - BOTTOM);
      text(at, HEIGHT - BOTTOM + 18, "middle", number(power));
    }
    for (double power = minY; power <= maxY; power++) {
      double at = y(Math.pow(10, power));
      rule(LEFT, at, WIDTH - RIGHT, at);
      text(LEFT - 8, at + 4, "end", number(power));
    }
  }

  private void line(Line line, String colour, int index) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < line.xs.length; i++) {
      if (!Double.isNaN(line.ys[i])) {
        double x = x(line.xs[i]);
        double y = y(line.ys[i]);
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", x, y, colour);
      }
    }
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
        points.toString().trim(), colour);
    double at = TOP + 12 + 20.0 * index;
    double left = WIDTH - RIGHT + 14.0;
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"4\" fill=\"%s\"/>",
        left, at - 6, colour);
    text(left + 18, at, "start", line.name);
  }

  private double x(double value) {
    return LEFT + (Math.log10(value) - minX) / (maxX - minX) * (WIDTH - RIGHT - LEFT);
  }

  private double y(double value) {
    int height = HEIGHT - BOTTOM - TOP;
    return HEIGHT - BOTTOM - (Math.log10(value) - minY) / (maxY - minY) * height;
  }

  private void rule(double x1, double y1, double x2, double y2) {
    add("<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#d1d5db\" stroke-width=\"1\"/>", x1, y1, x2, y2);
  }

  private void text(double x, double y, String anchor, String text) {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
  }

  private void add(String element, Object... values) {
    svg.append(String.format(Locale.ROOT, element, values)).append('\n');
  }

  private static String number(double power) {
    double value = Math.pow(10, power);
    return power < 0
        ? String.format(Locale.ROOT, "%." + (int) -power + "f", value)
        : String.format(Locale.ROOT, "%,.0f", value);
  }

  private static double power(double exact, boolean up) {
    return up ? Math.ceil(exact - 1e-9) : Math.floor(exact + 1e-9);
  }

  private static double min(List<Line> lines, boolean ofX) {
    return lines.stream()
        .flatMapToDouble(line -> Arrays.stream(ofX ? line.xs : line.ys))
        .filter(value -> !Double.isNaN(value))
        .min()
        .orElse(1);
  }

  private static double max(List<Line> lines, boolean ofX) {
    return lines.stream()
        .flatMapToDouble(line -> Arrays.stream(ofX ? line.xs : line.ys))
        .filter(value -> !Double.isNaN(value))
        .max()
        .orElse(1);
  }
}
