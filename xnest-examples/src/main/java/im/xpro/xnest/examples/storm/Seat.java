package im.xpro.xnest.examples.storm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import im.xpro.xnest.examples.storm.Ledger.Event;
import im.xpro.xnest.examples.storm.Ledger.Kept;
import im.xpro.xnest.examples.storm.Ledger.Line;
import im.xpro.xnest.examples.storm.Ledger.Person;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one member hears, held against the {@link Ledger} of its room: a welcome that fits the
 * moment of its join, then each event once and in the room's order, private words that are for it
 * alone, and pages of history without gap or repeat. What it hears ahead of the witness waits.
 */
final class Seat {
  private static final List<String> WELCOME = List.of("self", "member_count", "members", "history");

  /**
   * Pages that it has read, one after the other.
   *
   * @param toTheStart whether there are said to be no records before them
   * @param known how many records there were when it began
   */
  private record Walk(List<Kept> pages, boolean toTheStart, long known) {}

  private final Ledger ledger;
  private final boolean isWitness;
  private final boolean isKept;
  private final boolean isFlooding;

  /** The next line that it is to hear; before its own join is found, one that is not later. */
  private long position;

  private final Deque<Event> ahead = new ArrayDeque<>();
  private final Map<String, Deque<String>> whispers = new HashMap<>();
  private int welcomed;
  private String pid = "";
  private int memberCount;
  private List<Person> members = List.of();
  private List<Kept> newest = List.of();
  private boolean isLocated;
  private boolean isOpen = true;
  private boolean isBroken;
  private long deliveries;

  /** How many records of the history it knows to exist. */
  private long known;

  private long knownWhenAsked;
  private List<Kept> pages = new ArrayList<>();
  private final Deque<Walk> unchecked = new ArrayDeque<>();

  /**
   * Somebody who is about to join.
   *
   * @param isWitness whether it is the first, from whom the ledger gets its order
   * @param isKept whether what it says goes to the history
   * @param isFlooding whether it sends more than is allowed
   */
  Seat(Ledger ledger, boolean isWitness, boolean isKept, boolean isFlooding) {
    this.ledger = ledger;
    this.isWitness = isWitness;
    this.isKept = isKept;
    this.isFlooding = isFlooding;
    position = ledger.end();
    ledger.sits(this);
  }

  String pid() {
    return pid;
  }

  /** Whether it has heard its own join. */
  boolean isWelcome() {
    return welcomed > WELCOME.size();
  }

  boolean isOpen() {
    return isOpen;
  }

  long position() {
    return position;
  }

  /** Events and private words so far. */
  long deliveries() {
    return deliveries;
  }

  /** It hears nothing more. */
  void close() {
    isOpen = false;
    ledger.isGone(pid);
  }

  /** Somebody has sent this to it alone. */
  void isToldBy(String from, String whisper) {
    whispers.computeIfAbsent(from, other -> new ArrayDeque<>()).add(whisper);
  }

  /** It asks for page 0 of the history. */
  void asksForPages() {
    knownWhenAsked = known;
    pages = new ArrayList<>();
  }

  /**
   * It asks for no page more: those that have come are to be checked.
   *
   * @param toTheStart whether there are said to be no records before them
   */
  void hasPages(boolean toTheStart) {
    unchecked.add(new Walk(pages, toTheStart, knownWhenAsked));
  }

  private void broken(String what, Object... values) {
    isBroken = true;
    ledger.broken("%s %s", pid, what.formatted(values));
  }

  /** A frame that came; all of them but errors. */
  void hear(JsonObject frame) {
    String type = frame.get("type").getAsString();
    String from = frame.get("from").getAsString();
    JsonElement payload = frame.get("payload");
    if (!frame.get("xnest").getAsString().equals(ledger.room)) {
      broken("hears of another room: %s", frame);
    } else if (welcomed < WELCOME.size()) {
      welcome(type, payload);
    } else if (type.equals("private")) {
      deliveries++;
      Deque<String> due = whispers.get(from);
      if (due == null || !payload.getAsString().equals(due.poll())) {
        broken("hears a private word that is not for it, or not in its turn: %s", frame);
      }
    } else if (type.equals("history")) {
      pages.addAll(0, records(payload.getAsJsonArray()));
    } else {
      Event event = new Event(from, type, payload.getAsString());
      if (!isWelcome()) {
        welcomed++;
        if (!type.equals("join") || !from.equals(pid)) {
          broken("hears %s where its own join is due", event);
        }
      }
      deliveries++;
      if (isWitness) {
        ledger.append(event);
      }
      ahead.add(event);
      settle();
    }
  }

