package im.xpro.xnest.server.netty;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Passes on one request at a time: those that a client sends ahead wait until the answer before is
 * written, whoever behind this gives it, so that none overtakes another (RFC 9112 section 9.3.2).
 * Meanwhile the channel is not asked to read. On the event loop.
 */
final class InOrder extends ChannelDuplexHandler {
  /** Who sends more of them ahead, or more pieces of bodies, is cut. */
  private static final int MOST_AHEAD = 512;

  private final Queue<Object> ahead = new ArrayDeque<>();

  /** Of the request that was passed on last. */
  private boolean isWhole = true;

  private boolean isAnswered = true;
  private boolean isInterim;

  /** What follows must not be processed (RFC 9112 section 9.6). */
  private boolean isLast;

  private boolean wantsRead;
  private boolean passing;

  private InOrder() {}

  /** Puts one right behind the codec, where all answers come by, unless there is one. */
  static void addTo(ChannelPipeline pipeline) {
    if (pipeline.get(InOrder.class) == null) {
      pipeline.toMap().entrySet().stream()
          .filter(each -> Requests.isCodec(each.getValue()))
          .reduce((first, last) -> last)
          .ifPresent(codec -> pipeline.addAfter(codec.getKey(), null, new InOrder()));
    }
  }

  private boolean waits() {
    return isWhole && !isAnswered;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!waits() && ahead.isEmpty()) {
      pass(ctx, message);
    } else if (ahead.size() < MOST_AHEAD) {
      ahead.add(message);
      if (ahead.size() == 1) {
        stop(ctx.channel().config());
      }
    } else {
      ReferenceCountUtil.release(message);
      ctx.close();
    }
  }

  /** Auto-read keeps a transport reading though nobody asks, until it is turned off. */
  private static void stop(ChannelConfig config) {
    if (config.isAutoRead()) {
      config.setAutoRead(false);
      config.setAutoRead(true);
    }
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    wantsRead = !ahead.isEmpty();
    if (!wantsRead) {
      ctx.read();
    }
  }

  private void readOn(ChannelHandlerContext ctx) {
    if (wantsRead) {
      read(ctx);
    }
  }

  private void pass(ChannelHandlerContext ctx, Object message) {
    if (isLast && isWhole && message instanceof HttpObject) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      isLast |= !HttpUtil.isKeepAlive(request);
      isWhole = false;
      isAnswered = false;
    }
    if (message instanceof LastHttpContent) {
      isWhole = true;
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof HttpResponse head) {
      HttpResponseStatus status = head.status();
      isInterim =
          status.codeClass() == HttpStatusClass.INFORMATIONAL
              && !status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
      isLast |= !isInterim && !HttpUtil.isKeepAlive(head);
    }
    if (!(message instanceof LastHttpContent) || isInterim) {
      ctx.write(message, promise);
      return;
    }
    // the promise may be of another executor, and tell its listeners there
    ChannelFuture written = PromiseNotifier.cascade(ctx.write(message), promise.unvoid());
    written.addListener(
        done -> {
          if (done.isSuccess()) {
            isAnswered = true;
            goOn(ctx);
          }
        });
  }

  private void goOn(ChannelHandlerContext ctx) {
    if (passing) {
      return;
    }
    passing = true;
    while (!waits() && !ahead.isEmpty()) {
      pass(ctx, ahead.remove());
      if (waits() || ahead.isEmpty()) {
        ctx.fireChannelReadComplete();
      }
    }
    passing = false;
    readOn(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
    wantsRead = false;
    ctx.fireChannelInactive();
  }

  /** What is left is for whom it made way. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    while (!ahead.isEmpty()) {
      ctx.fireChannelRead(ahead.remove());
    }
    readOn(ctx);
  }
}
