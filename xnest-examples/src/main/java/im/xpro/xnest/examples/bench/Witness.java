package im.xpro.xnest.examples.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Listens to a room from its welcome on, and knows what is said and who is there. */
final class Witness implements Consumer<String> {
  private final List<String> types = new ArrayList<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Set<String> members = new LinkedHashSet<>();
  private final List<String> texts = new ArrayList<>();
  private String self = "";
  private int welcomed = -1;
  private String problem = "";

  @Override
  public void accept(String json) {
    JsonObject frame = JsonParser.parseString(json).getAsJsonObject();
    String type = frame.get("type").getAsString();
    String from = frame.get("from").getAsString();
    JsonElement payload = frame.get("payload");
    counts.merge(type, 1, Integer::sum);
    if (types.size() < 5) {
      types.add(type);
    }
    switch (type) {
      case "self" -> self = payload.getAsString();
      case "member_count" -> welcomed = payload.getAsInt();
      case "members" -> welcome(payload);
      case "history" -> payload.getAsJsonArray().forEach(each -> hear(each.getAsJsonObject()));
      case "join" -> expect(members.add(from) || from.equals(self), from + " joined twice");
      case "leave" -> expect(members.remove(from), from + " left and was not there");
      case "normal" -> hear(frame);
      default -> expect(!from.isEmpty(), "a frame of nobody");
    }
  }

  private void welcome(JsonElement list) {
    list.getAsJsonArray().forEach(each -> members.add(pid(each)));
    expect(members.size() == welcomed, "member_count is " + welcomed + " for " + list);
    expect(members.contains(self), "not among the members itself");
  }

  private static String pid(JsonElement member) {
    return member.getAsJsonObject().get("pid").getAsString();
  }

  private void hear(JsonObject said) {
    texts.add(said.get("payload").getAsString());
  }

  private void expect(boolean isTrue, String otherwise) {
    if (!isTrue && problem.isEmpty()) {
      problem = otherwise;
    }
  }

  String self() {
    return self;
  }

  /** Types of the first five frames. */
  List<String> firstTypes() {
    return types;
  }

  /** Ids of who is there. */
  Set<String> members() {
    return members;
  }

  /** What was said, that in the history first. */
  List<String> texts() {
    return texts;
  }

  int count(String type) {
    return counts.getOrDefault(type, 0);
  }

  /** The first thing that was wrong; empty if nothing was. */
  String problem() {
    return problem;
  }
}
