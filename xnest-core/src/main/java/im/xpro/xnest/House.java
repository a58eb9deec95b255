package im.xpro.xnest;

import im.xpro.xnest.protocol.CommandParser;
import im.xpro.xnest.protocol.FrameWriter;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all rooms of one {@link Xnest} share.
 *
 * @param executor runs the rooms' turns
 * @param policy null if the same holds in all rooms
 * @param blobIds each new one with at least 128 random bits
 * @param takesMedia whether media have a URL
 */
record House(
    Limits limits,
    CommandParser parser,
    FrameWriter writer,
    InstantSource clock,
    Timer timer,
    Executor executor,
    Storage storage,
    Filters filters,
    Bots bots,
    @Nullable RoomPolicy policy,
    Tails tails,
    Supplier<String> blobIds,
    boolean takesMedia,
    ShieldedListener listener) {}
