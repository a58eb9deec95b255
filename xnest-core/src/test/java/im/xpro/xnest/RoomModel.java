package im.xpro.xnest;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A room as it should be: a list of events, who is there after them, and which of them are kept.
 */
final class RoomModel {
  final RoomId id;
  final List<Frame> events = new ArrayList<>();
  final Map<MemberId, String> names = new LinkedHashMap<>();
  final List<HistoryEntry> kept = new ArrayList<>();

  RoomModel(RoomId id) {
    this.id = id;
  }

  /**
   * @param keptAs the sender's name at the time, null if this is not to be kept
   */
  void happens(Frame frame, @Nullable String keptAs) {
    events.add(frame);
    Event event = frame.event();
    if (event instanceof Event.Joined joined) {
      names.put(frame.from(), joined.nickname());
    } else if (event instanceof Event.Renamed renamed) {
      names.replace(frame.from(), renamed.nickname());
    } else if (event instanceof Event.Left) {
      names.remove(frame.from());
    } else if (event instanceof Event.Message message && keptAs != null) {
      kept.add(new HistoryEntry(id, kept.size() + 1, frame.from(), keptAs, message, frame.time()));
    }
  }

  List<Member> membersWith(Member newcomer) {
    List<Member> members = new ArrayList<>();
    names.forEach((id, name) -> members.add(new Member(id, name)));
    members.add(newcomer);
    return members;
  }

  /** The newest that are numbered below {@code before}, as many as a page may hold. */
  List<HistoryEntry> page(long before, Limits limits, FrameWriter writer) {
    int to = (int) Math.max(0, before - 1);
    int from = to;
    int bytes = 1;
    while (from > 0 && to - from < limits.pageEntries()) {
      String json = writer.write(kept.get(from - 1));
      bytes += json.getBytes(StandardCharsets.UTF_8).length + 1;
      if (bytes > limits.pageBytes() && from < to) {
        break;
      }
      from--;
    }
    return List.copyOf(kept.subList(from, to));
  }
}
