package im.xpro.xnest.examples.storm;

import java.util.ArrayList;
import java.util.List;

/**
 * A room and those who stay in it.
 *
 * @param residents the first of them is the ledger's witness
 */
record Room(Ledger ledger, List<Member> residents) {
  Room(Ledger ledger) {
    this(ledger, new ArrayList<>());
  }

  /** Whether others may join: the witness is there. */
  boolean isOpen() {
    return !residents.isEmpty() && residents.get(0).seat().isWelcome();
  }

  /** Whether nobody can tell its order any more. */
  boolean hasLostItsWitness() {
    return !residents.isEmpty() && residents.get(0).isOver();
  }

  /** Whether everything is as it should be, for the one who came last too. */
  boolean isSettled() {
    return residents.get(residents.size() - 1).isLatecomer() && ledger.unsettled().isEmpty();
  }
}