  private void welcome(String type, JsonElement payload) {
    if (!type.equals(WELCOME.get(welcomed))) {
      broken("hears %s where %s is due", type, WELCOME.get(welcomed));
      welcomed = WELCOME.size();
      return;
    }
    switch (welcomed++) {
      case 0 -> {
        pid = payload.getAsString();
        ledger.enters(pid, isKept, isFlooding);
      }
      case 1 -> memberCount = payload.getAsInt();
      case 2 -> {
        members = new ArrayList<>();
        for (JsonElement one : payload.getAsJsonArray()) {
          JsonObject member = one.getAsJsonObject();
          members.add(
              new Person(member.get("pid").getAsString(), member.get("nickname").getAsString()));
        }
      }
      default -> newest = records(payload.getAsJsonArray());
    }
  }

  private static List<Kept> records(JsonArray page) {
    List<Kept> records = new ArrayList<>();
    for (JsonElement one : page) {
      JsonObject record = one.getAsJsonObject();
      records.add(
          new Kept(
              record.get("from").getAsString(),
              record.get("type").getAsString(),
              record.get("payload").getAsString(),
              record.get("nickname").getAsString()));
    }
    return records;
  }

  /** Holds against the ledger what has been heard, as far as the witness has come. */
  void settle() {
    if (!isLocated && isWelcome() && !isBroken) {
      locate();
    }
    while (isLocated && !isBroken && !ahead.isEmpty() && position < ledger.end()) {
      Line line = ledger.line(position++);
      Event event = ahead.remove();
      known = line.kept();
      if (!line.event().equals(event)) {
        broken(
            "hears %s, %s, where %s is due",
            event, ledger.place(event, position - 1), line.event());
      }
    }
    for (Walk walk = unchecked.peek(); walk != null; walk = unchecked.peek()) {
      String fault = ledger.faultOf(walk.pages, walk.toTheStart, walk.known);
      if (fault == null) {
        break;
      }
      if (!fault.isEmpty()) {
        broken("reads pages of history with a gap or a repeat: %s", fault);
      }
      unchecked.remove();
    }
    if (isBroken) {
      ahead.clear();
      position = ledger.end();
    }
  }

  private void locate() {
    for (; position < ledger.end() && !isLocated; position++) {
      Line line = ledger.line(position);
      if (line.members() != null && line.event().from().equals(pid)) {
        isLocated = true;
        known = line.kept();
        if (memberCount != members.size() || !members.equals(line.members())) {
          broken("is told of %d members %s, there are %s", memberCount, members, line.members());
        } else if (!newest.equals(line.newest())) {
          broken("is welcomed with the history %s, kept was %s", newest, line.newest());
        } else {
          ahead.remove();
        }
      }
    }
  }

  /** Whether all that it has heard has been held against the ledger. */
  boolean isChecked() {
    return ahead.isEmpty() && unchecked.isEmpty();
  }

  /** What is not as it should be once all has been said and heard. */
  List<String> unsettled() {
    List<String> all = new ArrayList<>();
    if (isBroken) {
      return all;
    }
    if (!isChecked()) {
      all.add(pid + " has heard what the witness has not: " + ahead + " " + unchecked);
    } else if (isOpen && position < ledger.end()) {
      all.add(pid + " has not heard " + ledger.line(position).event());
    }
    whispers.forEach(
        (from, due) -> {
          if (isOpen && !due.isEmpty()) {
            all.add(pid + " has not heard what " + from + " told it: " + due);
          }
        });
    return all;
  }
}
