package im.xpro.xnest;

import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.Nicknames;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/** The bots of a house, which enter each room that opens. */
final class Bots {
  record Named(String nickname, Bot bot) {}

  private final List<Named> bots;
  private final Executor threads;

  Bots(List<Named> bots, Executor threads, Limits limits) {
    bots.forEach(named -> nickname(named.nickname, limits.maxNicknameCharacters()));
    this.bots = List.copyOf(bots);
    this.threads = threads;
  }

  /** Seats all in a room, in its turn. */
  void enter(House house, Room room) {
    for (Named named : bots) {
      try {
        enter(house, room, named);
      } catch (Throwable failure) {
        house.listener().failed("seating a bot in room '" + room.id + "'", failure);
      }
    }
  }

  private void enter(House house, Room room, Named named) {
    MemberId id = house.newMember();
    String who = "bot '" + named.nickname + "' in room '" + room.id + "'";
    Hearing hearing = new Hearing(id, who, threads, house);
    Entry entry = Entry.of(room.id, named.nickname);
    Seat seat = new Seat(house, room, id, entry, named.nickname, hearing, true);
    room.accompany(seat);
    hearing.begin(named.bot, new Voice(house, room, seat, hearing));
  }

  /**
   * A bot's nickname, cleaned.
   *
   * @throws IllegalArgumentException if it has no character then, or more than {@code max}
   */
  static String nickname(String wished, int max) {
    String cleaned = Nicknames.clean(Objects.requireNonNull(wished, "nickname"));
    int characters = Nicknames.characters(cleaned);
    if (characters < 1 || characters > max) {
      throw new IllegalArgumentException(
          "nickname has " + characters + " characters, must have 1 to " + max);
    }
    return cleaned;
  }
}
