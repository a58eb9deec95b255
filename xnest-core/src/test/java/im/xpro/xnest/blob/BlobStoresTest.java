package im.xpro.xnest.blob;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import im.xpro.xnest.testkit.BlobStoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class BlobStoresTest {
  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> inMemoryBlobsKeepTheContract() {
    return contract(
        () -> {
          BlobStore store = BlobStore.inMemory();
          return () -> store;
        });
  }

  @TestFactory
  Stream<DynamicTest> filesKeepTheContract() {
    return contract(
        () -> {
          Path fresh = Files.createTempDirectory(folder, "blobs");
          return () -> FileBlobStore.in(fresh, 32 << 20, null);
        });
  }

  private static Stream<DynamicTest> contract(
      Callable<? extends Callable<? extends BlobStore>> freshPlace) {
    return BlobStoreContract.checks(freshPlace).map(check -> dynamicTest(check.name(), check::run));
  }
}
