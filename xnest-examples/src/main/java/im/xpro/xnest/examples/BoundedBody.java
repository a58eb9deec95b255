package im.xpro.xnest.examples;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** Reads an answer as bytes, and ends the connection when there are too many. */
final class BoundedBody implements BodySubscriber<byte[]> {
  private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
  private final int max;
  private long read;
  private Subscription connection;

  private BoundedBody(int max) {
    this.max = max;
  }

  static BodyHandler<byte[]> handler(int max) {
    return response -> new BoundedBody(max);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return bytes.getBody();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    connection = subscription;
    bytes.onSubscribe(subscription);
  }

  @Override
  public void onNext(List<ByteBuffer> more) {
    boolean isOver = read > max;
    read += more.stream().mapToLong(ByteBuffer::remaining).sum();
    if (read <= max) {
      bytes.onNext(more);
    } else if (!isOver) {
      connection.cancel();
      bytes.onError(new IOException("the answer has more than " + max + " bytes"));
    }
  }

  @Override
  public void onError(Throwable failure) {
    bytes.onError(failure);
  }

  @Override
  public void onComplete() {
    bytes.onComplete();
  }
}
