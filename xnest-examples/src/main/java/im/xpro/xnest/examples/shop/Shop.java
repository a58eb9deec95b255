package im.xpro.xnest.examples.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.PropertySource;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/**
 * A web shop with a login and a database. Spring Security lets nobody in who has not logged in:
 * with {@code ming} and {@code tea}, or {@code lin} and {@code cups}.
 */
@SpringBootApplication(proxyBeanMethods = false)
@PropertySource("classpath:im/xpro/xnest/examples/shop/shop.properties")
public final class Shop {
  Shop() {}

  /** Takes options of Spring Boot, such as {@code --server.port=8090}. */
  public static void main(String[] args) {
    start(args);
  }

  /** Opens the shop; closing what it returns closes it. */
  public static ConfigurableApplicationContext start(String... options) {
    return SpringApplication.run(Shop.class, options);
  }

  @Bean
  UserDetailsService customers() {
    return new InMemoryUserDetailsManager(
        User.withUsername("ming").password("{noop}tea").build(),
        User.withUsername("lin").password("{noop}cups").build());
  }
}
