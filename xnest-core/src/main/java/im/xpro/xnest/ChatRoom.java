package im.xpro.xnest;

import im.xpro.xnest.Sanctions.Person;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.Nicknames;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A room as the application sees it: what it may do there from its own code. Only a name: it holds
 * nothing open, and stands for whatever room has that name when it is used.
 *
 * <pre>{@code
 * ChatRoom lobby = xnest.room("lobby");
 * lobby.post("News", "The kitchen is open.");
 * lobby
 *     .participants()
 *     .thenAccept(
 *         all ->
 *             all.stream()
 *                 .filter(one -> one.nickname().equals("Spammer"))
 *                 .forEach(one -> lobby.kick(one.id(), "no advertising", Duration.ofHours(1))));
 * }</pre>
 *
 * <p>Any thread may call any method, from within a listener, a filter or an admission rule too.
 * Nothing here blocks. Answers come on xnest's threads, outside of any room's turn, perhaps before
 * the method returns; what hangs on them must not block, or be given an executor of its own. A
 * listener, a filter or an {@link Outlet} must not wait for one: the room cannot answer before they
 * return.
 *
 * <p>Null, blank and out of range arguments are refused at once, and after {@link Xnest#close} all
 * methods but {@link #id} throw {@link IllegalStateException}.
 */
public final class ChatRoom {
  private static final int MAX_HISTORY = 1_000;

  private final Xnest xnest;
  private final House house;
  private final RoomRegistry rooms;
  private final RoomId id;

  ChatRoom(Xnest xnest, House house, RoomRegistry rooms, RoomId id) {
    this.xnest = xnest;
    this.house = house;
    this.rooms = rooms;
    this.id = id;
  }

  /** Its name. */
  public RoomId id() {
    return id;
  }

  /** Whether a member is there, or waits for its welcome. */
  public boolean isOpen() {
    Room room = room();
    return room != null && room.isOpen();
  }

  /** How many members there are, as {@code member_count} would say; 0 if it is not open. */
  public int size() {
    Room room = room();
    return room == null ? 0 : room.size();
  }

  /** Who is there, in the order in which they joined; empty if it is not open. */
  public CompletionStage<List<Participant>> participants() {
    return ask(room -> room.moderation.participants(), List.of());
  }

  /**
   * Says something to everybody, as a system member of this nickname, and keeps it. In an open room
   * the system member joins with its first words: it is listed and counted, and stays until the
   * last other member has left, unheard then. It does not keep the room open. In a room that is not
   * open the words are kept and nothing else happens: a member who comes finds them in the history.
   * {@link Filter}s are not asked.
   *
   * @param nickname at most {@link Limits#maxNicknameCharacters}; others may have the same
   * @param text at most {@link Limits#maxTextBytes}; what looks like a command is said as it is
   * @return the number of the record that was kept, 0 if the room keeps no history. Fails with
   *     {@link NotPostedException} if nothing was kept, or perhaps; also if there are {@link
   *     Limits#systemMembers} others already
   */
  public CompletionStage<Long> post(String nickname, String text) {
    String name = nickname(nickname);
    text(text);
    CompletableFuture<Long> number = new CompletableFuture<>();
    hold().post(name, text, number);
    return number;
  }

  /**
   * Says something to one member alone, as a system member of this nickname, behind all that it has
   * posted before. It joins as with {@link #post}. Nothing is kept.
   *
   * @return false if nobody there has that id. Fails with {@link NotPostedException} if there are
   *     {@link Limits#systemMembers} others already
   */
  public CompletionStage<Boolean> whisper(String nickname, MemberId to, String text) {
    String name = nickname(nickname);
    Objects.requireNonNull(to, "to");
    text(text);
    Room room = room();
    return room == null ? CompletableFuture.completedStage(false) : room.whisper(name, to, text);
  }

  /**
   * Reads what is kept, whether the room is open or not; what is being said now may be among it.
   *
   * @param before the records below this number, 1 or more; {@link Long#MAX_VALUE} for the newest
   * @param limit 1 to 1,000. Fewer come if there are no more, or if they pass {@link
   *     Limits#pageBytes}
   * @return oldest first; fails with {@link IOException} if the store does, or takes longer than
   *     {@link Limits#storeTime}
   */
  public CompletionStage<List<HistoryEntry>> history(long before, int limit) {
    if (before < 1) {
      throw new IllegalArgumentException("before is " + before + ", must be 1 or more");
    }
    if (limit < 1 || limit > MAX_HISTORY) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 to " + MAX_HISTORY);
    }
    xnest.checkOpen();
    CompletableFuture<List<HistoryEntry>> found = new CompletableFuture<>();
    house
        .storage()
        .page(
            id,
            before,
            limit,
            Runnable::run,
            (entries, failure) -> {
              if (entries != null) {
                house.complete(found, List.copyOf(entries));
              } else {
                house.fail(found, new IOException("the history of room '" + id + "'", failure));
              }
            });
    return found;
  }

  /**
   * Gives a member another nickname, which all hear; neither filters nor its {@link Grant} are
   * asked.
   *
   * @param nickname at most {@link Limits#maxNicknameCharacters}
   * @return false if nobody there has that id, or it is a system member's
   */
  public CompletionStage<Boolean> rename(MemberId member, String nickname) {
    Objects.requireNonNull(member, "member");
    String name = nickname(nickname);
    return ask(room -> room.moderation.rename(member, name), false);
  }

  /**
   * Ends a member's connection, with 1008. What it has said before is still heard, then its leave.
   * It may come back at once.
   *
   * @param reason one line, for its eyes; cut to 123 bytes of UTF-8
   * @return false if nobody there has that id, or it is a system member's
   */
  public CompletionStage<Boolean> kick(MemberId member, String reason) {
    Objects.requireNonNull(member, "member");
    reason(reason);
    return ask(room -> room.moderation.kick(member, reason), false);
  }

  /**
   * As {@link #kick(MemberId, String)}, for all connections of the same person to this room; and
   * keeps that person out of it for some time: refused with 403 and {@code reason}. A person is
   * known by the {@link Grant#identity}, else by the address, which others may share. Without
   * either only this one connection ends.
   *
   * <p>It holds over the room's closing but not over a restart, and for {@link Limits#bans} persons
   * at once: for one more, the one of them whose time ends first may return.
   *
   * @param time by the house's clock, positive
   */
  public CompletionStage<Boolean> kick(MemberId member, String reason, Duration time) {
    Objects.requireNonNull(member, "member");
    reason(reason);
    positive(time);
    return ask(room -> room.moderation.kick(member, reason, time), false);
  }

  /**
   * Lets a person come back, and send again, that was kept out or muted.
   *
   * @param identityOrAddress a {@link Grant#identity}, or an IP address as {@link
   *     java.net.InetAddress#getHostAddress} writes it, with nothing of IPv6 left out
   * @return false if there was nothing to pardon
   */
  public boolean pardon(String identityOrAddress) {
    notBlank("identityOrAddress", identityOrAddress);
    xnest.checkOpen();
    Person known = new Person(false, identityOrAddress);
    boolean pardoned =
        house.sanctions().pardon(id, known)
            | house.sanctions().pardon(id, new Person(true, identityOrAddress));
    ask(
        room -> {
          room.moderation.unmute(known);
          return true;
        },
        false);
    return pardoned;
  }

  /**
   * Takes away a member's right to send, until {@link #unmute}: neither words nor media, nor
   * private ones. It hears an error then. With a {@link Grant#identity} this holds for the person's
   * other connections and returns to this room, in the way of {@link #kick(MemberId, String,
   * Duration)}; else for this stay.
   *
   * @return false if nobody there has that id, or it is a system member's
   */
  public CompletionStage<Boolean> mute(MemberId member) {
    Objects.requireNonNull(member, "member");
    return ask(room -> room.moderation.mute(member, null), false);
  }

  /**
   * As {@link #mute(MemberId)}, for some time.
   *
   * @param time by the house's clock, positive
   */
  public CompletionStage<Boolean> mute(MemberId member, Duration time) {
    Objects.requireNonNull(member, "member");
    positive(time);
    return ask(room -> room.moderation.mute(member, time), false);
  }

  /**
   * Lets a member, and all connections of that person, send again.
   *
   * @return false if nobody there has that id, or it was not muted
   */
  public CompletionStage<Boolean> unmute(MemberId member) {
    Objects.requireNonNull(member, "member");
    return ask(room -> room.moderation.unmute(member), false);
  }

  /**
   * Erases one record, and its media, for good. Members who have seen it keep it on their screens:
   * no event tells them. The same goes for the other ways to erase. Nothing that was said later
   * than this call is erased by it.
   *
   * @param number 1 or more
   * @return how many records were erased: 0 if there was none of that number. Fails with {@link
   *     IOException} if a store does, and then some may be erased; with {@link
   *     UnsupportedOperationException} if the history store cannot erase
   */
  public CompletionStage<Integer> erase(long number) {
    return erase(Erasure.one(number));
  }

  /** Erases all that is kept of this room, as {@link #erase(long)} does. */
  public CompletionStage<Integer> eraseAll() {
    return erase(Erasure.all());
  }

  /** Erases what this member has said during its stay, as {@link #erase(long)} does. */
  public CompletionStage<Integer> eraseFrom(MemberId member) {
    return erase(Erasure.from(member));
  }

  /**
   * Erases what a person has said here at all its stays, as {@link #erase(long)} does.
   *
   * @param identity a {@link Grant#identity}
   */
  public CompletionStage<Integer> eraseOf(String identity) {
    notBlank("identity", identity);
    return erase(Erasure.of(identity));
  }

  private CompletionStage<Integer> erase(Erasure what) {
    CompletableFuture<Integer> count = new CompletableFuture<>();
    hold().erase(what, count);
    return count;
  }

  /** The room of this name, which stays the only one until it is released. */
  private Room hold() {
    xnest.checkOpen();
    Room room = rooms.hold(id);
    if (xnest.isClosing()) {
      rooms.release(room);
      xnest.checkOpen();
    }
    return room;
  }

  /**
   * Lets all members go, with 1001, each once it has heard what became of its words, or after
   * {@link Limits#closeTime}. Who comes next finds the room as it would any other.
   *
   * @param reason one line, for their eyes; cut to 123 bytes of UTF-8
   * @return done when all who were there are gone, at once if it is not open
   */
  public CompletionStage<Void> close(String reason) {
    reason(reason);
    Room room = room();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    if (room == null) {
      gone.complete(null);
    } else {
      String cut = Close.reason(reason);
      room.empty(Close.GOING_AWAY, () -> cut, () -> house.complete(gone, null));
      house
          .timer()
          .after(house.limits().closeTime(), () -> room.cutDismissed(Close.GOING_AWAY, cut));
    }
    return gone;
  }

  /** Its name alone, for logs and messages. */
  @Override
  public String toString() {
    return id.toString();
  }

  private @Nullable Room room() {
    xnest.checkOpen();
    return rooms.get(id);
  }

  private <T> CompletionStage<T> ask(Function<Room, T> question, T ifNotOpen) {
    Room room = room();
    return room == null
        ? CompletableFuture.completedStage(ifNotOpen)
        : room.ask(() -> question.apply(room));
  }

  private String nickname(String nickname) {
    String name = Nicknames.clean(Objects.requireNonNull(nickname, "nickname"));
    int max = house.limits().maxNicknameCharacters();
    if (name.isEmpty() || Nicknames.characters(name) > max) {
      throw new IllegalArgumentException(
          "nickname has " + Nicknames.characters(name) + " characters, must have 1 to " + max);
    }
    return name;
  }

  private void text(String text) {
    notBlank("text", text);
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    int max = house.limits().maxTextBytes();
    if (bytes > max) {
      throw new IllegalArgumentException("text has " + bytes + " bytes, must have 1 to " + max);
    }
  }

  private static void reason(String reason) {
    notBlank("reason", reason);
    if (reason.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("reason has a control character");
    }
  }

  private static void notBlank(String name, String value) {
    if (Objects.requireNonNull(value, name).isBlank()) {
      throw new IllegalArgumentException(name + " is blank");
    }
  }

  private static void positive(Duration time) {
    if (Objects.requireNonNull(time, "time").isNegative() || time.isZero()) {
      throw new IllegalArgumentException("time is " + time + ", must be positive");
    }
  }
}
