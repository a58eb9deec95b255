package im.xpro.xnest.server.jakarta;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.BlobResponse;
import im.xpro.xnest.server.Blobs;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;

/**
 * Serves blobs (PROTOCOL section 4) at the path that it is mapped to: {@code {path}/{room}/{id}}.
 * Any thread.
 *
 * <pre>{@code
 * servletContext.addServlet("blobs", new BlobServlet(blobs)).addMapping("/blobs/*");
 * }</pre>
 *
 * <p>A response is written on the thread that handles it, which a slow reader holds for as long as
 * the container lets it.
 */
public final class BlobServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  private final transient Blobs blobs;

  /** Serves what is in {@code store}. */
  public BlobServlet(BlobStore store) {
    blobs = new Blobs(Objects.requireNonNull(store, "store"), BlobServlet.class);
  }

  /** Called by the container. */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    BlobResponse answer =
        blobs.answer(
            request.getMethod(),
            request.getServletPath(),
            Requests.path(request),
            Requests.headers(request));
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    BlobResponse.Part body = answer.body();
    if (body != null) {
      body.writeTo(response.getOutputStream());
    }
  }
}
