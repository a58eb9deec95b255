package im.xpro.xnest.examples;

import im.xpro.xnest.testkit.HistoryStoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class NotesHistoryTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> keepsTheContractOfHistoryStores() {
    return HistoryStoreContract.checks(
            () -> {
              Path notes = Files.createTempFile(folder, "notes", ".json");
              return () -> new NotesHistory(notes);
            })
        .map(check -> DynamicTest.dynamicTest(check.name(), check::run));
  }
}
