package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Event.Joined;
import im.xpro.xnest.protocol.Event.Left;
import im.xpro.xnest.protocol.Event.Renamed;
import im.xpro.xnest.protocol.Event.Said;
import im.xpro.xnest.protocol.Event.Shared;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests do this and that, with a store that answers whenever chance lets it. In each room a
 * witness stays from the first to the last; what it heard is the room's list of events, and
 * everybody else must have heard just its part of it.
 */
@DisplayName("§2 one order, gap-free hand-over, the same members, no word to others")
class RandomRoomsTest {
  private static final int STEPS = 300;
  private static final int PAGE = 5;

  private record Asked(long cursor, int heard) {}

  private record Whisper(MemberId to, String text) {}

  private static final class Player {
    final Guest guest;
    final RoomId room;
    final boolean stores;
    boolean left;

    /** What everybody is to hear of it, in this order; ids of blobs are not known beforehand. */
    final List<Event> did = new ArrayList<>();

    final List<Whisper> whispered = new ArrayList<>();

    /** The pages that it waits for, and how many frames it had heard when it asked. */
    final Queue<Asked> asked = new ArrayDeque<>();

    final List<Frame> heard = new ArrayList<>();

    Player(RoomKit kit, RoomId room, String name, boolean stores) {
      this.guest = kit.enter(Entry.of(room, name).withStoresHistory(stores));
      this.room = room;
      this.stores = stores;
      did.add(new Joined(name));
    }
  }

  static List<Long> seeds() {
    return Seeds.some(20);
  }

  private Random random;
  private RoomKit kit;
  private final Map<RoomId, Player> witnesses = new LinkedHashMap<>();
  private final Map<MemberId, Player> players = new LinkedHashMap<>();

  @ParameterizedTest(name = "-Dxnest.seed={0}")
  @MethodSource("seeds")
  void invariantsHoldWhateverHappens(long seed) {
    random = new Random(seed);
    Limits.Builder limits = Limits.builder().pageEntries(PAGE).storeTime(Duration.ofDays(1));
    if (random.nextBoolean()) {
      limits.tailBytes(0);
    }
    kit = RoomKit.create(b -> b.history(new FaultyHistory()).limits(limits.build()));
    for (String name : List.of("lobby", "garden", "roof")) {
      RoomId room = new RoomId(name);
      witnesses.put(room, enter(room, "witness", true));
    }
    kit.storage().hold();
    for (int step = 0; step < STEPS; step++) {
      doSomething(any(players), "word " + step);
    }
    kit.storage().letGo();
    witnesses.keySet().forEach(room -> enter(room, "newcomer", true));

    players.values().forEach(player -> player.heard.addAll(player.guest.hearsAll()));
    players.values().forEach(this::checkWhatItHeard);
    players.values().forEach(this::checkThatNothingItDidIsLost);
  }

  private <T> T any(Map<?, T> map) {
    return List.copyOf(map.values()).get(random.nextInt(map.size()));
  }

  private Player enter(RoomId room, String name, boolean stores) {
    Player player = new Player(kit, room, name, stores);
    players.put(player.guest.id(), player);
    return player;
  }

  private void doSomething(Player player, String word) {
    int what = random.nextInt(20);
    if (what < 5) {
      kit.storage().runNext();
    } else if (what < 6) {
      kit.clock().turn(Duration.ofSeconds(random.nextInt(100)));
    } else if (what < 8) {
      enter(any(witnesses).room, word, random.nextInt(4) > 0);
    } else if (player.left) {
      return;
    } else if (what < 9 && !witnesses.containsValue(player)) {
      player.left = true;
      player.did.add(new Left());
      player.guest.leaves();
    } else if (what < 11) {
      player.did.add(new Renamed(word));
      player.guest.types("@changename:" + word);
    } else if (what < 13) {
      Player to = any(players);
      player.whispered.add(new Whisper(to.guest.id(), word));
      player.guest.types("@to:" + to.guest.id() + "|" + word);
    } else if (what < 15) {
      player.heard.addAll(player.guest.hearsAll());
      Asked page = new Asked(random.nextInt(4), player.heard.size());
      player.asked.add(page);
      player.guest.types("@history:" + page.cursor);
    } else if (what < 16) {
      player.did.add(new Shared(BlobKind.PICTURE, ""));
      player.guest.sends((byte) 2, (byte) 42);
    } else {
      player.did.add(new Said(word));
      player.guest.types(word);
    }
  }

