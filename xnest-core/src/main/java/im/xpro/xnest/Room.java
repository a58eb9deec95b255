package im.xpro.xnest;

import static java.util.stream.Collectors.toCollection;

import im.xpro.xnest.Seat.Request;
import im.xpro.xnest.history.Erasure;
import im.xpro.xnest.protocol.Command;
import im.xpro.xnest.protocol.Member;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One room: who comes and goes. Everything below the line runs in this room's mailbox, one task at
 * a time; nothing there blocks. The methods above it may be called from any thread.
 *
 * <p>What members ask for goes to its {@link Clerk}; what they hear is a fold of an ordered stream
 * of events, kept by its {@link Audience}.
 */
final class Room {
  static final String NOT_NOW = "the room cannot be opened now";
  static final String UNREADABLE = "the room's history cannot be read now";

  /** With more members a turn may take longer than a thread that reads should be away. */
  private static final int MANY = 256;

  private static final String UNERASED = "the store does not answer: perhaps some is erased";

  final RoomId id;
  private final House house;
  private final Consumer<Room> closing;
  private final Mailbox mailbox;
  private final Gate gate;

  /** How many members there are, as far as the mailbox has come. */
  private volatile int size;

  /** How many people there are or will be, as far as the mailbox has come. */
  private volatile int people;

  /** Change only when it opens. */
  private volatile RoomOptions options;

  /**
   * @param closing takes back the hold that a seat has on its room
   */
  Room(RoomId id, House house, Consumer<Room> closing) {
    this.id = id;
    this.house = house;
    this.closing = closing;
    this.mailbox =
        new Mailbox(
            house.executor(),
            this::endTurn,
            failure -> house.listener().failed("a task of room '" + id + "'", failure));
    this.options = RoomOptions.of(house.limits());
    this.gate = new Gate(house.limits(), house.clock().millis());
    this.past = new RoomPast(this, house, mailbox);
    this.audience = new Audience(this, house);
    this.keeper = new Keeper(this, house, mailbox, audience);
    this.clerk = new Clerk(this, house, mailbox, audience, keeper);
    this.staff = new Staff(this, house, mailbox, audience, keeper);
    this.moderation = new Moderation(this, house, audience, staff);
  }

  /** Whether one more may come, as far as the mailbox has come. Any thread. */
  boolean hasRoomFor(Grant grant) {
    return grant.evenIfFull() || people < options.capacity();
  }

  /** What holds here; before it has opened, what holds in all rooms. Any thread. */
  RoomOptions options() {
    return options;
  }

  /** How many members there are, as far as the mailbox has come. Any thread. */
  int size() {
    return size;
  }

  /** Whether it is there for somebody, not only held. Any thread. */
  boolean isOpen() {
    return isOpen;
  }

  /** As {@link Gate#expect}. Any thread. */
  long expect() {
    return gate.expect(house.clock().millis());
  }

  void enter(Seat seat) {
    mailbox.execute(() -> knock(seat));
  }

  /** Lets somebody go who may not enter. */
  void refuse(Seat seat, String reason) {
    mailbox.execute(() -> turnAway(seat, Close.TRY_AGAIN_LATER, reason));
  }

  void handle(Seat seat, Command command, int bytes) {
    mailbox.execute(
        () -> {
          seat.add(new Request(command, bytes));
          clerk.advance(seat);
        });
  }

  /** As {@link Inlet#batch}. Any thread. */
  void batch(Runnable handingIn, boolean here) {
    mailbox.batch(handingIn, here && size <= MANY && house.filters().isEmpty());
  }

  void leave(Seat seat) {
    mailbox.execute(() -> left(seat));
  }

  /** Ends a member's connection; what it said before is still heard, then its leave. */
  void letGo(Seat seat, int code, String reason) {
    if (seat.inlet.hasLeftNow()) {
      mailbox.execute(() -> cut(seat, code, reason));
    }
  }

