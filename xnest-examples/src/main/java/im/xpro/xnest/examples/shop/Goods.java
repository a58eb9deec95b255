package im.xpro.xnest.examples.shop;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The shop's only page: what there is to buy, from its database. */
@RestController
final class Goods {
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>Tea shop</title>
      <link rel="icon" href="data:,">
      <h1>Tea shop</h1>
      <ul>%s</ul>
      <p><a id="chat" href="chat/index.html#tea">Talk about tea</a></p>
      </html>
      """;

  private final JdbcTemplate database;

  Goods(JdbcTemplate database) {
    this.database = database;
    database.execute("create table if not exists goods (name text primary key)");
    for (String name : List.of("Longjing", "Pu'er", "Tieguanyin")) {
      database.update("insert into goods values (?) on conflict do nothing", name);
    }
  }

  @GetMapping("/")
  String page() {
    return PAGE.formatted(
        database.queryForList("select name from goods order by name", String.class).stream()
            .map(name -> "<li>" + HtmlUtils.htmlEscape(name) + "</li>")
            .collect(Collectors.joining()));
  }
}