  private void checkWhatItHeard(Player player) {
    List<Frame> heard = player.heard;
    if (heard.isEmpty()) {
      assertThat(player.left).as("it left before it was welcomed").isTrue();
      return;
    }
    List<Frame> all = eventsOf(player.room);
    int start = all.indexOf(heard.get(4));
    assertThat(start).isNotNegative();
    List<Member> members = after(all.subList(0, start + 1)).members();
    List<HistoryEntry> past = after(all.subList(0, start)).kept;
    assertThat(heard.subList(0, 4).stream().map(Frame::event))
        .containsExactly(
            new Event.You(),
            new Event.Counted(members.size()),
            new Event.Listed(members),
            new Event.Past(page(past, past.size(), 0)));
    int next = start;
    int anchor = past.size();
    for (int i = 4; i < heard.size(); i++) {
      Frame frame = heard.get(i);
      if (isForEverybody(frame)) {
        assertThat(frame).isEqualTo(all.get(next++));
      } else if (frame.event() instanceof Event.Past answer) {
        Asked asked = player.asked.remove();
        if (asked.cursor == 0) {
          long then =
              start + heard.stream().limit(asked.heard).filter(this::isForEverybody).count();
          List<HistoryEntry> entries = answer.entries();
          anchor = entries.isEmpty() ? 0 : (int) entries.get(entries.size() - 1).number();
          assertThat(anchor)
              .isBetween(
                  after(all.subList(0, (int) then)).kept.size(),
                  after(all.subList(0, next)).kept.size());
        }
        assertThat(answer.entries()).isEqualTo(page(after(all).kept, anchor, asked.cursor));
      } else if (frame.event() instanceof Event.Whispered whisper) {
        assertThat(players.get(frame.from()).whispered)
            .contains(new Whisper(player.guest.id(), whisper.text()));
      } else {
        assertThat(frame.event()).isInstanceOf(Event.Failed.class);
      }
    }
    assertThat(player.left || next == all.size()).as("it heard all until now").isTrue();
    assertThat(player.left || player.asked.isEmpty()).as("it got all its pages").isTrue();
  }

  private void checkThatNothingItDidIsLost(Player player) {
    MemberId id = player.guest.id();
    assertThat(
            eventsOf(player.room).stream()
                .filter(frame -> frame.from().equals(id))
                .map(
                    frame ->
                        frame.event() instanceof Shared s
                            ? new Shared(s.kind(), "")
                            : frame.event()))
        .isEqualTo(player.did);
    long reached =
        players.values().stream()
            .flatMap(other -> other.heard.stream())
            .filter(f -> f.from().equals(id) && f.event() instanceof Event.Whispered)
            .count();
    long failed = player.heard.stream().filter(f -> f.event() instanceof Event.Failed).count();
    assertThat(player.left || reached + failed == player.whispered.size()).isTrue();
  }

  private boolean isForEverybody(Frame frame) {
    Event event = frame.event();
    return event instanceof Event.Message
        || event instanceof Joined
        || event instanceof Left
        || event instanceof Renamed;
  }

  /** What the witness of a room has heard from its own join on: all of it. */
  private List<Frame> eventsOf(RoomId room) {
    return witnesses.get(room).heard.stream().filter(this::isForEverybody).toList();
  }

  /** What a room comes to after some events: who is there, and what is kept. */
  private record State(Map<MemberId, String> names, List<HistoryEntry> kept) {
    List<Member> members() {
      return names.entrySet().stream().map(e -> new Member(e.getKey(), e.getValue())).toList();
    }
  }

  private State after(List<Frame> events) {
    State state = new State(new LinkedHashMap<>(), new ArrayList<>());
    for (Frame frame : events) {
      MemberId from = frame.from();
      if (frame.event() instanceof Joined joined) {
        state.names.put(from, joined.nickname());
      } else if (frame.event() instanceof Renamed renamed) {
        state.names.put(from, renamed.nickname());
      } else if (frame.event() instanceof Left) {
        state.names.remove(from);
      } else if (frame.event() instanceof Event.Message said && players.get(from).stores) {
        long number = state.kept.size() + 1;
        String name = state.names.get(from);
        state.kept.add(new HistoryEntry(frame.room(), number, from, name, said, frame.time()));
      }
    }
    return state;
  }

  private static List<HistoryEntry> page(List<HistoryEntry> kept, int anchor, long cursor) {
    int to = (int) Math.max(0, anchor - cursor * PAGE);
    return kept.subList(Math.max(0, to - PAGE), to);
  }
}
