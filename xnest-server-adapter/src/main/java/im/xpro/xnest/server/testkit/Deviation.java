package im.xpro.xnest.server.testkit;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a server library may keep an adapter from doing, and what a peer observes instead, which the
 * {@link ServerContract} then checks.
 */
public enum Deviation {
  /** Reading cannot be paused. */
  NO_BACK_PRESSURE(
      "slows down who sends too fast",
      "whoever has more than `inletMessages` or `inletBytes` waiting is closed with 1008"),

  /** Long text messages go out in several frames. */
  FRAGMENTS(
      "sends each frame whole",
      "what is longer than the server's buffer comes in fragments, which some old clients drop"),

  /** The server parses requests. */
  OWN_HANDSHAKE_LIMIT(
      "refuses a large handshake with 431", "a limit of the server's, with its own answer"),

  /** The server counts fragments, or nobody does. */
  ANY_FRAGMENTS(
      "bounds the fragments of a message",
      "a message may have any number of empty ones, until `silence` ends it"),

  /** The server answers pings. */
  ANY_PINGS("bounds pings by `pingRate`", "all are answered"),

  /** The server keeps frames until they are whole. */
  ANY_UPLOADS("bounds what all peers together have not finished", "`unfinishedBytes` is not kept"),

  /** What waits for one peer is bounded, and the number of peers. */
  ANY_BACKLOG("bounds what waits for all peers together", "`allOutboxBytes` is not kept"),

  /** The server parses frames. */
  OWN_CLOSE_CODES("closes broken frames with 1002", "closed with a code of the server's choice"),

  /** The server does not read on behind its close frame. */
  HANGS_UP(
      "lets a peer that goes on sending read the close frame",
      "its connection may be reset before it has read it");

  private final String ability;
  private final String instead;

  Deviation(String ability, String instead) {
    this.ability = ability;
    this.instead = instead;
  }

  /** What others can, in a few words, as a table's heading. */
  public String ability() {
    return ability;
  }

  /** What happens in place of it. */
  public String instead() {
    return instead;
  }

  /** A line of a table in Markdown: the server's name, and for each ability yes or no. */
  public static String row(String server, Set<Deviation> deviations) {
    return Arrays.stream(values())
        .map(one -> deviations.contains(one) ? "no" : "yes")
        .collect(Collectors.joining(" | ", "| " + server + " | ", " |"));
  }
}
