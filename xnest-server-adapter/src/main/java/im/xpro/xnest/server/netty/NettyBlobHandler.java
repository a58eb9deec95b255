package im.xpro.xnest.server.netty;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.BlobResponse;
import im.xpro.xnest.server.Blobs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves blobs on a port that serves HTTP already: {@code {base}/{room}/{id}} (PROTOCOL section 4).
 * One for each connection, behind the codec and in front of the application's own handlers, to
 * which all other requests pass on untouched.
 *
 * <pre>{@code
 * channel.pipeline().addLast(
 *     new HttpServerCodec(), chat, new NettyBlobHandler("/blobs/", blobs, disk), theirHandler);
 * }</pre>
 *
 * <p>Blobs are read on {@code disk}, piece by piece, as the peer takes them; 503 says that it takes
 * no more. A peer that takes less than 32 KiB in 10 s is cut. Requests that a client sends ahead
 * wait for the answer before.
 */
public final class NettyBlobHandler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(NettyBlobHandler.class);
  private static final int PIECE_BYTES = 32 << 10;
  private static final int STALL_SECONDS = 10;

  private final String base;
  private final Blobs blobs;
  private final Executor disk;

  /** What is being sent, open; null while it is read, which has it then, and if there is none. */
  private final AtomicReference<@Nullable InputStream> blob = new AtomicReference<>();

  // ---- only on the event loop ----

  /** What follows belongs to a request that is ours. */
  private boolean swallows;

  private boolean keepsAlive;

  /**
   * @param base the path that blobs are mounted at, decoded
   * @param disk reads them, which may block; with some threads, to be shared by all connections
   */
  public NettyBlobHandler(String base, BlobStore blobs, Executor disk) {
    this.base = base.endsWith("/") ? base : base + "/";
    this.blobs = new Blobs(Objects.requireNonNull(blobs, "blobs"), NettyBlobHandler.class);
    this.disk = Objects.requireNonNull(disk, "disk");
  }

  /** Called by Netty. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    InOrder.addTo(ctx.pipeline());
  }

  /** Called by Netty. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request && request.uri().startsWith(base)) {
      swallows = !(message instanceof LastHttpContent);
      keepsAlive = HttpUtil.isKeepAlive(request);
      answer(ctx, request);
      ReferenceCountUtil.release(message);
    } else if (swallows && message instanceof HttpContent) {
      swallows = !(message instanceof LastHttpContent);
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  /** Called by Netty. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    letGo();
  }

  private void answer(ChannelHandlerContext ctx, HttpRequest request) {
    String method = request.method().name();
    String path = request.uri().split("\\?", 2)[0];
    Map<String, List<String>> headers = Requests.headers(request);
    boolean isHead = method.equals("HEAD");
    boolean isTaken =
        disk(
            ctx,
            () -> {
              BlobResponse response = blobs.answer(method, base, path, headers);
              BlobResponse.Part body = response.body();
              if (body != null) {
                blob.set(body.open());
              }
              ctx.executor().execute(() -> send(ctx, response, isHead));
            });
    if (!isTaken) {
      send(ctx, new BlobResponse(503, Map.of(), null), isHead);
    }
  }

  private void send(ChannelHandlerContext ctx, BlobResponse response, boolean isHead) {
    BlobResponse.Part body = response.body();
    HttpResponse head =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()));
    response.headers().forEach(head.headers()::set);
    if (body == null && !isHead && response.status() != 304) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    }
    HttpUtil.setKeepAlive(head, keepsAlive);
    ctx.write(head);
    if (body == null) {
      end(ctx);
    } else {
      readOn(ctx, body.length());
    }
  }

  /** A task that may fail with the disk. */
  private interface Reading {
    void run() throws IOException;
  }

  /**
   * Does {@code reading}; if that fails the peer cannot be given what it was promised.
   *
   * @return false if {@code disk} does not take it
   */
  private boolean disk(ChannelHandlerContext ctx, Reading reading) {
    try {
      disk.execute(
          () -> {
            try {
              reading.run();
            } catch (Throwable failure) {
              log.debug("a blob broke off", failure);
              letGo();
              ctx.close();
            }
          });
      return true;
    } catch (Throwable busy) {
      log.debug("a blob was not read", busy);
      return false;
    }
  }

  private void readOn(ChannelHandlerContext ctx, long left) {
    if (!disk(ctx, () -> read(ctx, left))) {
      letGo();
      ctx.close();
    }
  }

  private void read(ChannelHandlerContext ctx, long left) throws IOException {
    InputStream in = blob.getAndSet(null);
    if (in == null) {
      return;
    }
    byte[] piece;
    try {
      piece = in.readNBytes((int) Math.min(PIECE_BYTES, left));
    } finally {
      blob.set(in);
    }
    long rest = left - piece.length;
    if (rest == 0) {
      letGo();
    }
    ctx.executor().execute(() -> write(ctx, Unpooled.wrappedBuffer(piece), rest));
  }

  private void write(ChannelHandlerContext ctx, ByteBuf piece, long rest) {
    if (rest == 0) {
      ctx.write(new DefaultHttpContent(piece));
      end(ctx);
      return;
    }
    ChannelFuture written = ctx.writeAndFlush(new DefaultHttpContent(piece));
    cutIfStalled(ctx.channel(), written);
    written.addListener(
        done -> {
          if (done.isSuccess()) {
            readOn(ctx, rest);
          } else {
            letGo();
          }
        });
  }

  /** Any thread: closes the blob, unless it is being read: who does that then finds the end. */
  private void letGo() {
    InputStream open = blob.getAndSet(null);
    if (open != null) {
      try {
        open.close();
      } catch (IOException | RuntimeException failure) {
        log.debug("a blob was not closed", failure);
      }
    }
  }

  private static void cutIfStalled(Channel channel, ChannelFuture written) {
    if (!written.isDone()) {
      Future<?> cut =
          channel.eventLoop().schedule(() -> channel.close(), STALL_SECONDS, TimeUnit.SECONDS);
      written.addListener(done -> cut.cancel(false));
    }
  }

  private void end(ChannelHandlerContext ctx) {
    boolean stays = keepsAlive; // once this is written the next request may come
    ChannelFuture last = ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    cutIfStalled(ctx.channel(), last);
    last.addListener(
        done -> {
          if (!stays || !done.isSuccess()) {
            ctx.close();
          }
        });
  }
}
