package im.xpro.xnest.protocol;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Writes frames and history records as the JSON of PROTOCOL section 2. Payloads are exactly what
 * was sent: nothing is escaped for HTML. Any thread.
 */
public final class FrameWriter {
  private static final Map<Class<? extends Event>, String> TYPES =
      Map.ofEntries(
          Map.entry(Event.You.class, "self"),
          Map.entry(Event.Counted.class, "member_count"),
          Map.entry(Event.Listed.class, "members"),
          Map.entry(Event.Past.class, "history"),
          Map.entry(Event.Joined.class, "join"),
          Map.entry(Event.Left.class, "leave"),
          Map.entry(Event.Said.class, "normal"),
          Map.entry(Event.Whispered.class, "private"),
          Map.entry(Event.Renamed.class, "changename"),
          Map.entry(Event.Failed.class, "error"));

  private final String blobBase;
  private final DateTimeFormatter time;

  /** The newest second that was asked for: nearly all that is written has happened in it. */
  private volatile Second newest = new Second(Long.MIN_VALUE, "");

  private record Second(long epoch, String text) {}

  /**
   * @param blobBase where blobs are served: a blob's URL is {@code {blobBase}/{room}/{id}}
   *     (PROTOCOL section 4)
   * @param zone of every {@code send_time}
   */
  public FrameWriter(URI blobBase, ZoneId zone) {
    String base = Objects.requireNonNull(blobBase, "blobBase").toString();
    this.blobBase = base.endsWith("/") ? base : base + "/";
    this.time =
        DateTimeFormatter.ofPattern("uuuu-M-d H:m:s", Locale.ROOT)
            .withZone(Objects.requireNonNull(zone, "zone"));
  }

  /** One frame as a JSON object: {@code from, xnest, type, payload, send_time}, in this order. */
  public String write(Frame frame) {
    List<String> records =
        frame.event() instanceof Event.Past past
            ? past.entries().stream().map(this::write).toList()
            : List.of();
    return write(frame, records);
  }

  /** The same, for a page of history whose records {@link #write(HistoryEntry)} has made before. */
  public String write(Frame frame, List<String> records) {
    int units =
        frame.event() instanceof Event.Past
            ? records.stream().mapToInt(String::length).sum() + records.size()
            : 0;
    return object(
        units,
        json -> {
          json.name("from").value(frame.from().value());
          json.name("xnest").value(frame.room().value());
          json.name("type").value(type(frame.event()));
          json.name("payload");
          payload(json, frame, records);
          json.name("send_time").value(time(frame.time()));
        });
  }

  /** One history record: {@code from, payload, type, send_time, nickname}. */
  public String write(HistoryEntry entry) {
    return object(
        entry.length(),
        json -> {
          json.name("from").value(entry.from().value());
          if (entry.message() instanceof Event.Said said) {
            json.name("payload").value(said.text());
            json.name("type").value("text");
          } else {
            Event.Shared shared = (Event.Shared) entry.message();
            json.name("payload").value(url(entry.room(), shared.blob()));
            json.name("type").value(type(shared));
          }
          json.name("send_time").value(time(entry.time()));
          json.name("nickname").value(entry.nickname());
        });
  }

  /** The absolute URL of a blob; the room is percent-encoded as UTF-8. */
  public String url(RoomId room, String blob) {
    String segment = URLEncoder.encode(room.value(), StandardCharsets.UTF_8).replace("+", "%20");
    return blobBase + segment + "/" + blob;
  }

  private String time(Instant instant) {
    Second second = newest;
    if (second.epoch != instant.getEpochSecond()) {
      second = new Second(instant.getEpochSecond(), time.format(instant));
      newest = second;
    }
    return second.text;
  }

  private void payload(JsonWriter json, Frame frame, List<String> records) throws IOException {
    Event event = frame.event();
    if (event instanceof Event.Said said) {
      json.value(said.text());
    } else if (event instanceof Event.Shared shared) {
      json.value(url(frame.room(), shared.blob()));
    } else if (event instanceof Event.Whispered whispered) {
      json.value(whispered.text());
    } else if (event instanceof Event.Joined joined) {
      json.value(joined.nickname());
    } else if (event instanceof Event.Left) {
      json.value("leave");
    } else if (event instanceof Event.Renamed renamed) {
      json.value(renamed.nickname());
    } else if (event instanceof Event.Failed failed) {
      json.value(failed.why());
    } else if (event instanceof Event.You) {
      json.value(frame.from().value());
    } else if (event instanceof Event.Counted counted) {
      json.value(counted.members());
    } else if (event instanceof Event.Listed listed) {
      members(json, listed.members());
    } else if (event instanceof Event.Past) {
      json.beginArray();
      for (String record : records) {
        json.jsonValue(record);
      }
      json.endArray();
    } else {
      throw new AssertionError("no payload for " + event);
    }
  }

  private static void members(JsonWriter json, List<Member> members) throws IOException {
    json.beginArray();
    for (Member member : members) {
      json.beginObject();
      json.name("pid").value(member.id().value());
      json.name("nickname").value(member.nickname());
      json.endObject();
    }
    json.endArray();
  }

  private static String type(Event event) {
    if (event instanceof Event.Shared shared) {
      return switch (shared.kind()) {
        case AUDIO -> "audio";
        case PICTURE -> "picture";
        case FILE -> "file";
      };
    }
    return TYPES.get(event.getClass());
  }

  private interface Body {
    void write(JsonWriter json) throws IOException;
  }

  /**
   * @param units of what it holds, at least, so that what is large need not grow
   */
  private static String object(int units, Body body) {
    Text text = new Text(units);
    try {
      JsonWriter json = new JsonWriter(text);
      json.beginObject();
      body.write(json);
      json.endObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString();
  }

  /** A {@link java.io.StringWriter} without its lock. */
  private static final class Text extends Writer {
    private static final int USUAL_UNITS = 256;

    private final StringBuilder text;

    Text(int units) {
      text = new StringBuilder(USUAL_UNITS + units);
    }

    @Override
    public void write(int unit) {
      text.append((char) unit);
    }

    @Override
    public void write(String part) {
      text.append(part);
    }

    @Override
    public void write(String part, int from, int length) {
      text.append(part, from, from + length);
    }

    @Override
    public void write(char[] part, int from, int length) {
      text.append(part, from, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
