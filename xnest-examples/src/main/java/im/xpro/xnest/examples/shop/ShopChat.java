package im.xpro.xnest.examples.shop;

import im.xpro.xnest.Admission;
import im.xpro.xnest.server.spring.LoginAdmission;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** All that the shop's code has for chat: who may enter, and where the page finds the sockets. */
@RestController
final class ShopChat {
  @Bean
  Admission customersAlone() {
    return LoginAdmission.byName();
  }

  @GetMapping(path = "/chat/config.json", produces = "application/json")
  String sockets() {
    String shop = ServletUriComponentsBuilder.fromCurrentContextPath().toUriString();
    return "{\"socket\":\"" + shop.replaceFirst("http", "ws") + "/xgate/websocket/\"}";
  }
}
