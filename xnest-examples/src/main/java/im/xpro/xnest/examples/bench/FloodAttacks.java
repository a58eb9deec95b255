package im.xpro.xnest.examples.bench;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Attacks by members who send, ask for or leave unread as much as they can. */
final class FloodAttacks {
  private static final byte[] SHORT =
      Bytes.text("a line of about sixty bytes, as people write in chats");
  private static final byte[] LARGE = Bytes.text("x".repeat(64 << 10));
  private static final byte[] HUGE = Bytes.text("x".repeat(1 << 20));
  private static final byte[] MEDIA = Bytes.frame(Bytes.BINARY, media(8 << 20));

  private FloodAttacks() {}

  private static byte[] media(int size) {
    byte[] content = new byte[size];
    content[0] = 9;
    return content;
  }

  /** Whoever has sent all sends {@code bytes} again. */
  private static void flood(Assault assault, List<Peer> senders, byte[] bytes) throws IOException {
    assault
        .raid()
        .during(
            assault.seconds(),
            () -> senders.stream().filter(Peer::isDrained).forEach(peer -> peer.send(bytes)));
  }

  static void one(Assault assault) throws IOException {
    List<Peer> senders = assault.raid().enter(1, number -> "flood-by-1");
    flood(assault, senders, Bytes.repeat(SHORT, 1_000));
    assault.note(senders.get(0).frames() + " heard");
  }

  static void hundred(Assault assault) throws IOException {
    List<Peer> senders = assault.raid().enter(assault.of(100, 20), number -> "flood-by-100");
    flood(assault, senders, Bytes.repeat(SHORT, 1_000));
    assault.note(senders.get(0).frames() + " heard by each");
  }

  /** 1 MiB each, the largest texts that there may be. */
  static void large(Assault assault) throws IOException {
    List<Peer> senders = assault.raid().enter(assault.of(100, 20), number -> "large" + number);
    flood(assault, senders, HUGE);
    assault.note(senders.stream().mapToLong(Peer::frames).sum() + " heard");
  }

  static void pages(Assault assault) throws IOException {
    RoomAttacks.fill(assault, "pages", "x".repeat(20_000), 50);
    List<Peer> askers = assault.raid().enter(assault.of(100, 20), number -> "pages");
    byte[] requests = Bytes.join(Bytes.text("@history:0"), Bytes.text("@history:1"));
    flood(assault, askers, Bytes.repeat(requests, 100));
    assault.note(askers.stream().mapToLong(Peer::frames).sum() + " frames");
  }

  static void unreadRoom(Assault assault) throws IOException {
    Witness witness = assault.enter("unread");
    int count = assault.of(200, 20);
    List<Peer> silent = assault.raid().enterWithoutReading(count, number -> "unread");
    List<Peer> senders = assault.raid().enter(1, number -> "unread");
    flood(assault, senders, LARGE);
    assault
        .raid()
        .until(
            () -> {
              senders.stream().filter(Peer::isDrained).forEach(peer -> peer.send(LARGE));
              return witness.members().size() == 2;
            },
            30);
    assault.check(
        witness.members().size() == 2, witness.members().size() - 2 + " do not read and stay");
    silent.forEach(Peer::close);
    senders.forEach(Peer::close);
    assault.checkMembers("unread", List.of(witness));
  }

  /** Nothing that waits is shared between those who do not read. */
  static void unreadRooms(Assault assault) throws IOException {
    int count = assault.of(100, 10);
    assault.raid().enterWithoutReading(count, number -> "unread" + number);
    List<Peer> senders = assault.raid().enter(count, number -> "unread" + number);
    flood(assault, senders, LARGE);
    assault.note(senders.stream().mapToLong(Peer::frames).sum() + " frames");
  }

  static void unreadPrivate(Assault assault) throws IOException {
    Witness witness = assault.enter("unread-private");
    int count = assault.of(100, 10);
    assault.raid().enterWithoutReading(count, number -> "unread-private");
    assault.raid().until(() -> witness.members().size() == count + 1, 30);
    List<byte[]> words = new ArrayList<>();
    for (String pid : witness.members()) {
      words.add(Bytes.text("@to:" + pid + "|" + "x".repeat(64 << 10)));
    }
    List<Peer> senders = assault.raid().enter(assault.of(20, 5), number -> "unread-private");
    int[] next = {0};
    assault
        .raid()
        .during(
            assault.seconds(),
            () ->
                senders.stream()
                    .filter(Peer::isDrained)
                    .forEach(peer -> peer.send(words.get(next[0]++ % words.size()))));
  }

  /** Pages are each asker's own. */
  static void unreadPages(Assault assault) throws IOException {
    RoomAttacks.fill(assault, "unread-pages", "x".repeat(20_000), 50);
    int count = assault.of(100, 10);
    List<Peer> silent = assault.raid().enterWithoutReading(count, number -> "unread-pages");
    byte[] requests = Bytes.repeat(Bytes.text("@history:0"), 20);
    silent.forEach(peer -> peer.send(requests));
    assault.raid().during(assault.seconds(), () -> {});
  }

  static void uploads(Assault assault) throws IOException {
    Witness witness = assault.enter("uploads");
    List<Peer> senders = assault.raid().enter(assault.of(20, 3), number -> "uploads");
    flood(assault, senders, MEDIA);
    boolean stored = assault.raid().until(() -> witness.count("file") > 0, 30);
    assault.check(stored, "nothing was stored");
    assault.note(witness.count("file") + " files");
  }

  static void slowMedia(Assault assault) throws IOException {
    List<String> urls = new ArrayList<>();
    assault
        .raid()
        .enter("slow-media")
        .listen(
            json -> {
              if (json.contains("\"type\":\"file\"")) {
                urls.add(
                    JsonParser.parseString(json).getAsJsonObject().get("payload").getAsString());
              }
            })
        .send(MEDIA);
    assault.check(assault.raid().until(() -> !urls.isEmpty(), 30), "nothing was stored");
    URI media = URI.create(urls.get(0));
    InetSocketAddress page = new InetSocketAddress(media.getHost(), media.getPort());
    byte[] request =
        Bytes.ascii("GET " + media.getRawPath() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i < assault.of(100, 10); i++) {
      Peer reader = assault.raid().connect(page, 4 << 10);
      reader.stopReading();
      reader.send(request);
    }
    assault.raid().during(assault.seconds(), () -> {});
    assault.check(assault.server().metric("xnest_rooms") > 0, "no metrics");
  }
}
