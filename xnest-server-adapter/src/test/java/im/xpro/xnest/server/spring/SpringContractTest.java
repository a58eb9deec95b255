package im.xpro.xnest.server.spring;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.server.LoneServer;
import im.xpro.xnest.server.testkit.Deviation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SpringContractTest {
  @TestFactory
  Stream<DynamicTest> springBootKeepsTheServerContract() throws Exception {
    return LoneServer.tests(
        SpringBootServer.class, LoneServer.Library.SPRING, LoneServer.Library.TOMCAT);
  }

  @Test
  void pageTellsWhatItCannotDo() throws IOException {
    assertThat(Files.readAllLines(Path.of("..", "docs", "spring.md")))
        .contains(Deviation.row("Spring Boot", new SpringBootServer().deviations()));
  }
}
