package im.xpro.xnest.protocol;

import java.time.Instant;

/**
 * One event as one room sends it.
 *
 * @param from the member concerned; for what is meant for one member alone, except a private
 *     message, that member (PROTOCOL section 2)
 * @param time taken once per event
 */
public record Frame(MemberId from, RoomId room, Event event, Instant time) {}
