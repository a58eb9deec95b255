package im.xpro.xnest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NotesOnAFullDiskTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void whatTheDiskDidNotTakeIsNotShown() throws IOException {
    RoomId lobby = new RoomId("lobby");
    HistoryEntry entry =
        new HistoryEntry(
            lobby, 1, new MemberId("m1"), "Lin", new Event.Said("hello"), Instant.EPOCH);

    try (NotesHistory store = new NotesHistory(Path.of("/dev/full"))) {
      assertThatIOException().isThrownBy(() -> store.append(List.of(entry)));

      assertThat(store.last(lobby)).isZero();
      assertThat(store.read(lobby, Long.MAX_VALUE, 10, Long.MAX_VALUE)).isEmpty();
    }
  }
}
