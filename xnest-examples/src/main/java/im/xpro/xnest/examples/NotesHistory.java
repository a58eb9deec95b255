package im.xpro.xnest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store of one's own: a file with a line of JSON for each batch, behind the store in memory,
 * which it fills at the start.
 */
public final class NotesHistory implements HistoryStore, AutoCloseable {
  private record Note(
      String room,
      long no,
      String from,
      String name,
      @Nullable String who,
      @Nullable BlobKind kind,
      String it,
      long at) {
    static Note of(HistoryEntry e) {
      Event.Message m = e.message();
      BlobKind kind = m instanceof Event.Shared shared ? shared.kind() : null;
      String it = m instanceof Event.Said said ? said.text() : ((Event.Shared) m).blob();
      long at = e.time().toEpochMilli();
      return new Note(
          e.room().value(), e.number(), e.from().value(), e.nickname(), e.identity(), kind, it, at);
    }

    HistoryEntry entry() {
      Event.Message message = kind == null ? new Event.Said(it) : new Event.Shared(kind, it);
      Instant time = Instant.ofEpochMilli(at);
      return new HistoryEntry(new RoomId(room), no, new MemberId(from), name, message, time, who);
    }
  }

  private final Gson gson = new Gson();
  private final HistoryStore memory = HistoryStore.inMemory(10_000);
  private final RandomAccessFile file;
  private long end;

  /** Opens the file, which is made if it is not there; each write reaches the disk. */
  public NotesHistory(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "rwd");
  }

  /** Reads the lines that are new, another writer's too; half a line at the end does not count. */
  private HistoryStore upToDate() throws IOException {
    byte[] bytes = new byte[(int) (file.length() - end)];
    file.seek(end);
    file.readFully(bytes);
    String lines = new String(bytes, UTF_8);
    String whole = lines.substring(0, lines.lastIndexOf('\n') + 1);
    for (String line : whole.lines().toList()) {
      memory.append(Stream.of(gson.fromJson(line, Note[].class)).map(Note::entry).toList());
    }
    end += whole.getBytes(UTF_8).length;
    return memory;
  }

  @Override
  public synchronized void append(List<HistoryEntry> batch) throws IOException {
    upToDate().append(batch); // refuses what does not follow
    file.seek(end);
    file.write((gson.toJson(batch.stream().map(Note::of).toList()) + "\n").getBytes(UTF_8));
    end = file.getFilePointer();
  }

  @Override
  public synchronized List<HistoryEntry> read(RoomId room, long before, int limit, long maxLength)
      throws IOException {
    return upToDate().read(room, before, limit, maxLength);
  }

  @Override
  public synchronized long last(RoomId room) throws IOException {
    return upToDate().last(room);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
