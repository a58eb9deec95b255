package im.xpro.xnest.history;

/** What a store promises of a batch once {@code append} has returned. */
public enum Durability {
  /** It is in this process's memory, and gone with it. */
  MEMORY,
  /** It survives the end of this process, however sudden; not that of the machine. */
  SURVIVES_KILL,
  /** It survives a power cut too, as far as the disks tell the truth. */
  SURVIVES_POWER_CUT,
  /** The store cannot tell. */
  UNKNOWN
}