  /**
   * Lets somebody go as soon as it has heard what became of its words, or after {@link
   * Limits#closeTime}, and then it is told that nothing is known.
   */
  void dismiss(Seat seat, int code, String reason) {
    mailbox.execute(
        () -> {
          audience.flush();
          sendAway(seat, code, reason);
          if (seat.dismissal != null) {
            house
                .timer()
                .after(
                    house.limits().closeTime(),
                    () -> mailbox.execute(() -> giveUpOn(seat, code, reason)));
          }
        });
  }

  /**
   * Lets everybody go, each as soon as it has heard what became of its words.
   *
   * @param then run when they are gone, and their companions with the last
   */
  void empty(int code, Supplier<String> reason, Runnable then) {
    mailbox.execute(
        () -> {
          audience.flush();
          Set<Seat> all =
              seats().filter(seat -> !seat.isCompanion).collect(toCollection(LinkedHashSet::new));
          farewells.add(new Farewell(all, then));
          all.forEach(seat -> sendAway(seat, code, reason.get()));
          goIfDeserted();
        });
  }

  /** Ends the patience of {@link #empty}: lets go who still waits. */
  void cutDismissed(int code, String reason) {
    mailbox.execute(
        () -> {
          for (Seat seat : List.copyOf(audience.seats())) {
            if (seat.dismissal != null) {
              seat.dismissal = null;
              cut(seat, code, reason);
            }
          }
        });
  }

  /** As {@link #cutDismissed}, and tells all who wait for a store that nothing is known. */
  void giveUp(int code, String reason, Runnable then) {
    mailbox.execute(
        () -> {
          keeper.giveUp();
          staff.giveUp();
        });
    cutDismissed(code, reason);
    mailbox.execute(
        () -> {
          erasures.forEach(count -> house.fail(count, new IOException(UNERASED)));
          farewells.forEach(farewell -> farewell.then.run());
          farewells.clear();
          then.run();
        });
  }

