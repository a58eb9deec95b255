package im.xpro.xnest.server.spring;

import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.server.jakarta.BlobServlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.springframework.web.HttpRequestHandler;

/**
 * Serves media (PROTOCOL section 4) at {@code {path}/{room}/{id}} of an application of Spring MVC,
 * to be mapped as {@link ChatHandler} shows. Writes on the request's thread, which a slow reader
 * holds for as long as the container lets it. Any thread.
 */
@SuppressWarnings("exports") // modules that use this require Spring; others need not
public final class MediaHandler implements HttpRequestHandler {
  private final BlobServlet blobs;
  private final String path;

  /**
   * Serves what is in {@code store}.
   *
   * @param path in the application, such as {@code /blobs}
   */
  public MediaHandler(BlobStore store, String path) {
    this.blobs = new BlobServlet(store);
    this.path = Objects.requireNonNull(path, "path");
  }

  /** Called by Spring. */
  @Override
  public void handleRequest(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    HttpServletRequest below =
        new HttpServletRequestWrapper(request) {
          @Override
          public String getServletPath() {
            return path;
          }
        };
    blobs.service(below, response);
  }
}
