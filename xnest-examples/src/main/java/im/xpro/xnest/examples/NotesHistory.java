package im.xpro.xnest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonSerializer;
import im.xpro.xnest.history.HistoryStore;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A store of one's own: a file with a line of JSON for each batch, behind the store in memory,
 * which it fills at the start.
 */
public final class NotesHistory implements HistoryStore, AutoCloseable {
  private final Gson gson =
      new GsonBuilder()
          .registerTypeAdapter(
              Instant.class,
              (JsonSerializer<Instant>) (time, type, json) -> json.serialize(time.toEpochMilli()))
          .registerTypeAdapter(
              Instant.class,
              (JsonDeserializer<Instant>) (at, type, json) -> Instant.ofEpochMilli(at.getAsLong()))
          .registerTypeAdapter(
              Event.Message.class,
              (JsonDeserializer<Event.Message>)
                  (it, type, json) ->
                      it.getAsJsonObject().has("blob")
                          ? json.deserialize(it, Event.Shared.class)
                          : json.deserialize(it, Event.Said.class))
          .create();
  private HistoryStore memory = HistoryStore.inMemory(10_000);
  private final RandomAccessFile file;
  private long end;

  /** Opens the file, which is made if it is not there; each write reaches the disk. */
  public NotesHistory(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "rwd");
  }

  /** Reads the lines that are new, another writer's too; half a line at the end does not count. */
  private HistoryStore upToDate() throws IOException {
    memory = end == 0 ? HistoryStore.inMemory(10_000) : memory;
    byte[] bytes = new byte[(int) (file.length() - end)];
    file.seek(end);
    file.readFully(bytes);
    String lines = new String(bytes, UTF_8);
    String whole = lines.substring(0, lines.lastIndexOf('\n') + 1);
    for (String line : whole.lines().toList()) {
      memory.append(List.of(gson.fromJson(line, HistoryEntry[].class)));
    }
    end += whole.getBytes(UTF_8).length;
    return memory;
  }

  @Override
  public synchronized void append(List<HistoryEntry> batch) throws IOException {
    upToDate().append(batch); // refuses what does not follow
    file.seek(end);
    end = 0; // until it is written, only the file knows
    file.write((gson.toJson(batch) + "\n").getBytes(UTF_8));
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