  /** Answers the application in this room's turn. */
  <T> CompletionStage<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    mailbox.execute(() -> answer(question, answer));
    return answer;
  }

  /** Says something to one member, as the application's own voice. */
  CompletionStage<Boolean> whisper(String nickname, MemberId to, String text) {
    CompletableFuture<Boolean> heard = new CompletableFuture<>();
    mailbox.execute(
        () -> {
          try {
            staff.whisper(nickname, to, text, heard);
          } catch (Throwable failure) {
            house.fail(heard, failure);
          }
        });
    return heard;
  }

  /**
   * Says something to everybody, as the application's own voice; takes back the hold with which it
   * was called.
   */
  void post(String nickname, String text, CompletableFuture<Long> number) {
    mailbox.execute(
        () -> {
          try {
            staff.post(nickname, text, number);
          } catch (Throwable failure) {
            house.fail(number, failure);
          } finally {
            release();
          }
        });
  }

  /** Tells, in the room's turn, who is there; nobody if {@code asker} is not. */
  void participants(Seat asker, Consumer<List<Participant>> then) {
    mailbox.execute(() -> then.accept(asker.present ? audience.participants() : List.of()));
  }

  /**
   * Erases entries up to the newest that was heard, and their media, behind what is on its way to
   * the store; takes back the hold with which it was called.
   *
   * @param count told how many entries are erased
   */
  void erase(Erasure what, CompletableFuture<Integer> count) {
    mailbox.execute(
        () -> {
          erasures.add(count);
          keeper.whenSettled(
              () -> past.erase(what, (erased, failure) -> erased(count, erased, failure)));
        });
  }

  /** The newest page is wanted elsewhere in memory. */
  void dropTail() {
    mailbox.execute(past::drop);
  }

  // ---- mailbox only ----

  final RoomPast past;
  private final Keeper keeper;
  private final Audience audience;
  private final Clerk clerk;
  final Staff staff;
  final Moderation moderation;

  /** They wait for their turn to join. */
  private final Queue<Seat> knocking = new ArrayDeque<>();

  /** They wait for the newest page. */
  private final Queue<Seat> arriving = new ArrayDeque<>();

  private volatile boolean isOpen;

  /** Holds on this room that are to be taken back. */
  private int owed;

  /** Some who were let go, and what follows when all of them are gone. */
  private record Farewell(Set<Seat> leaving, Runnable then) {}

  private final List<Farewell> farewells = new ArrayList<>(0);

  /** They wait for a store. */
  private final Set<CompletableFuture<Integer>> erasures = new HashSet<>(0);

  /** All who are there or wait for their welcome. */
  Stream<Seat> seats() {
    return Stream.of(knocking, arriving, audience.seats()).flatMap(Collection::stream);
  }

  private <T> void answer(Supplier<T> question, CompletableFuture<T> answer) {
    try {
      house.complete(answer, question.get());
    } catch (Throwable failure) {
      house.fail(answer, failure);
    }
  }

  private void erased(
      CompletableFuture<Integer> count, @Nullable Integer erased, @Nullable Throwable failure) {
    erasures.remove(count);
    if (erased != null) {
      house.complete(count, erased);
    } else {
      house.fail(count, Objects.requireNonNull(failure));
    }
    release();
  }

  private void knock(Seat seat) {
    long wait = gate.enter(house.clock().millis());
    if (wait == 0) {
      arrive(seat);
    } else if (wait < 0) {
      turnAway(seat, Close.TRY_AGAIN_LATER, "too many join the room at once");
    } else {
      house.timer().after(Duration.ofMillis(wait), () -> mailbox.execute(() -> itsTurn(seat)));
      knocking.add(seat);
    }
  }

  private void itsTurn(Seat seat) {
    if (knocking.remove(seat)) {
      arrive(seat);
    }
  }

  private void arrive(Seat seat) {
    Instant now = house.clock().instant();
    String why = house.sanctions().whyKeptOut(id, seat.grant, seat.remote, now);
    if (why != null) {
      turnAway(seat, Close.POLICY, Close.reason(why));
      return;
    }
    seat.mutedUntil = house.sanctions().mutedUntil(id, seat.grant, seat.remote, now);
    if (!isOpen && !open()) {
      turnAway(seat, Close.TRY_AGAIN_LATER, NOT_NOW);
      return;
    }
    resize();
    if (!hasRoomFor(seat.grant)) {
      turnAway(seat, Close.TRY_AGAIN_LATER, "the room is full");
      return;
    }
    arriving.add(seat);
    resize();
    pastIsThere();
    if (!seat.present) {
      house.timer().after(house.limits().storeTime(), () -> mailbox.execute(() -> giveUpOn(seat)));
    }
  }

  /** False if it is not known what holds here. */
  private boolean open() {
    if (!learnOptions()) {
      return false;
    }
    isOpen = true;
    house.listener().roomOpened(id);
    house.bots().enter(house, this);
    return true;
  }

  /** Asks what holds here, while it is not open; false if that fails. */
  boolean learnOptions() {
    RoomPolicy policy = house.policy();
    if (policy != null) {
      try {
        options = Objects.requireNonNull(policy.optionsOf(id), "the room policy's answer");
      } catch (Throwable failure) {
        house.listener().failed("asking for the options of room '" + id + "'", failure);
        return false;
      }
      past.keepWithin(options);
    }
    return true;
  }

  private void giveUpOn(Seat seat) {
    if (arriving.remove(seat)) {
      resize();
      turnAway(seat, Close.TRY_AGAIN_LATER, UNREADABLE);
      botsGoOn();
    }
  }

  /** It has not joined, so nobody hears of it. */
  private void turnAway(Seat seat, int code, String reason) {
    seat.hears = false;
    seat.end();
    house.listener().turnedAway(id, reason);
    if (seat.inlet.hasLeftNow()) {
      audience.close(seat, code, reason);
    }
    isGone(seat);
    release();
  }

  /** Welcomes who waits for the newest page; asks for it first if it is not in memory. */
  void pastIsThere() {
    Page newest = past.newest();
    if (newest == null && (!arriving.isEmpty() || staff.waitsForThePast())) {
      past.load();
      newest = past.newest();
    }
    if (newest != null && !arriving.isEmpty()) {
      while (!arriving.isEmpty()) {
        letIn(arriving.remove(), newest);
      }
      past.hold();
    }
    resize();
    botsGoOn();
    staff.goOn();
  }

  /** What bots have said waited for the room's past, or is not said as nobody is left. */
  private void botsGoOn() {
    audience.seats().stream()
        .filter(seat -> seat.isCompanion && !seat.lane.isEmpty())
        .toList()
        .forEach(clerk::advance);
  }

  /** Its welcome may be too large for the memory that is left; then nobody has heard of it. */
  private void letIn(Seat seat, Page newest) {
    try {
      welcome(seat, newest);
    } catch (Throwable failure) {
      house.listener().failed("welcoming to room '" + id + "'", failure);
      if (!seat.present) {
        resize();
        turnAway(seat, Close.TRY_AGAIN_LATER, NOT_NOW);
      }
    }
  }

  private void welcome(Seat seat, Page newest) {
    seat.bookmarks = new Bookmarks(options.pageEntries(), house.limits().pageEnds());
    seat.bookmarks.anchorAt(past.last());
    seat.bookmarks.sent(0, newest);
    audience.welcome(seat, newest);
    house.listener().joined(id, audience.member(seat));
    clerk.advance(seat);
  }

  /** Answers what waits in a member's lane, as far as it may be answered now. */
  void advance(Seat seat) {
    clerk.advance(seat);
  }

  private void left(Seat seat) {
    seat.leaving = true;
    audience.deafen(seat);
    if (seat.lane.isEmpty() && knocking.remove(seat)) {
      seat.end();
      isGone(seat);
      release();
    } else {
      clerk.advance(seat);
    }
  }

  private void cut(Seat seat, int code, String reason) {
    audience.close(seat, code, reason);
    left(seat);
  }

  private void sendAway(Seat seat, int code, String reason) {
    if (knocking.remove(seat)) {
      mailbox.execute(() -> turnAway(seat, code, reason));
    } else if (!seat.present || seat.hasNothingLeftToSay()) {
      letGo(seat, code, reason);
    } else if (seat.inlet.hasLeftNow()) {
      seat.dismissal = () -> audience.close(seat, code, reason);
      seat.leaving = true;
    }
  }

  private void giveUpOn(Seat seat, int code, String reason) {
    if (seat.dismissal != null) {
      keeper.giveUp(seat);
      seat.dismissal = null;
      cut(seat, code, reason);
    }
  }

  /** All that a member said is heard: now its leave. */
  void depart(Seat seat) {
    if (seat.dismissal != null) {
      audience.flush();
      seat.dismissal.run();
      seat.dismissal = null;
    }
    Member member = audience.member(seat);
    audience.dismiss(seat);
    house.listener().left(id, member);
    resize();
    if (!seat.isCompanion) {
      isGone(seat);
      release();
    }
  }

  private void isGone(Seat seat) {
    farewells.forEach(farewell -> farewell.leaving.remove(seat));
  }

  /** Lets a companion in, while the room is open. Mailbox only. */
  void accompany(Seat companion) {
    audience.place(companion);
    resize();
    house.listener().joined(id, audience.member(companion));
  }

  private void resize() {
    people = audience.people() + arriving.size();
    size = audience.size();
  }

  /** Takes back one hold. Mailbox only. */
  void release() {
    owed++;
    goIfDeserted();
  }

  /** Whether there are companions at most. */
  boolean isDeserted() {
    return people == 0;
  }

  /**
   * Companions do not keep the room open, but it waits until what they have said is kept: another
   * room of this name would number its messages anew.
   */
  void goIfDeserted() {
    if (isDeserted()) {
      if (!audience.seats().stream().allMatch(Seat::hasNothingLeftToSay)
          || !staff.hasNothingLeftToSay()) {
        return;
      }
      audience.disperse();
      staff.disperse();
      resize();
      if (isOpen) {
        isOpen = false;
        house.listener().roomClosed(id);
      }
    }
    for (; owed > 0; owed--) {
      closing.accept(this);
    }
    farewells.removeIf(this::isOver);
  }

  private boolean isOver(Farewell farewell) {
    boolean over = farewell.leaving.isEmpty();
    if (over) {
      farewell.then.run();
    }
    return over;
  }

  /** Nobody holds this room any more. */
  void closed() {
    mailbox.execute(past::close);
  }

  private void endTurn() {
    try {
      keeper.handOver();
    } finally {
      audience.flush();
    }
  }
}
