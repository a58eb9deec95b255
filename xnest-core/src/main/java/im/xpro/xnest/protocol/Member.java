package im.xpro.xnest.protocol;

/**
 * Somebody in a room, as the others see them. Two members may have the same nickname.
 *
 * @param nickname cleaned by {@link Nicknames#clean}, not empty
 */
public record Member(MemberId id, String nickname) {}
