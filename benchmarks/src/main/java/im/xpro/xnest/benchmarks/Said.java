package im.xpro.xnest.benchmarks;

import com.google.gson.JsonObject;

/** What the peers' servers tell a room, alike for all. */
final class Said {
  private Said() {}

  static String json(String from, String room, String text) {
    JsonObject frame = new JsonObject();
    frame.addProperty("from", from);
    frame.addProperty("xnest", room);
    frame.addProperty("type", "normal");
    frame.addProperty("payload", text);
    frame.addProperty("send_time", "2015-4-8 14:2:6");
    return frame.toString();
  }
}
