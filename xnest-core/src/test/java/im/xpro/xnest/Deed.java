package im.xpro.xnest;

/**
 * One random step. It says who and what by numbers that mean something in any list of deeds, so
 * that others can be left out.
 *
 * @param word makes what is said in it unlike all else
 */
record Deed(What what, int who, int with, int word) {
  enum What {
    ENTER(14),
    LEAVE(4),
    STALL(1),
    SAY(20),
    SAY_MUCH(4),
    RENAME(6),
    WHISPER(9),
    FETCH_PAGE(12),
    SHARE(3),
    TALK_NONSENSE(2),
    FLOOD(1),
    HOLD_STORAGE(4),
    RUN_STORAGE(18),
    LET_STORAGE_GO(1),
    TURN_CLOCK(5),
    STORE_REFUSES(2),
    STORE_KEEPS_AND_FAILS(2),
    STORE_FAILS(2),
    STORE_IS_UNREADABLE(1),
    STORE_IS_READABLE(3),
    SETTLE(1),
    DESERT_ROOM(1),
    CLOSE(1),
    KILL(1);

    final int weight;

    What(int weight) {
      this.weight = weight;
    }
  }

  @Override
  public String toString() {
    return "w%d: %s by %d with %d".formatted(word, what, who, with);
  }
}
